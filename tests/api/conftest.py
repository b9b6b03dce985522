"""A front end, and somebody who has an account."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from authserver.clock import FrozenClock
from authserver.services import Services
from tests.support.caller import PASSWORD, Caller
from tests.support.tables import Furnishing

ADA = "ada@example.test"


@pytest.fixture
def make_caller(
    app: Flask, furnishing: Furnishing, clock: FrozenClock
) -> Iterator[Callable[..., Caller]]:
    """Give further devices; the tables are put back when all are done."""
    try:
        yield lambda **more: Caller(app, clock, **more)
    finally:
        app.extensions["services"].clients.cache.clear()
        furnishing.put_back()


@pytest.fixture
def api(make_caller: Callable[..., Caller]) -> Caller:
    """A device of its own."""
    return make_caller()


@pytest.fixture
def ada(api: Caller) -> str:
    """An address with a verified account; nobody is signed in."""
    api.has_account(ADA, full_name="Ada Lovelace", username="ada")
    return ADA


@pytest.fixture
def enter(
    app: Flask, clock: FrozenClock, services: Services, db: Any
) -> Callable[..., Caller]:
    """Add somebody with a role and sign them in."""

    def come(role: str, name: str | None = None) -> Caller:
        email = f"{name or role}@example.test"
        services.people.add(email=email, password=PASSWORD, verified=True, roles=[role])
        db.session.commit()
        caller = Caller(app, clock)
        answer = caller.post("/auth/signin", {"email": email, "password": PASSWORD})
        caller.token = answer.json["data"]["accessToken"]
        return caller

    return come
