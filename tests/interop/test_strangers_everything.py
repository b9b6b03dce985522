"""Both libraries of npm do everything that a bank's app does, with one key and one proof.

PAR, private_key_jwt and DPoP in each step: code, refresh, introspection, revocation; then
the same client as a device (RFC 8628), and asking for somebody elsewhere (OpenID CIBA).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conformance import ciba
from tests.interop.stranger import Banker, Refused, Stranger
from tests.support.browser import Browser
from tests.support.enrolment import enrol_client
from tests.support.live import LiveServer
from tests.support.person import Person
from tests.support.relying_party import Registration

pytestmark = [pytest.mark.live, pytest.mark.interop]

CALLBACK = "https://rp.example/callback"
SCOPE = "openid profile email offline_access"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
GRANTS = ("authorization_code", "refresh_token", DEVICE, ciba.GRANT)
PS256 = {"name": "RSA-PSS", "hash": "SHA-256"}
SIGNED = {"backchannel_authentication_request_signing_alg": "PS256"}


def register(server: LiveServer, folder: Path, **more: Any) -> Registration:
    wishes = {"auth_method": "private_key_jwt", "key_algorithm": "PS256"} | more
    return enrol_client(
        server, folder, grant_types=GRANTS, profile="fapi2", **wishes
    ).registration


@pytest.fixture
def stranger(server: LiveServer, folder: Path) -> Iterator[Stranger]:
    """openid-client, as a client of the FAPI 2.0 profile."""
    me = register(server, folder)
    key = {"jwk": me.key.as_dict(private=True), "algorithm": PS256}
    with Stranger(
        server.url, me.client_id, auth="private_key_jwt", key=key, dpop="ES256"
    ) as stranger:
        yield stranger


@pytest.fixture
def banker(server: LiveServer, folder: Path) -> Iterator[Banker]:
    """oauth4webapi, as one that signs what it asks of the back channel."""
    me = register(server, folder, metadata=SIGNED)
    with Banker(
        server.url,
        me.client_id,
        jwk=me.key.as_dict(private=True),
        algorithm=PS256,
        dpop="ES256",
    ) as banker:
        yield banker


def to_the_end(stranger: Stranger, person: Person, tokens: dict[str, Any]) -> None:
    """Userinfo, refresh, introspection and revocation of what a flow has brought."""
    assert tokens["token_type"].lower() == "dpop"
    access, sub = tokens["access_token"], tokens["claims"]["sub"]
    assert stranger.ask("userinfo", access_token=access, sub=sub)["name"]
    newer = stranger.ask("refresh", refresh_token=tokens["refresh_token"])
    judged = stranger.ask("introspect", token=newer["access_token"])
    assert judged["active"] is True and judged["cnf"]["jkt"] and judged["sub"] == sub
    stranger.ask("revoke", token=tokens["refresh_token"])
    assert stranger.ask("introspect", token=newer["access_token"])["active"] is False
    with pytest.raises(Refused, match="invalid_grant"):
        stranger.ask("refresh", refresh_token=tokens["refresh_token"])


def allow_the_device(browser: Browser, person: Person, begun: dict[str, Any]) -> None:
    browser.open(begun["verification_uri_complete"], from_elsewhere=True)
    browser.submit("device-submit")
    browser.fill(username=person.username, password=person.password)
    browser.submit("login-submit")
    browser.submit("device-allow")


def test_openid_client_by_code(
    stranger: Stranger, browser: Browser, person: Person
) -> None:
    url = stranger.ask("authorize", redirect_uri=CALLBACK, scope=SCOPE, is_pushed=True)
    assert "request_uri=" in url and "scope=" not in url
    walk = person.walk(browser, browser.open(url, from_elsewhere=True))
    tokens = stranger.ask("callback", url=walk.departure.url)
    to_the_end(stranger, person, tokens)


def test_openid_client_as_a_device(
    stranger: Stranger, browser: Browser, person: Person
) -> None:
    allow_the_device(browser, person, stranger.ask("device", scope=SCOPE))
    to_the_end(stranger, person, stranger.ask("poll"))


@pytest.mark.spec("OpenID CIBA §10.1")
def test_openid_client_asks_for_somebody_elsewhere(
    stranger: Stranger, browser: Browser, person: Person
) -> None:
    begun = stranger.ask("backchannel", scope=SCOPE, login_hint=person.email)
    assert begun["auth_req_id"]
    ciba.decide(browser, person, "allow")
    to_the_end(stranger, person, stranger.ask("poll_backchannel"))
    stranger.ask("backchannel", scope=SCOPE, login_hint=person.email)
    ciba.decide(browser, person, "deny")
    with pytest.raises(Refused, match="access_denied"):
        stranger.ask("poll_backchannel")


def test_oauth4webapi_as_a_device(
    banker: Banker, browser: Browser, person: Person
) -> None:
    begun = banker.ask("device", scope=SCOPE)
    with pytest.raises(Refused, match="authorization_pending"):
        banker.ask("device_tokens", device_code=begun["device_code"])
    allow_the_device(browser, person, begun)
    tokens = banker.ask("device_tokens", device_code=begun["device_code"])
    to_the_end(banker, person, tokens)


@pytest.mark.spec("OpenID CIBA §7.1.1")
def test_oauth4webapi_asks_for_somebody_elsewhere(
    banker: Banker, browser: Browser, person: Person
) -> None:
    """Signed by PS256, as FAPI-CIBA has it; and an unsigned one is not heard."""
    asks = {"scope": SCOPE, "login_hint": person.email}
    with pytest.raises(Refused) as refused:
        banker.ask("backchannel", **asks)
    assert refused.value.status == 400
    begun = banker.ask("backchannel", is_signed=True, **asks)
    ciba.decide(browser, person, "allow")
    tokens = banker.ask("backchannel_tokens", auth_req_id=begun["auth_req_id"])
    to_the_end(banker, person, tokens)
    with pytest.raises(Refused, match="invalid_grant"):
        banker.ask("backchannel_tokens", auth_req_id=begun["auth_req_id"])
