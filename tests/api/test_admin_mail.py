"""Letters looked at, and tried, by operators."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from authserver.clock import FrozenClock
from authserver.core.specimens import NAMES, NO_TOKEN
from authserver.http.language import LANGUAGES
from authserver.models import OutboxLetter, SecurityEvent
from authserver.services import Services
from tests.house.source import ROOT
from tests.support.caller import PASSWORD, Caller

Enter = Callable[[str], Caller]
PREVIEW = "/admin/mail/preview"
TEST = "/admin/mail/test"


@pytest.fixture
def enter(
    app: Flask, clock: FrozenClock, services: Services, db: Any
) -> Iterator[Enter]:
    """Add somebody with a role and sign them in."""

    def come(role: str) -> Caller:
        email = f"{role}@example.test"
        services.people.add(email=email, password=PASSWORD, verified=True, roles=[role])
        db.session.commit()
        caller = Caller(app, clock)
        caller.sign_in(email)
        return caller

    return come


def waiting(db: Any, to: str) -> list[OutboxLetter]:
    db.session.rollback()
    found = db.session.query(OutboxLetter).filter_by(recipient=to)
    return found.order_by(OutboxLetter.created_at).all()


def test_every_letter_has_a_specimen() -> None:
    files = {path.stem for path in (ROOT / "templates/mail").glob("*.txt")}
    assert files - {"letter", "parts"} == set(NAMES)


def test_every_letter_is_shown_in_every_language_as_both_twins(
    enter: Enter, db: Any
) -> None:
    admin, subjects = enter("admin"), set()
    for letter in NAMES:
        for language in LANGUAGES:
            wish = {"letter": letter, "language": language}
            shown = admin.data(admin.post(PREVIEW, wish))
            assert (shown["letter"], shown["language"]) == (letter, language)
            assert shown["body"].lstrip().lower().startswith("<!doctype html>")
            text = admin.data(admin.post(PREVIEW, {**wish, "form": "text"}))
            assert text["subject"] == shown["subject"]
            assert "https://auth.example.test/" in text["body"]
            assert "<" not in text["body"].replace("<https", "")
            assert "None" not in text["body"]
            subjects.add(shown["subject"])
    assert len(subjects) > len(NAMES) * 4
    assert db.session.query(OutboxLetter).count() == 0


def test_a_preview_by_get_is_the_same_in_the_language_of_the_call(enter: Enter) -> None:
    admin = enter("admin")
    asked = f"{PREVIEW}?letter=new_device&form=text"
    shown = admin.data(admin.get(asked, accept_language="pt-BR"))
    assert (shown["language"], shown["form"]) == ("pt-BR", "text")
    wish = {"letter": "new_device", "form": "text", "language": "pt-BR"}
    again = admin.data(admin.post(PREVIEW, wish))
    assert again["subject"] == shown["subject"]
    assert NO_TOKEN in shown["body"]


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({}, "letter"),
        ({"letter": "../../etc/passwd"}, "letter"),
        ({"letter": "parts"}, "letter"),
        ({"letter": "letter"}, "letter"),
        ({"letter": "magic_link", "language": "../ar"}, "language"),
        ({"letter": "magic_link", "form": "pdf"}, "form"),
        ({"letter": "magic_link", "facts": {}}, "facts"),
    ],
)
def test_what_is_no_letter_is_refused_by_field(
    enter: Enter, wish: dict[str, Any], field: str
) -> None:
    admin = enter("admin")
    answer = admin.post(PREVIEW, wish)
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json["errors"]] == [field]


def test_a_test_letter_goes_through_the_outbox_and_says_that_it_is_one(
    enter: Enter, services: Services, db: Any
) -> None:
    root = enter("super_admin")
    wish = {"letter": "reset_password", "language": "en", "email": "Ops@Example.test"}
    answer = root.post(TEST, wish)
    assert answer.status_code == 202
    assert answer.json["data"] == {
        "letter": "reset_password", "language": "en",
        "email": "ops@example.test", "queued": True,
    }  # fmt: skip
    (row,) = waiting(db, "ops@example.test")
    message = services.outbox.message(row)
    assert message["Subject"].startswith("[Test] ")
    assert NO_TOKEN in message.get_body(("plain",)).get_content()
    event = db.session.query(SecurityEvent).filter_by(event="system:letter:tried").one()
    assert event.actor_id is not None


def test_a_repeated_call_with_its_key_sends_one_letter(enter: Enter, db: Any) -> None:
    root = enter("super_admin")
    wish = {"letter": "magic_link", "email": "ops@example.test"}
    for _ in range(2):
        assert root.post(TEST, wish, idempotency_key="a1").status_code == 202
    assert len(waiting(db, "ops@example.test")) == 1


@pytest.mark.parametrize(
    "email", ["", "nobody", "a@b@c.test", "ops@example.test\nBcc: eve@example.test"]
)
def test_a_test_letter_goes_to_an_address_alone(
    enter: Enter, db: Any, email: str
) -> None:
    root = enter("super_admin")
    answer = root.post(TEST, {"letter": "magic_link", "email": email})
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json["errors"]] == ["email"]
    assert db.session.query(OutboxLetter).count() == 0


def test_only_a_super_admin_sends(enter: Enter, db: Any) -> None:
    admin, editor = enter("admin"), enter("editor")
    wish = {"letter": "magic_link", "email": "ops@example.test"}
    assert admin.post(TEST, wish).status_code == 403
    assert editor.get(f"{PREVIEW}?letter=magic_link").status_code == 403
    assert waiting(db, "ops@example.test") == []
