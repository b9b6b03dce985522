"""Mail waits in the database until it is sent, once."""

import threading
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from flask import Flask

from authserver.clock import FrozenClock
from authserver.core.outbox import MAX_ATTEMPTS
from authserver.models import OutboxLetter, User
from authserver.services import Services


@pytest.fixture
def queued(services: Services, ada: User, db: Any) -> OutboxLetter:
    services.letters.password_changed(ada)
    db.session.commit()
    return db.session.query(OutboxLetter).one()


def refuse(message: EmailMessage) -> None:
    raise OSError("no route")


def test_a_letter_goes_with_the_change_it_tells_of(
    services: Services, ada: User, db: Any
) -> None:
    services.letters.password_changed(ada)
    db.session.rollback()
    assert db.session.query(OutboxLetter).count() == 0


def test_a_sent_letter_keeps_no_text(
    services: Services, queued: OutboxLetter, db: Any
) -> None:
    sent: list[EmailMessage] = []
    for row in services.outbox.claim():
        assert services.outbox.send(row, sent.append) is None
    db.session.commit()
    assert [m["To"] for m in sent] == ["ada@example.test"]
    assert (queued.status, queued.message_sealed) == ("sent", None)
    assert not services.outbox.has_due()


def test_a_fault_waits_longer_each_time_and_at_last_gives_up(
    services: Services, queued: OutboxLetter, db: Any, clock: FrozenClock
) -> None:
    pauses = []
    for _ in range(MAX_ATTEMPTS):
        (row,) = services.outbox.claim()
        assert "no route" in str(services.outbox.send(row, refuse))
        db.session.commit()
        pauses.append(queued.not_before - clock.now())
        clock.moment = queued.not_before
    assert pauses[:3] == [timedelta(seconds=s) for s in (5, 10, 20)]
    assert max(pauses) <= timedelta(hours=1)
    assert queued.status == "failed"
    assert services.outbox.claim() == []


def test_a_claim_is_a_lease(
    services: Services, queued: OutboxLetter, db: Any, clock: FrozenClock
) -> None:
    """A process that dies with a letter in its hands gives it back in time."""
    assert len(services.outbox.claim()) == 1
    db.session.commit()
    assert services.outbox.claim() == []
    clock.advance(seconds=61)
    assert len(services.outbox.claim()) == 1


def test_four_senders_share_the_letters(
    services: Services, ada: User, db: Any, app: Flask
) -> None:
    for _ in range(40):
        services.letters.password_changed(ada)
    db.session.commit()
    start, sent = threading.Barrier(4), []

    def go() -> None:
        with app.app_context():
            start.wait()
            while rows := services.outbox.claim(5):
                db.session.commit()
                for row in rows:
                    services.outbox.send(row, lambda m: sent.append(m["Message-ID"]))
                db.session.commit()
            db.session.commit()

    senders = [threading.Thread(target=go) for _ in range(4)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert len(sent) == len(set(sent)) == 40


def test_letters_speak_of_nothing_the_request_could_forge(
    services: Services, queued: OutboxLetter
) -> None:
    message = services.outbox.message(queued)
    assert message["Auto-Submitted"] == "auto-generated"
    text = message.get_body(("plain",)).get_content()
    assert "https://auth.example.test" in text
