"""Letters that operators look at, send again, and give up on."""

import threading
import uuid
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from flask import Flask

from authserver.clock import FrozenClock
from authserver.core.outbox_search import LATE, LettersWanted
from authserver.errors import Conflict, NotFound, PermissionMissing
from authserver.models import OutboxLetter, SecurityEvent, User
from authserver.services import Services

HARD = "SMTPRecipientsRefused: {'ada@example.test': (550, b'no such user')}"


@pytest.fixture
def put(services: Services, ada: User, db: Any):
    """Put a letter to Ada into the outbox, in some state; give its id."""

    def make(**changed: Any) -> uuid.UUID:
        services.letters.password_changed(ada)
        db.session.flush()
        known = {one.id for one in db.session.query(OutboxLetter)} - seen
        seen.update(known)
        (key,) = known
        row = db.session.get(OutboxLetter, key)
        for name, value in changed.items():
            setattr(row, name, value)
        db.session.commit()
        return key

    seen: set[uuid.UUID] = set()
    return make


@pytest.fixture
def row(db: Any):
    def read(key: uuid.UUID) -> OutboxLetter | None:
        db.session.rollback()
        db.session.expire_all()
        return db.session.get(OutboxLetter, key)

    return read


def given_up(clock: FrozenClock) -> dict[str, Any]:
    past = clock.now() - timedelta(hours=3)
    return {"status": "failed", "attempts": 12, "last_error": HARD, "not_before": past}


def test_what_was_given_up_goes_again_and_the_log_says_who_did_it(
    services: Services, put: Any, row: Any, db: Any, clock: FrozenClock, ada: User
) -> None:
    key, by = put(**given_up(clock)), uuid.uuid4()
    assert services.outbox.claim() == []
    services.outbox_retry.again(key, by=by, reason="the server is back")
    db.session.commit()
    assert (row(key).status, row(key).attempts) == ("waiting", 0)
    sent: list[EmailMessage] = []
    for one in services.outbox.claim():
        services.outbox.send(one, sent.append)
    db.session.commit()
    assert [one["To"] for one in sent] == ["ada@example.test"]
    (event,) = db.session.query(SecurityEvent).filter_by(event="system:letter:retried")
    assert (event.actor_id, event.user_id) == (by, ada.id)
    assert event.reason == "the server is back"
    assert event.facts == {"letter": "password_changed", "outbox_id": str(key)}


def test_a_letter_that_is_being_sent_or_was_sent_is_left_alone(
    services: Services, put: Any, row: Any, db: Any, clock: FrozenClock
) -> None:
    key, by = put(), uuid.uuid4()
    (held,) = services.outbox.claim()
    db.session.commit()
    until = held.claimed_until
    with pytest.raises(Conflict):
        services.outbox_retry.again(key, by=by)
    assert row(key).claimed_until == until
    services.outbox.send(row(key), [].append)
    db.session.commit()
    with pytest.raises(Conflict):
        services.outbox_retry.again(key, by=by)
    assert row(key).status == "sent"
    with pytest.raises(NotFound):
        services.outbox_retry.again(uuid.uuid4(), by=by)
    db.session.rollback()
    retried = (
        db.session.query(SecurityEvent)
        .order_by(SecurityEvent.id)
        .filter_by(event="system:letter:retried")
    )
    assert retried.count() == 0


def test_a_letter_whose_holder_died_can_be_sent_again(
    services: Services, put: Any, row: Any, db: Any, clock: FrozenClock
) -> None:
    key = put()
    services.outbox.claim()
    db.session.commit()
    clock.advance(seconds=61)
    services.outbox_retry.again(key, by=uuid.uuid4())
    db.session.commit()
    assert row(key).claimed_until is None


def test_four_who_ask_and_send_at_once_send_one_letter(
    services: Services, put: Any, app: Flask, clock: FrozenClock
) -> None:
    key = put(**given_up(clock))
    start, sent, lock = threading.Barrier(4), [], threading.Lock()

    def deliver(message: EmailMessage) -> None:
        with lock:
            sent.append(message["Message-ID"])

    def go() -> None:
        from authserver.models import db

        with app.app_context():
            start.wait()
            for _ in range(5):
                try:
                    services.outbox_retry.again(key, by=uuid.uuid4())
                except Conflict:
                    db.session.rollback()
                db.session.commit()
                claimed = services.outbox.claim()
                db.session.commit()
                for one in claimed:
                    services.outbox.send(one, deliver)
                db.session.commit()

    threads = [threading.Thread(target=go) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(sent) == 1


def test_all_that_were_given_up_go_again_and_no_other(
    services: Services, put: Any, row: Any, db: Any, clock: FrozenClock
) -> None:
    failed = [put(**given_up(clock)) for _ in range(3)]
    later = clock.now() + timedelta(minutes=30)
    waiting = put(attempts=4, not_before=later)
    sent = put(status="sent", message_sealed=None)
    assert services.outbox_retry.all_failed(by=uuid.uuid4(), reason="r") == 3
    db.session.commit()
    assert {row(one).status for one in failed} == {"waiting"}
    assert (row(waiting).attempts, row(waiting).not_before) == (4, later)
    assert row(sent).status == "sent"
    (event,) = db.session.query(SecurityEvent).filter_by(event="system:letters:retried")
    assert event.facts == {"count": 3}


def test_only_what_was_given_up_is_removed(
    services: Services, put: Any, row: Any, db: Any, clock: FrozenClock
) -> None:
    failed, waiting, by = put(**given_up(clock)), put(), uuid.uuid4()
    services.outbox_retry.drop(failed, by=by, reason="no such user")
    db.session.commit()
    assert row(failed) is None
    with pytest.raises(Conflict):
        services.outbox_retry.drop(waiting, by=by)
    assert row(waiting).status == "waiting"
    with pytest.raises(NotFound):
        services.outbox_retry.drop(failed, by=by)
    db.session.rollback()
    (event,) = db.session.query(SecurityEvent).filter_by(event="system:letter:dropped")
    assert event.actor_id == by


def test_letters_are_listed_by_state_kind_and_address(
    services: Services, put: Any, db: Any, clock: FrozenClock
) -> None:
    now = clock.now()
    made = {
        "failed": put(**given_up(clock)),
        "sent": put(status="sent", message_sealed=None, sent_at=now),
        "late": put(not_before=now - LATE - timedelta(seconds=1)),
        "sending": put(claimed_until=now + timedelta(seconds=9)),
        "waiting": put(not_before=now + timedelta(minutes=1), last_error=HARD),
    }

    def found(**wanted: str) -> dict[str, uuid.UUID]:
        page = services.outbox_search.find(
            LettersWanted(**wanted), limit=9, is_whole=True
        )
        return {one.state: one.id for one in page.rows}

    assert found() == made
    for state in ("failed", "sent", "late", "sending"):
        assert found(state=state) == {state: made[state]}
    # Whoever is late or in somebody's hands waits too.
    assert set(found(state="waiting")) == {"waiting", "late", "sending"}
    assert found(letter="password_changed", recipient=" ADA@example.test ") == made
    assert found(letter="magic_link") == found(recipient="bob@example.test") == {}


def test_whoever_may_not_see_people_sees_no_address(
    services: Services, put: Any, clock: FrozenClock
) -> None:
    key = put(**given_up(clock))
    one = services.outbox_search.get(key, is_whole=False)
    assert one.recipient == "a•••@example.test"
    assert one.fault == HARD.replace("ada@", "a•••@")
    assert one.user_id is None
    with pytest.raises(PermissionMissing):
        services.outbox_search.find(
            LettersWanted(recipient="ada@example.test"), limit=9, is_whole=False
        )
    assert services.outbox_search.get(key, is_whole=True).fault == HARD


def test_the_list_goes_on_where_it_ended(
    services: Services, put: Any, clock: FrozenClock
) -> None:
    made = {put() for _ in range(5)}
    seen: list[uuid.UUID] = []
    after = None
    while True:
        page = services.outbox_search.find(
            LettersWanted(), limit=2, after=after, is_whole=True
        )
        seen += [one.id for one in page.rows]
        if page.after is None:
            break
        after = [page.after[0], str(page.after[1])]
    assert len(seen) == 5
    assert set(seen) == made
