"""The outbox at the console: why letters do not go, and what is done about it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from authserver.core.outbox_search import LATE
from authserver.models import OutboxLetter, Role, SecurityEvent
from tests.support.reader import Reader

FAULT = "SMTPRecipientsRefused: <b>ada@example.test</b>"


@pytest.fixture
def root(enter: Callable[..., Reader]) -> Reader:
    return enter("super_admin")


@pytest.fixture
def put(db: Any, clock: Any, services: Any) -> Callable[..., str]:
    """Put a letter into the outbox; give its id."""

    def make(**changed: Any) -> str:
        facts = {
            "letter": "verify_email",
            "recipient": "ada@example.test",
            "status": "failed",
            "attempts": 12,
            "last_error": FAULT,
            "not_before": clock.now(),
            "created_at": clock.now(),
            "message_sealed": "sealed",
        }
        row = OutboxLetter(id=uuid.uuid4(), **facts | changed)
        key = str(row.id)
        db.session.add(row)
        db.session.commit()
        services.overview._kept = None
        return key

    return make


def status_of(db: Any, key: str) -> str | None:
    db.session.rollback()
    db.session.expire_all()
    row = db.session.get(OutboxLetter, uuid.UUID(key))
    return row.status if row else None


def test_an_address_that_there_is_not_is_told_apart(root, put, db):
    key = put(status="refused", attempts=1, last_error="550 5.1.1 <b>nobody</b>")
    stuck = put()
    listed = root.open("/console/outbox?state=refused").document
    assert "Address refused" in listed.get("letter-list").text
    page = root.open(f"/console/outbox/{key}").document
    assert "550 5.1.1 <b>nobody</b>" in page.get("fault").text
    assert page.find("letter-drop") is not None
    root.link("letter-retry").press("confirm-submit")
    assert (status_of(db, key), status_of(db, stuck)) == ("waiting", "failed")


def test_home_leads_to_what_is_stuck_and_it_is_sent_again(root, put, db):
    key = put()
    put(status="sent", recipient="bob@example.test")
    root.open("/console/overview")
    (link,) = [
        one.get("href")
        for one in root.document.all("a")
        if "outbox?" in one.get("href")
    ]
    listed = root.open(link).document.get("letter-list").text
    assert "ada@example.test" in listed
    assert "bob@example.test" not in listed
    assert "Given up" in listed
    root.open(f"/console/outbox/{key}")
    assert FAULT in root.document.get("fault").text
    root.link("letter-retry").press("confirm-submit")
    assert root.document.get("done").text == "The letter goes within seconds."
    assert status_of(db, key) == "waiting"
    assert not root.has("letter-drop")
    (event,) = db.session.query(SecurityEvent).filter_by(event="system:letter:retried")
    assert event.actor_id is not None


def test_what_is_late_has_a_link_of_its_own(root, put, clock):
    put(status="waiting", not_before=clock.now() - LATE - timedelta(minutes=1))
    root.open("/console/overview")
    links = [one.get("href") for one in root.document.all("a")]
    root.open(next(one for one in links if "state=late" in one))
    assert "Late" in root.document.get("letter-list").text


def test_a_letter_that_is_sent_meanwhile_is_not_sent_again(root, put, db):
    key = put()
    root.open(f"/console/outbox/{key}/retry")
    db.session.get(OutboxLetter, uuid.UUID(key)).status = "sent"
    db.session.commit()
    assert root.press("confirm-submit").status == 409
    assert status_of(db, key) == "sent"


def test_all_go_again_with_a_reason_and_a_fresh_proof(root, put, db, clock):
    keys = [put(), put()]
    root.open("/console/outbox").link("retry-all")
    assert root.press("confirm-submit").status == 422
    assert {status_of(db, key) for key in keys} == {"failed"}
    root.fill(reason="the server is back").press("confirm-submit")
    assert root.document.get("done").text == "Letters that go again: 2."
    assert {status_of(db, key) for key in keys} == {"waiting"}
    (event,) = db.session.query(SecurityEvent).filter_by(event="system:letters:retried")
    assert (event.reason, event.facts) == ("the server is back", {"count": 2})
    clock.advance(minutes=11)
    assert root.open("/console/outbox/retry-failed").path == "/reauth"


def test_one_is_removed_with_a_reason(root, put, db):
    key = put()
    root.open(f"/console/outbox/{key}").link("letter-drop")
    assert root.press("confirm-submit").status == 422
    root.fill(reason="no such person").press("confirm-submit")
    assert root.path == "/console/outbox"
    assert status_of(db, key) is None
    assert root.open(f"/console/outbox/{key}").status == 404


def test_a_wrong_filter_is_said_and_nothing_breaks(root, put):
    put()
    assert root.open("/console/outbox?state=lost").status == 422
    assert root.has("error-summary")
    assert root.open("/console/outbox?letter=magic_link").has("empty")


def test_whoever_may_not_see_people_gets_masked_addresses(enter, put, services, db):
    row = Role(name="postman", permissions=["mail:read"], is_system_role=False)
    row.created_at = row.updated_at = services.clock.now()
    db.session.add(row)
    db.session.commit()
    services.roles.forget()
    key, postman = put(), enter("postman")
    postman.open("/console/outbox")
    assert "a•••@example.test" in postman.text
    postman.open(f"/console/outbox/{key}")
    assert "ada@" not in postman.answer.text
    assert not postman.has("letter-retry")
    assert postman.open("/console/outbox?recipient=ada@example.test").status == 403
