"""What hot requests ask of the database: each statement is a round trip."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import bindparam, event, func, insert, select

from authserver.models import RevokedToken
from authserver.models import db as sessions
from authserver.models.constants import Constant
from authserver.services import Services
from tests.support.cost import Meter, metered
from tests.support.flippable import CALLBACK, VERIFIER, Shop

SECRET = {"token_endpoint_auth_method": "client_secret_post"}
added = Constant(insert(RevokedToken))
counted = select(func.count()).where(RevokedToken.jti == bindparam("jti"))


class Secretive(Shop):
    """The client with a secret: an assertion would be a row of its own."""

    secret: str


@pytest.fixture
def shop(client: FlaskClient, services: Services, db: Any) -> Secretive:
    shop = Secretive(client, services, db)
    shop.flip(**SECRET)
    shop.secret = services.clients.rotate_secret(shop.client_id)
    db.session.commit()
    shop.flip(**SECRET)
    return shop


@pytest.fixture
def meter(
    app: Flask, shop: Secretive, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Meter]:
    with metered(app, monkeypatch) as meter:
        yield meter


@contextmanager
def begun(app: Flask) -> Iterator[list[Any]]:
    """Hear the transactions of requests begin."""
    heard: list[Any] = []

    def note(connection: Any) -> None:
        heard.append(connection)

    with app.app_context():
        engine = sessions.engine
    event.listen(engine, "begin", note)
    try:
        yield heard
    finally:
        event.remove(engine, "begin", note)


def sent(shop: Secretive, place: str, form: dict[str, str]) -> dict[str, Any]:
    proof = {"client_id": shop.client_id, "client_secret": shop.secret}
    answer = shop.web.post(place, data=form | proof)
    assert answer.status_code in (200, 201), answer.text
    return answer.json


def exchanged(shop: Secretive, code: str) -> dict[str, Any]:
    grant = {"grant_type": "authorization_code", "code": code}
    facts = {"redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    return sent(shop, "/token", grant | facts)


def test_tokens_of_a_code_and_their_rotation(
    app: Flask, shop: Secretive, meter: Meter, database_kind: str
) -> None:
    """Read and spend; on PostgreSQL what is spent and what follows are one statement."""
    exchanged(shop, shop.code(shop.services))  # what is kept for seconds is read
    code = shop.code(shop.services)
    one_by_one = database_kind == "sqlite"
    meter.reset()
    told = exchanged(shop, code)
    assert len(meter.statements) == 3 + one_by_one
    meter.reset()
    again = {"grant_type": "refresh_token", "refresh_token": told["refresh_token"]}
    with begun(app) as transactions:
        sent(shop, "/token", again)
    assert len(meter.statements) == 2 + one_by_one
    assert len(transactions) == one_by_one, "one statement is one by itself"


def test_a_pushed_request_is_one_insert(shop: Secretive, meter: Meter) -> None:
    sent(shop, "/par", shop.ask(response_mode=None))
    meter.reset()
    sent(shop, "/par", shop.ask(response_mode=None))
    (asked,) = meter.statements
    assert asked.startswith("INSERT INTO") and "pushed_requests" in asked


@pytest.mark.parametrize("is_begun", [True, False], ids=["begun", "alone"])
def test_a_write_alone_joins_what_was_begun(
    shop: Secretive, services: Services, db: Any, is_begun: bool
) -> None:
    """Then it goes with it, and waits for no lock that this very request holds."""
    row = {"jti": uuid.uuid4().hex, "expires_at": services.clock.now()}
    db.session.rollback()
    if is_begun:
        shop.services.clients.rotate_secret(shop.client_id)
        db.session.flush()
    services.reads.run_alone(added, row, db.session)
    db.session.rollback()
    found = db.session.execute(counted, {"jti": row["jti"]}).scalar_one()
    assert found == (not is_begun)
