"""What is kept of a pushed request, and for whom (RFC 9126 §2)."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from authserver.models import Interaction, PushedRequest
from authserver.services import Services
from tests.support.flippable import CALLBACK, Shop


@pytest.fixture
def shop(client: FlaskClient, services: Services, db: Any) -> Shop:
    return Shop(client, services, db)


def kept(shop: Shop) -> dict[str, Any]:
    """The parameters of the one pushed request."""
    shop.db.session.expire_all()
    return shop.db.session.scalars(select(PushedRequest)).one().request


def test_what_proved_the_client_is_not_kept(shop: Shop) -> None:
    """An assertion, whole; only the request is."""
    assert shop.pushes(is_signed=False)
    assert kept(shop) == shop.ask()


def test_a_secret_is_not_kept(shop: Shop) -> None:
    secret_method = {"token_endpoint_auth_method": "client_secret_post"}
    shop.flip(**secret_method)
    secret = shop.services.clients.rotate_secret(shop.client_id)
    shop.flip()
    answer = shop.web.post("/par", data=shop.ask() | {"client_secret": secret})
    assert answer.status_code == 201
    assert secret not in str(kept(shop))


def test_of_a_signed_request_what_is_inside_is_kept(shop: Shop) -> None:
    """Not the object, and nothing that stood beside it (RFC 9126 §3)."""
    inside = shop.ask(state="inside")
    beside = {"state": "beside", "nonce": "beside", "redirect_uri": "https://x.example"}
    form = {"request": shop.sign(inside)} | beside | shop.proof()
    assert shop.web.post("/par", data=form).status_code == 201
    assert kept(shop) == inside


def test_a_refused_request_leaves_nothing(shop: Shop) -> None:
    assert not shop.pushes(is_signed=False, prompt="none login")
    assert not shop.pushes(redirect_uri="https://evil.example")
    assert shop.db.session.scalars(select(PushedRequest)).all() == []


def test_each_look_has_an_interaction_of_its_own(shop: Shop) -> None:
    """And each knows the pushed request that its answer will spend."""
    told = shop.web.post("/par", data=shop.ask() | shop.proof()).json
    query = {"client_id": shop.client_id, "request_uri": told["request_uri"]}
    for _ in range(2):
        answer = shop.web.get("/authorize", query_string=query)
        assert answer.status_code == 303 and "/signin" in answer.location
    shop.db.session.expire_all()
    pushed = shop.db.session.scalars(select(PushedRequest)).one()
    rows = shop.db.session.scalars(select(Interaction)).all()
    assert [row.pushed_id for row in rows] == [pushed.id] * 2
    assert rows[0].request["redirect_uri"] == CALLBACK
    assert pushed.used_at is None
