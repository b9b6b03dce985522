"""Notices wait in the database until a client has been told, once."""

import threading
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from authserver.clock import FrozenClock
from authserver.core.apps import App
from authserver.core.notices import MAX_ATTEMPTS, Due, Outcome
from authserver.models import Client, Notice, SecurityEvent, Session, TokenFamily, User
from authserver.services import Services

Enter = Callable[[App], Session]


@pytest.fixture
def enter(services: Services, ada: User, db: Any) -> Enter:
    """Sign in, and give an app tokens in that session."""

    def make(app: App) -> Session:
        session, _ = services.sessions.start(ada, amr=["pwd"], remember=False)
        family(services, db, app, session)
        return session

    return make


def family(services: Services, db: Any, app: App, session: Session) -> None:
    db.session.add(
        TokenFamily(
            id=uuid.uuid4(),
            client_id=app.id,
            user_id=session.user_id,
            session_id=session.id,
            scope="openid",
            auth_time=services.clock.now(),
            acr="1",
            amr=["pwd"],
            created_at=services.clock.now(),
            expires_at=services.clock.now() + timedelta(days=1),
        )
    )
    db.session.commit()


@pytest.fixture
def listening(services: Services, shop: App, db: Any) -> App:
    """The shop, with an address where it is told."""
    row = db.session.query(Client).filter_by(client_id=shop.client_id).one()
    row.extra = {"backchannel_logout_uri": "https://shop.example.test/logout"}
    db.session.commit()
    return shop


def leave(services: Services, session: Session) -> None:
    services.sessions.revoke(session.id, user_id=session.user_id, because="signed out")


def notices(db: Any) -> list[Notice]:
    found: list[Notice] = db.session.query(Notice).order_by(Notice.id).all()
    return found


def test_a_notice_goes_with_the_end_it_tells_of(
    services: Services, enter: Enter, listening: App, db: Any
) -> None:
    session = enter(listening)
    leave(services, session)
    assert len(notices(db)) == 1
    db.session.rollback()
    assert notices(db) == []
    assert db.session.get(Session, session.id).is_active


def test_one_for_each_client_and_session_however_many_grants(
    services: Services, enter: Enter, listening: App, db: Any
) -> None:
    session = enter(listening)
    family(services, db, listening, session)
    leave(services, session)
    leave(services, session)
    db.session.commit()
    assert [(one.client_id, one.session_id) for one in notices(db)] == [
        (listening.id, session.id)
    ]


def test_a_client_that_revoked_its_tokens_is_told_all_the_same(
    services: Services, enter: Enter, listening: App, db: Any
) -> None:
    """Its own session is what is to end."""
    session = enter(listening)
    db.session.query(TokenFamily).update({"revoked_at": services.clock.now()})
    leave(services, session)
    db.session.commit()
    assert len(notices(db)) == 1


def test_a_client_without_an_address_or_put_out_of_use_is_not(
    services: Services, enter: Enter, shop: App, listening: App, db: Any
) -> None:
    row = db.session.query(Client).filter_by(client_id=shop.client_id).one()
    row.disabled_at = services.clock.now()
    leave(services, enter(shop))
    row.disabled_at, row.extra = None, {"backchannel_logout_uri": None}
    leave(services, enter(shop))
    db.session.commit()
    assert notices(db) == []


def test_everybody_out_tells_everybody(
    services: Services, enter: Enter, listening: App, db: Any, monkeypatch: Any
) -> None:
    """Also when there are more than one statement takes."""
    monkeypatch.setattr("authserver.core.notices.AT_ONCE", 2)
    for _ in range(5):
        enter(listening)
    assert services.sessions.revoke_everybody(because="an incident") == 5
    db.session.commit()
    assert len({one.session_id for one in notices(db)}) == 5


@pytest.fixture
def waiting(services: Services, enter: Enter, listening: App, db: Any) -> Session:
    session = enter(listening)
    leave(services, session)
    db.session.commit()
    return session


def take(services: Services, db: Any) -> list[Due]:
    held = services.notices.take(10)
    db.session.commit()
    return held


def mark(services: Services, db: Any, due: Due, outcome: Outcome) -> Notice:
    services.notices.mark(due, outcome)
    db.session.commit()
    (row,) = notices(db)
    return row


def test_a_claim_is_a_lease(
    services: Services, waiting: Session, db: Any, clock: FrozenClock
) -> None:
    """A process that dies with a notice in its hands gives it back in time."""
    (due,) = take(services, db)
    assert due.session_id == waiting.id
    assert take(services, db) == []
    clock.advance(seconds=61)
    (again,) = take(services, db)
    assert (again.id, again.attempts) == (due.id, 2)
    late = mark(services, db, due, Outcome("too late to matter", is_final=True))
    assert late.status == "waiting", "another process has it in hand"
    assert mark(services, db, again, Outcome()).status == "sent"


def test_a_fault_waits_longer_each_time_and_at_last_gives_up(
    services: Services, waiting: Session, db: Any, clock: FrozenClock
) -> None:
    pauses = []
    for _ in range(MAX_ATTEMPTS):
        (due,) = take(services, db)
        row = mark(services, db, due, Outcome("no route"))
        pauses.append((row.not_before - clock.now()).total_seconds())
        clock.moment = row.not_before
    assert pauses[:3] == [5, 10, 20]
    assert sum(pauses[:-1]) < 3600
    assert (row.status, row.last_error) == ("failed", "no route")
    assert take(services, db) == []
    (event,) = db.session.query(SecurityEvent).filter_by(event="client:notice:failed")
    assert event.reason == "no route"


def test_what_is_in_vain_is_given_up_at_once(
    services: Services, waiting: Session, db: Any
) -> None:
    (due,) = take(services, db)
    row = mark(services, db, due, Outcome("the answer is 400", is_final=True))
    assert (row.status, row.attempts) == ("failed", 1)


def test_four_processes_share_the_notices(
    services: Services, enter: Enter, listening: App, db: Any, app: Flask
) -> None:
    for _ in range(24):
        enter(listening)
    services.sessions.revoke_everybody(because="an incident")
    db.session.commit()
    start, told = threading.Barrier(4), []

    def go() -> None:
        with app.app_context():
            start.wait()
            while held := take(services, db):
                for due in held:
                    services.notices.mark(due, Outcome())
                    told.append(due.id)
                db.session.commit()

    threads = [threading.Thread(target=go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == len(set(told)) == 24


def test_two_ends_at_one_moment_tell_once(
    services: Services, enter: Enter, listening: App, db: Any, app: Flask
) -> None:
    session = enter(listening)
    owner = session.user_id
    key, start = session.id, threading.Barrier(4)
    db.session.commit()

    def go() -> None:
        with app.app_context():
            start.wait()
            services.sessions.revoke(key, user_id=owner, because="signed out")
            db.session.commit()

    threads = [threading.Thread(target=go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(notices(db)) == 1
