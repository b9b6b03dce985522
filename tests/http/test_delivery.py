"""The mail server's slowness is nobody else's: no lock is held, no lease outlived."""

import dataclasses
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from authserver.clock import FrozenClock
from authserver.core.outbox import LEASE
from authserver.http.delivery import Delivery
from authserver.models import OutboxLetter, User
from authserver.services import Services

COUNT = 3


@dataclasses.dataclass
class Office:
    """Takes a letter, and does something meanwhile."""

    meanwhile: Callable[[], Any]
    taken: list[str] = dataclasses.field(default_factory=list)

    def deliver(self, message: EmailMessage) -> None:
        self.meanwhile()
        self.taken.append(message["Message-ID"])


@pytest.fixture
def queued(services: Services, db: Any) -> User:
    user = services.people.add(email="ada@example.test")
    for _ in range(COUNT):
        services.letters.password_changed(user)
    db.session.commit()
    return user


@pytest.fixture
def through(
    app: Flask, services: Services, queued: User, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Office], Delivery]:
    """Let letters go out through an office."""

    def make(office: Office) -> Delivery:
        changed = dataclasses.replace(services, mailer=office)
        monkeypatch.setitem(app.extensions, "services", changed)
        return Delivery(app)

    return make


def rows(db: Any) -> list[Any]:
    """What lies in the outbox; reading it leaves no transaction behind."""
    with db.engine.connect() as connection:
        return list(connection.execute(OutboxLetter.__table__.select()))


def test_others_write_while_a_letter_is_on_its_way(through: Any, db: Any) -> None:
    """SQLite has one writer: whoever held it over SMTP would stop every request."""

    def write() -> None:
        with db.engine.begin() as other:
            if other.dialect.name == "postgresql":
                other.execute(text("SET LOCAL lock_timeout = '1s'"))
            other.execute(OutboxLetter.__table__.update().values(last_error="seen"))

    office = Office(write)
    assert through(office).deliver_once() == COUNT
    assert len(set(office.taken)) == COUNT
    assert {row.status for row in rows(db)} == {"sent"}


def test_a_slow_office_gets_no_letter_that_another_may_have_claimed(
    through: Any, services: Services, db: Any, clock: FrozenClock
) -> None:
    slow = Office(lambda: clock.advance(seconds=31))
    assert through(slow).deliver_once() == 1
    left = [row for row in rows(db) if row.status == "waiting"]
    assert [(row.attempts, row.claimed_until) for row in left] == [(0, None)] * 2
    assert through(Office(lambda: None)).deliver_once() == COUNT - 1


def test_what_another_has_claimed_meanwhile_is_left_to_it(
    through: Any, services: Services, db: Any, clock: FrozenClock
) -> None:
    def outlive() -> None:
        clock.advance(seconds=LEASE.total_seconds() + 1)
        others.extend(row.id for row in services.outbox.claim())
        db.session.commit()

    others: list[Any] = []
    assert through(Office(outlive)).deliver_once() == 1
    held = [row for row in rows(db) if row.claimed_until is not None]
    assert len(others) == COUNT
    assert {row.attempts for row in held} == {2}


def test_a_server_that_stops_gives_back_what_it_has_not_begun(
    through: Any, db: Any
) -> None:
    office = Office(lambda: None)
    delivery = through(office)
    office.meanwhile = delivery.ending.set
    assert delivery.deliver_once() == 1
    left = [row for row in rows(db) if row.status == "waiting"]
    assert [(row.attempts, row.claimed_until) for row in left] == [(0, None)] * 2
