"""An API that asks the server about each token (RFC 7662)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rs.api import Api, challenge, registered
from tests.support.browser import Browser
from tests.support.enrolment import enrol_client
from tests.support.live import LiveServer
from tests.support.person import Person
from tests.support.relying_party import RelyingParty

pytestmark = pytest.mark.live


@pytest.mark.spec("RFC 7662 §2")
def test_by_introspection_a_revoked_token_ends_at_once(
    authorization_server: LiveServer,
    home: Path,
    robot: RelyingParty,
    shop: RelyingParty,
    ada: Person,
) -> None:
    own = enrol_client(
        authorization_server,
        home,
        scope="",
        redirect_uris=(),
        grant_types=("client_credentials",),
    ).registration
    secret = {"CLIENT_ID": own.client_id, "CLIENT_SECRET": own.client_secret or ""}
    may = ("--introspection-client", own.client_id)
    with (
        Api("flask_api", "wsgi", authorization_server.url, **secret) as api,
        registered(authorization_server, api, robot, *may),
        Browser(authorization_server.url) as browser,
    ):
        wish = {"scope": "openid notes:read", "resource": api.resource}
        token = shop.sign_in(browser, ada, **wish).tokens["access_token"]
        assert api.call("GET", token).ok
        assert shop.revoke(token).ok
        refusal = api.call("GET", token)
        assert challenge(refusal)["error"] == "invalid_token"
