"""npm's oauth4webapi pushes its requests, proves itself by a key, and judges us.

The library is certified for FAPI 2.0.  It checks issuer, state, nonce, the signature of
the ID token and every type of every answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.interop.stranger import Banker, Refused
from tests.support.browser import Browser
from tests.support.enrolment import enrol_client
from tests.support.live import LiveServer
from tests.support.person import Person
from tests.support.relying_party import Registration

pytestmark = [pytest.mark.live, pytest.mark.interop]

CALLBACK = "https://rp.example/callback"
SCOPE = "openid profile email offline_access"
GRANTS = ("authorization_code", "refresh_token", "client_credentials")
# As Web Crypto names them.
ALGORITHMS = {
    "PS256": {"name": "RSA-PSS", "hash": "SHA-256"},
    "ES256": {"name": "ECDSA", "namedCurve": "P-256"},
    "Ed25519": {"name": "Ed25519"},
}


@pytest.fixture
def meet(server: LiveServer, folder: Path) -> Iterator[Callable[..., Banker]]:
    """Register a client and let the library discover the server as it."""
    met: list[Banker] = []

    def meet(algorithm: str, *, dpop: str | None = None, **wishes: Any) -> Banker:
        wishes = {"grant_types": GRANTS, "auth_method": "private_key_jwt"} | wishes
        made: Registration = enrol_client(
            server, folder, key_algorithm=algorithm, **wishes
        ).registration
        banker = Banker(
            server.url,
            made.client_id,
            jwk=made.key.as_dict(private=True),
            algorithm=ALGORITHMS[algorithm],
            dpop=dpop,
        )
        met.append(banker)
        return banker

    yield meet
    for one in met:
        one.stop()


def sign_in(
    banker: Banker, browser: Browser, person: Person, **asks: Any
) -> dict[str, Any]:
    asks = {"redirect_uri": CALLBACK, "scope": SCOPE} | asks
    url = banker.ask("push", **asks)["url"]
    walk = person.walk(browser, browser.open(url, from_elsewhere=True))
    return banker.ask("callback", url=walk.departure.url)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_request_is_pushed_and_a_key_proves_the_client(
    meet: Callable[..., Banker], browser: Browser, person: Person, algorithm: str
) -> None:
    """RFC 9126 and private_key_jwt: code, refresh, userinfo, introspection, the end."""
    banker = meet(algorithm)
    tokens = sign_in(banker, browser, person)
    sub = tokens["claims"]["sub"]
    told = banker.ask("userinfo", access_token=tokens["access_token"], sub=sub)
    assert told["email"] == person.email
    newer = banker.ask("refresh", refresh_token=tokens["refresh_token"])
    assert newer["refresh_token"] != tokens["refresh_token"]
    for name in ("access_token", "refresh_token"):
        assert banker.ask("introspect", token=newer[name])["active"] is True
    banker.ask("revoke", token=newer["refresh_token"])
    for name in ("access_token", "refresh_token"):
        assert banker.ask("introspect", token=newer[name])["active"] is False
    with pytest.raises(Refused, match="invalid_grant"):
        banker.ask("refresh", refresh_token=newer["refresh_token"])


@pytest.mark.parametrize(
    ("algorithm", "proofs", "profile"),
    [
        ("PS256", "ES256", "fapi2"),
        ("ES256", "Ed25519", "fapi2"),
        ("PS256", "PS256", "fapi2-ms"),
    ],
)
def test_fapi_the_whole_road(
    meet: Callable[..., Banker],
    browser: Browser,
    person: Person,
    algorithm: str,
    proofs: str,
    profile: str,
) -> None:
    """PAR, private_key_jwt and DPoP; under `fapi2-ms` a signed request, and JARM.

    The refresh token stays the same: FAPI 2.0 §5.3.2.1 (9).
    """
    banker = meet(algorithm, dpop=proofs, profile=profile)
    is_signed = profile == "fapi2-ms"
    asks = {"is_signed": True, "response_mode": "jwt"} if is_signed else {}
    tokens = sign_in(banker, browser, person, **asks)
    assert tokens["token_type"].lower() == "dpop"
    sub = tokens["claims"]["sub"]
    told = banker.ask("userinfo", access_token=tokens["access_token"], sub=sub)
    assert told["email"] == person.email
    again = banker.ask("refresh", refresh_token=tokens["refresh_token"])
    assert again.get("refresh_token") in (None, tokens["refresh_token"])
    assert again["access_token"] != tokens["access_token"]
    judged = banker.ask("introspect", token=again["access_token"])
    assert judged["active"] is True and judged["cnf"]["jkt"]
    machine = banker.ask("client_credentials")
    assert machine["token_type"].lower() == "dpop"
    banker.ask("revoke", token=tokens["refresh_token"])
    for token in (again["access_token"], tokens["refresh_token"]):
        assert banker.ask("introspect", token=token)["active"] is False
    with pytest.raises(Refused, match="invalid_grant"):
        banker.ask("refresh", refresh_token=tokens["refresh_token"])


@pytest.mark.parametrize("lacking", ["dpop", "signature"])
def test_fapi_what_is_missing_is_told(
    meet: Callable[..., Banker], browser: Browser, person: Person, lacking: str
) -> None:
    """No token without a key; no plain request where requests are signed."""
    if lacking == "dpop":
        banker = meet("PS256", profile="fapi2")
        with pytest.raises(Refused) as refused:
            sign_in(banker, browser, person)
    else:
        banker = meet("PS256", dpop="ES256", profile="fapi2-ms")
        with pytest.raises(Refused) as refused:
            banker.ask("push", redirect_uri=CALLBACK, scope=SCOPE, response_mode="jwt")
    assert refused.value.status == 400


def test_a_pushed_request_works_once(
    meet: Callable[..., Banker], browser: Browser, person: Person
) -> None:
    banker = meet("PS256")
    url = banker.ask("push", redirect_uri=CALLBACK, scope=SCOPE)["url"]
    assert person.walk(browser, browser.open(url)).departure
    assert browser.open(url).has("error")


def test_a_bad_request_is_told_when_it_is_pushed(meet: Callable[..., Banker]) -> None:
    """RFC 9126 §2.3, as the library reads it."""
    banker = meet("PS256")
    with pytest.raises(Refused) as refused:
        banker.ask("push", redirect_uri="https://evil.example", scope=SCOPE)
    assert (refused.value.error, refused.value.status) == ("invalid_request", 400)
