"""Pushed authorization requests: kept, found, answered once (RFC 9126)."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from authserver.clock import FrozenClock
from authserver.core.apps import App
from authserver.core.pushed_requests import PREFIX
from authserver.errors import InvalidRequestUri
from authserver.models import PushedRequest
from authserver.services import Services

PARAMS = {"client_id": "shop", "state": "s" * 1000, "scope": "openid"}
MANY = 50


@pytest.fixture
def push(services: Services, db: Any, shop: App) -> Callable[[], str]:
    """Push a request, and give its URI."""

    def give() -> str:
        uri, _ = services.pushed_requests.push(shop, PARAMS)
        db.session.commit()
        return uri

    return give


def test_a_request_comes_back_as_it_was_pushed(
    services: Services, push: Callable[[], str], shop: App
) -> None:
    found = services.pushed_requests.find(push(), app=shop)
    assert found.params == PARAMS


@pytest.mark.spec("RFC 9126 §7.1")
def test_its_name_cannot_be_guessed_and_is_not_kept(
    push: Callable[[], str], db: Any
) -> None:
    """256 random bits, of which the table holds a hash."""
    uri, other = push(), push()
    assert uri.startswith(PREFIX) and len(uri) - len(PREFIX) == 43 and uri != other
    kept = db.session.execute(select(PushedRequest.__table__)).all()
    assert uri.removeprefix(PREFIX) not in str(kept)


def test_it_is_for_its_client_alone(
    services: Services, push: Callable[[], str], db: Any
) -> None:
    row, _ = services.clients.register(
        name="Other", redirect_uris=["https://o.example"]
    )
    db.session.commit()
    other = services.clients.find(row.client_id)
    assert other is not None
    with pytest.raises(InvalidRequestUri):
        services.pushed_requests.find(push(), app=other)


@pytest.mark.parametrize("uri", ["", PREFIX, PREFIX + "x", "é", "urn:x" * 1000])
def test_what_was_never_pushed_is_not_found(
    services: Services, shop: App, uri: str
) -> None:
    with pytest.raises(InvalidRequestUri):
        services.pushed_requests.find(uri, app=shop)


@pytest.mark.spec("RFC 9126 §4")
def test_it_expires_but_whoever_was_in_time_may_finish(
    services: Services, push: Callable[[], str], shop: App, clock: FrozenClock
) -> None:
    uri = push()
    clock.advance(seconds=59)
    found = services.pushed_requests.find(uri, app=shop)
    clock.advance(seconds=1)
    with pytest.raises(InvalidRequestUri):
        services.pushed_requests.find(uri, app=shop)
    assert services.pushed_requests.finish(found.id)


@pytest.mark.spec("RFC 9126 §7.3")
def test_it_is_answered_once(
    services: Services, push: Callable[[], str], shop: App, db: Any
) -> None:
    uri = push()
    found = services.pushed_requests.find(uri, app=shop)
    assert services.pushed_requests.find(uri, app=shop) == found
    assert services.pushed_requests.finish(found.id)
    db.session.commit()
    assert not services.pushed_requests.finish(found.id)
    with pytest.raises(InvalidRequestUri):
        services.pushed_requests.find(uri, app=shop)


def test_an_answer_that_was_rolled_back_was_none(
    services: Services, push: Callable[[], str], shop: App, db: Any
) -> None:
    uri = push()
    assert services.pushed_requests.finish(
        services.pushed_requests.find(uri, app=shop).id
    )
    db.session.rollback()
    assert services.pushed_requests.find(uri, app=shop)


def test_of_fifty_answers_at_one_moment_one_is_given(
    app: Flask, services: Services, push: Callable[[], str], shop: App, db: Any
) -> None:
    found = services.pushed_requests.find(push(), app=shop)
    start, won = threading.Barrier(MANY), []

    def answer() -> None:
        with app.app_context():
            start.wait()
            won.append(services.pushed_requests.finish(found.id))
            db.session.commit()

    racers = [threading.Thread(target=answer) for _ in range(MANY)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert sorted(won) == [False] * (MANY - 1) + [True]


def test_what_is_over_is_deleted(
    services: Services, push: Callable[[], str], db: Any, clock: FrozenClock
) -> None:
    push()
    clock.advance(days=8)
    assert services.housekeeping.sweep()["pushed_requests"] == 1
    assert db.session.scalar(select(PushedRequest)) is None
