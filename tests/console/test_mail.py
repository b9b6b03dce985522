"""Letters at the console: looked at in each language, and sent to be tried."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from authserver.core.specimens import NAMES
from authserver.http.language import LANGUAGES
from authserver.models import OutboxLetter, SecurityEvent
from tests.support.reader import Reader


@pytest.fixture
def root(enter: Callable[..., Reader]) -> Reader:
    return enter("super_admin")


def waiting(db: Any, to: str) -> list[OutboxLetter]:
    db.session.rollback()
    found = db.session.query(OutboxLetter).filter_by(recipient=to)
    return found.order_by(OutboxLetter.created_at).all()


@pytest.mark.parametrize("letter", NAMES)
def test_every_letter_is_shown_in_every_language(root, letter):
    subjects = set()
    for language in LANGUAGES:
        root.open(f"/console/mail?letter={letter}&language={language}")
        assert root.status == 200
        subjects.add(root.document.get("letter-subject").text)
        assert root.document.get("letter-text").text
    assert len(subjects) > 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_html_twin_stands_in_a_frame_that_may_do_nothing(root, scheme):
    root.open("/console/mail?letter=verify_email&language=en")
    frame = root.document.get(f"letter-html-{scheme}")
    assert frame.has("sandbox")
    page = root.open(frame.get("src"))
    policy = page.answer.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox; default-src 'none'")
    assert "482913" in page.answer.text
    # It is as somebody sees it in this scheme, whichever the operator's own is.
    assert "prefers-color-scheme" not in page.answer.text
    assert ("@media all{" in page.answer.text) is (scheme == "dark")
    assert ("@media not all{" in page.answer.text) is (scheme == "light")


def test_a_letter_that_is_not_there_is_said_and_nothing_breaks(root):
    for query in ("letter=../../etc/passwd", "letter=parts", "language=xx"):
        assert root.open(f"/console/mail?{query}").status == 422
        assert root.has("error-summary")
        assert root.open(f"/console/mail/html?{query}").status == 200


def test_a_test_letter_goes_into_the_outbox_and_the_log(root, db):
    root.open("/console/mail?letter=reset_password&language=es").link("mail-test")
    assert root.press("mail-submit").status == 422
    assert root.has("email-error")
    root.fill(email="Ops@Example.test").press("mail-submit")
    assert "waits to be sent" in root.document.get("done").text
    (row,) = waiting(db, "ops@example.test")
    assert row.letter == "reset_password"
    (event,) = db.session.query(SecurityEvent).filter_by(event="system:letter:tried")
    assert event.actor_id is not None


def test_what_is_no_address_gets_nothing(root, db):
    root.open("/console/mail/test").fill(email="nobody").press("mail-submit")
    assert root.status == 422
    assert root.has("email-error")
    assert waiting(db, "nobody") == []


def test_an_admin_looks_and_is_not_offered_to_send(enter, db):
    admin = enter("admin").open("/console/mail")
    assert admin.status == 200
    assert not admin.has("mail-test")
    told = {"letter": "magic_link", "email": "ops@example.test"}
    admin.open("/account/profile").send("/console/mail/test", **told)
    assert admin.status == 403
    assert waiting(db, "ops@example.test") == []
