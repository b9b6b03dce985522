"""An app waits for security events (RFC 8936 §2.4), and costs nobody anything."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from authserver.core.apps import App
from authserver.http import waiting
from authserver.http.waiting import WaitingRoom
from authserver.models import Notice
from authserver.services import Services
from tests.support.live import until

LONG, SHORT = timedelta(seconds=20), timedelta(milliseconds=50)
Poll = Callable[..., TestResponse]


@pytest.fixture
def room(app: Flask, services: Services) -> Iterator[WaitingRoom]:
    """One seat; whoever has it waits for as long as a test may last."""
    opened = waiting.open_room(app, 2)
    set_patience(services, LONG)
    yield opened
    opened.stop()
    del app.extensions[waiting.NAME]
    set_patience(services, timedelta(seconds=10))


def set_patience(services: Services, patience: timedelta) -> None:
    object.__setattr__(services.settings, "ssf_poll_wait", patience)


@pytest.fixture
def shop(services: Services, db: Any) -> App:
    row, _ = services.clients.register(
        name="Shop", grant_types=("client_credentials",), scope="ssf.manage"
    )
    db.session.commit()
    services.clients.cache.clear()
    found = services.clients.find(row.client_id)
    assert found is not None
    return found


@pytest.fixture
def stream(services: Services, shop: App, db: Any) -> dict[str, Any]:
    made = services.streams.create(shop, {})
    db.session.commit()
    return made


@pytest.fixture
def poll(app: Flask, services: Services, shop: App, stream: Any, db: Any) -> Poll:
    token = services.tokens.client_answer(shop, ["ssf.manage"])["access_token"]
    path = f"/ssf/poll/{stream['stream_id']}"
    db.session.rollback()

    def ask(**asked: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {token}"}
        return app.test_client().post(path, json=asked, headers=headers)

    return ask


@pytest.fixture
def happen(services: Services, shop: App, stream: Any, db: Any) -> Callable[[], str]:
    """Let something be told; give its ``jti``."""

    def go() -> str:
        services.streams.verify(shop, stream)
        db.session.commit()
        jti = str(db.session.query(Notice).one().id)
        db.session.rollback()
        return jti

    return go


class Waiter(threading.Thread):
    """A client that waits in the only seat, and what it was answered."""

    def __init__(self, room: WaitingRoom, poll: Poll, **asked: Any) -> None:
        super().__init__()
        self.room, self.poll, self.asked = room, poll, asked
        self.answer: Any = None

    def run(self) -> None:
        self.answer = self.poll(**self.asked)

    def sits_down(self) -> Waiter:
        self.start()
        until(lambda: self.room.free._value == 0, "somebody who waits")
        return self

    def gets_up(self) -> TestResponse:
        self.join(20)
        assert not self.is_alive()
        answer: TestResponse = self.answer
        return answer


def at_once(poll: Poll, **asked: Any) -> Any:
    """Poll, and see that nobody has waited."""
    began = time.monotonic()
    answer = poll(**asked)
    assert time.monotonic() - began < LONG.total_seconds() / 2
    return answer.json


def test_what_comes_is_given_to_who_waits(
    room: WaitingRoom, poll: Poll, happen: Any
) -> None:
    waiter = Waiter(room, poll).sits_down()
    jti = happen()
    assert list(waiter.gets_up().json["sets"]) == [jti]


def test_who_waits_has_acknowledged_and_holds_nothing(
    room: WaitingRoom, poll: Poll, happen: Any, services: Services, db: Any
) -> None:
    """On SQLite whoever is in a transaction keeps all others from writing."""
    jti = happen()
    taken = db.engine.pool.checkedout()
    waiter = Waiter(room, poll, ack=[jti]).sits_down()
    assert db.engine.pool.checkedout() == taken
    reads = services.reads
    until(
        lambda: reads.engine.pool.checkedout() == len(reads.at_hand),
        "a read that is over",
    )
    assert db.session.query(Notice).one().status == "sent"
    db.session.rollback()
    room.stop()
    assert waiter.gets_up().json == {"sets": {}}


def test_when_the_time_is_over_nothing_is_given(
    room: WaitingRoom, poll: Poll, services: Services
) -> None:
    set_patience(services, SHORT)
    assert poll().json == {"sets": {}}


def test_who_finds_no_seat_is_answered_at_once(room: WaitingRoom, poll: Poll) -> None:
    waiter = Waiter(room, poll).sits_down()
    assert at_once(poll) == {"sets": {}}
    assert waiter.is_alive()
    began = time.monotonic()
    room.stop()
    assert waiter.gets_up().status_code == 200
    assert time.monotonic() - began < LONG.total_seconds() / 2
    assert at_once(poll) == {"sets": {}}, "nobody sits down any more"


@pytest.mark.parametrize(
    "asked", [{"returnImmediately": True}, {"maxEvents": 0}, {"ack": ["x"]}]
)
def test_who_does_not_want_to_wait_does_not(
    room: WaitingRoom, poll: Poll, services: Services, asked: dict[str, Any]
) -> None:
    if "ack" in asked:  # it would, but the operator will have no waiting
        set_patience(services, timedelta(0))
    assert at_once(poll, **asked) == {"sets": {}}


def test_a_poll_that_does_not_know_whether_it_waits_is_refused(
    room: WaitingRoom, poll: Poll
) -> None:
    assert poll(returnImmediately="no").status_code == 400


def test_where_no_room_was_opened_nobody_waits(poll: Poll) -> None:
    assert at_once(poll) == {"sets": {}}


def test_a_paused_stream_gives_nothing_to_who_waits(
    room: WaitingRoom,
    poll: Poll,
    happen: Any,
    services: Services,
    shop: App,
    stream: Any,
    db: Any,
) -> None:
    asked = {"stream_id": stream["stream_id"], "status": "paused"}
    services.streams.set_status(shop, asked)
    happen()
    waiting_in = db.session.query(Notice).one().stream_id
    db.session.rollback()
    assert not services.event_tokens.has_come(waiting_in)
    set_patience(services, SHORT)
    assert poll().json == {"sets": {}}


def test_who_is_put_out_meanwhile_gets_nothing(
    room: WaitingRoom, poll: Poll, happen: Any, services: Services, shop: App, db: Any
) -> None:
    """The app is switched off, and something happens."""
    waiter = Waiter(room, poll).sits_down()
    services.client_switch.turn_off(shop.client_id, by=None)
    happen()
    assert waiter.gets_up().status_code == 401


def test_a_stream_that_ends_is_not_waited_for(
    room: WaitingRoom, poll: Poll, services: Services, shop: App, stream: Any, db: Any
) -> None:
    waiter = Waiter(room, poll).sits_down()
    services.streams.end(shop, stream["stream_id"])
    db.session.commit()
    assert waiter.gets_up().status_code == 404


@pytest.mark.parametrize(("threads", "seats"), [(1, 0), (2, 1), (7, 1), (8, 2)])
def test_a_quarter_of_the_threads_may_wait(threads: int, seats: int) -> None:
    assert WaitingRoom(threads).free._value == seats
