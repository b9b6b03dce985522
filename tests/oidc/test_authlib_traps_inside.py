"""Traps of Authlib seen from inside: what only our own key can sign, what is stored."""

from __future__ import annotations

import json
from typing import Any

import pytest
from joserfc import jws

from authserver.core.apps import App
from authserver.crypto import signing
from authserver.errors import InvalidToken
from authserver.services import Services
from tests.support.answer_rules import json_of
from tests.support.browser import Browser, Page
from tests.support.person import Person
from tests.support.relying_party import RelyingParty
from tests.support.stored import everything_stored


@pytest.fixture
def robot(services: Services, db: Any) -> App:
    """A client that acts for itself."""
    row, _ = services.clients.register(
        name="Robot", redirect_uris=[], grant_types=["client_credentials"]
    )
    db.session.commit()
    services.clients.cache.clear()
    found = services.clients.find(row.client_id)
    assert found is not None
    return found


def own_claims(services: Services, robot: App) -> dict[str, Any]:
    """What stands in a good access token of this client."""
    answer = services.tokens.client_answer(robot, [])
    payload = jws.extract_compact(answer["access_token"].encode()).payload
    claims: dict[str, Any] = json.loads(payload)
    return claims


def signed(services: Services, claims: dict[str, Any], **header: str) -> str:
    """Sign with our own active key, under whatever header."""
    key = services.keys.signer()
    return jws.serialize_compact(
        {"alg": key.alg, "kid": key.kid} | header, json.dumps(claims), key.key
    )


def is_active(services: Services, token: str, robot: App) -> bool:
    return bool(services.checks.introspect(token, caller=robot)["active"])


def test_trap_1_the_key_at_hand_is_the_key_that_was_read(services: Services) -> None:
    """Never a dict or a PEM that is read again: the same object each time."""
    first = services.keys.signer()
    assert services.keys.signer() is first
    assert services.keys.ring().all[first.kid] is first


@pytest.mark.spec("RFC 9068 §4")
@pytest.mark.spec("RFC 8725 §3.11")
def test_trap_16_a_token_without_the_type_is_none(
    services: Services, robot: App
) -> None:
    """Authlib takes a missing `typ` for a good one."""
    claims = own_claims(services, robot)
    assert is_active(services, signed(services, claims, typ="at+jwt"), robot)
    for header in (
        {},
        {"typ": "JWT"},
        {"typ": ""},
        {"typ": "logout+jwt"},
        {"typ": "at+jwt "},
    ):
        token = signed(services, claims, **header)
        assert not is_active(services, token, robot), header


@pytest.mark.spec("RFC 9068 §4")
@pytest.mark.parametrize(
    "change",
    [
        {"iss": "https://other.example"},
        {"aud": None},
        {"aud": []},
        {"exp": 1},
        {"exp": None},
        {"exp": "soon"},
        {"nbf": 4_000_000_000},
        {"client_id": "nobody"},
        {"fam": "00000000-0000-0000-0000-000000000000"},
        {"fam": "nonsense"},
    ],
)
def test_a_token_that_is_ours_and_says_something_else_is_none(
    services: Services, robot: App, change: dict[str, Any]
) -> None:
    """Signed by our key, of the right type, and still not good."""
    claims = own_claims(services, robot) | change
    kept = {name: value for name, value in claims.items() if value is not None}
    assert not is_active(services, signed(services, kept, typ="at+jwt"), robot)


@pytest.mark.spec("RFC 9068 §6")
@pytest.mark.parametrize("aud", ["https://other.example", ["https://other.example"]])
def test_a_token_for_another_audience_opens_nothing_here(
    services: Services, robot: App, aud: str | list[str]
) -> None:
    """Its own client may look at it (RFC 7662 §2.2); that is all."""
    claims = own_claims(services, robot) | {"aud": aud}
    token = signed(services, claims, typ="at+jwt")
    with pytest.raises(InvalidToken):
        services.checks.client(token)
    with pytest.raises(InvalidToken):
        services.checks.access(token)


def test_every_algorithm_signs_and_is_read_again() -> None:
    """Trap 6: joserfc's defaults would answer 500 for PS256 and EdDSA."""
    for algorithm in signing.ALGORITHMS:
        key = signing.import_pem(signing.generate(algorithm), algorithm)
        token = signing.sign_jwt(key, {"sub": "a"}, "at+jwt")
        read = signing.verify_jwt(
            token, {key.kid: key}, algorithms=(algorithm,), typ="at+jwt"
        )
        assert read == {"sub": "a"}


def test_trap_17_no_secret_stands_in_the_tables(
    server: Any, rp: RelyingParty, browser: Browser, ada: Person
) -> None:
    """Codes, tokens, secrets, cookies, passwords: their prints are kept, at most."""
    flow = rp.sign_in(browser, ada, scope="openid offline_access", prompt="consent")
    ask = rp.ask()
    unused = rp.receive(ask, ada.walk(browser, browser.open(ask.url)).departure)
    again = json_of(rp.refresh(flow.tokens["refresh_token"]))
    page = browser.open("/signup")
    assert isinstance(page, Page)
    secrets = {
        "code": unused["code"],
        "spent code": flow.reply["code"],
        "client secret": rp.registration.client_secret,
        "password": ada.password,
        "access token": flow.tokens["access_token"],
        "refresh token": flow.tokens["refresh_token"],
        "its second half": flow.tokens["refresh_token"].rpartition(".")[2],
        "next refresh token": again["refresh_token"].rpartition(".")[2],
        "ID token": flow.tokens["id_token"],
    } | {f"cookie {cookie.name}": cookie.value for cookie in browser.cookies}
    stored = everything_stored(server.database_url)
    assert rp.registration.client_id in stored and ada.email in stored
    for name, secret in secrets.items():
        assert secret and secret not in stored, name
