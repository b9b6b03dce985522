"""The outbox by /v1: listed, sent again, removed, by whoever may."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from authserver.models import OutboxLetter, Role, SecurityEvent
from tests.support.caller import PASSWORD, Caller

OUTBOX = "/admin/outbox"


@pytest.fixture
def enter(make_caller, services, db) -> Callable[[str], Caller]:
    """Add somebody with a role and sign them in."""

    def come(role: str) -> Caller:
        email = f"{role}@example.test"
        services.people.add(email=email, password=PASSWORD, verified=True, roles=[role])
        db.session.commit()
        caller = make_caller()
        caller.sign_in(email)
        return caller

    return come


@pytest.fixture
def failed(services, db, clock) -> Callable[[], str]:
    """Put a letter into the outbox that was given up; give its id."""

    def put() -> str:
        who = services.people.add(
            email=f"{uuid.uuid4().hex}@example.test", password=PASSWORD, roles=["user"]
        )
        services.letters.password_changed(who)
        db.session.flush()
        row = db.session.query(OutboxLetter).filter_by(recipient=who.email).one()
        row.status, row.attempts = "failed", 12
        row.last_error = f"SMTPRecipientsRefused: {who.email}"
        db.session.commit()
        return str(row.id)

    return put


def status_of(db: Any, key: str) -> str | None:
    db.session.rollback()
    db.session.expire_all()
    row = db.session.get(OutboxLetter, uuid.UUID(key))
    return row.status if row else None


def test_a_letter_is_found_looked_at_sent_again_and_never_told(enter, failed, db):
    root, key = enter("super_admin"), failed()
    listed = root.data(root.get(f"{OUTBOX}?state=failed&letter=password_changed"))
    (one,) = listed["letters"]
    assert (one["id"], one["state"], one["attempts"]) == (key, "failed", 12)
    assert one == root.data(root.get(f"{OUTBOX}/{key}"))
    assert "message" not in str(sorted(one))
    by_address = root.get(f"{OUTBOX}?recipient={one['recipient']}")
    assert len(root.data(by_address)["letters"]) == 1
    assert root.post(f"{OUTBOX}/{key}/retry", {"reason": "r"}).status_code == 200
    assert status_of(db, key) == "waiting"
    assert root.delete(f"{OUTBOX}/{key}", {}).status_code == 409
    (event,) = db.session.query(SecurityEvent).filter_by(event="system:letter:retried")
    assert (event.reason, event.actor_id is not None) == ("r", True)


def test_all_go_again_by_a_typed_word_and_one_is_removed(enter, failed, db):
    root, keys = enter("super_admin"), [failed(), failed()]
    path = f"{OUTBOX}/retry-failed"
    for wrong in ({}, {"confirm": "all"}, {"confirm": "failed", "more": 1}):
        assert root.post(path, wrong).status_code == 422
    assert root.delete(f"{OUTBOX}/{keys[0]}", {}).status_code == 200
    assert status_of(db, keys[0]) is None
    assert root.data(root.post(path, {"confirm": "failed"})) == {"letters": 1}
    assert status_of(db, keys[1]) == "waiting"


def test_an_admin_looks_and_sends_nothing(enter, failed, db):
    admin, key = enter("admin"), failed()
    assert len(admin.data(admin.get(f"{OUTBOX}?state=failed"))["letters"]) == 1
    assert admin.post(f"{OUTBOX}/{key}/retry").status_code == 403
    assert (
        admin.post(f"{OUTBOX}/retry-failed", {"confirm": "failed"}).status_code == 403
    )
    assert admin.delete(f"{OUTBOX}/{key}", {}).status_code == 403
    assert status_of(db, key) == "failed"


def test_a_role_without_people_sees_masked_addresses(enter, failed, services, db):
    row = Role(name="postman", permissions=["mail:read"], is_system_role=False)
    row.created_at = row.updated_at = services.clock.now()
    db.session.add(row)
    db.session.commit()
    services.roles.forget()
    postman, key = enter("postman"), failed()
    one = postman.data(postman.get(f"{OUTBOX}/{key}"))
    assert one["recipient"].endswith("•••@example.test")
    assert one["user_id"] is None
    assert one["fault"].endswith(one["recipient"])
    found = postman.get(f"{OUTBOX}?recipient=ada@example.test")
    assert found.status_code == 403


@pytest.mark.parametrize(
    "query", ["state=lost", "letter=../../etc", "recipient=a", "cursor=e30", "limit=0"]
)
def test_what_is_no_filter_is_refused_by_field(enter, query):
    answer = enter("admin").get(f"{OUTBOX}?{query}")
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json["errors"]] == [query.split("=")[0]]
