"""A client deleted by another process is known here for some seconds more.

What it asks for meanwhile is refused in the words of the protocol, and nothing of it is
kept (RFC 6749 §5.2).
"""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete

from authserver.core.client_metadata import CIBA, DEVICE_CODE
from authserver.models import (
    AuthorizationCode,
    BackchannelRequest,
    Client,
    DeviceGrant,
    Interaction,
    PushedRequest,
    TokenFamily,
)
from authserver.services import Services
from tests.support.flippable import CALLBACK, VERIFIER, Shop

KEPT = (
    *(AuthorizationCode, BackchannelRequest, DeviceGrant),
    *(Interaction, PushedRequest, TokenFamily),
)
ADA = "ada@example.test"


@pytest.fixture
def shop(client: FlaskClient, services: Services, db: Any) -> Shop:
    shop = Shop(client, services, db)
    shop.flip(
        grant_types=["authorization_code", "refresh_token", DEVICE_CODE, CIBA],
        token_endpoint_auth_method="private_key_jwt",
    )
    return shop


def delete_elsewhere(shop: Shop) -> None:
    """As another process does: what this one keeps in memory stays."""
    assert shop.app
    shop.db.session.execute(delete(Client).where(Client.client_id == shop.client_id))
    shop.db.session.commit()
    assert shop.app, "it is still known here"


def forms(shop: Shop) -> dict[str, dict[str, str]]:
    return {
        "/par": shop.ask(),
        "/device_authorization": {"scope": "openid"},
        "/bc-authorize": {"scope": "openid", "login_hint": ADA},
    }


@pytest.mark.parametrize("path", ["/par", "/device_authorization", "/bc-authorize"])
def test_what_it_asks_for_is_invalid_client(shop: Shop, path: str) -> None:
    """Nothing is kept, and the answer is no fault of the server."""
    form = forms(shop)[path]
    assert shop.web.post(path, data=form | shop.proof()).status_code < 300
    delete_elsewhere(shop)
    answer = shop.web.post(path, data=form | shop.proof())
    assert (answer.status_code, answer.json["error"]) == (401, "invalid_client")
    assert answer.headers["Cache-Control"] == "no-store"
    nothing_is_kept(shop)


def test_a_code_of_it_is_worth_nothing(shop: Shop) -> None:
    code = shop.code(shop.services)
    delete_elsewhere(shop)
    form = {"grant_type": "authorization_code", "code": code}
    form |= {"redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    answer = shop.web.post("/token", data=form | shop.proof())
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_grant")
    nothing_is_kept(shop)


def test_a_person_on_the_way_to_it_sees_a_page(shop: Shop) -> None:
    """Never a redirect: nobody vouches for the address any more."""
    query = shop.ask(response_mode=None)
    assert shop.web.get("/authorize", query_string=query).status_code == 303
    delete_elsewhere(shop)
    answer = shop.web.get("/authorize", query_string=query)
    assert answer.status_code == 400
    assert answer.mimetype == "text/html" and "Location" not in answer.headers
    nothing_is_kept(shop)


def nothing_is_kept(shop: Shop) -> None:
    shop.db.session.rollback()
    assert all(shop.db.session.query(table).all() == [] for table in KEPT)
