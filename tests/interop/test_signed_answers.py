"""What openid-client believes: signed and encrypted answers, and the older flows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from joserfc.jwk import ECKey, RSAKey

from tests.interop.stranger import Refused, Stranger
from tests.support.browser import Browser, Departure
from tests.support.enrolment import enrol_client
from tests.support.live import LiveServer
from tests.support.person import Person

pytestmark = [pytest.mark.live, pytest.mark.interop]

CALLBACK = "https://rp.example/callback"
ALGORITHMS = ("RS256", "PS256", "ES256")
OAEP = {"name": "RSA-OAEP", "hash": "SHA-256"}
P256 = {"name": "ECDH", "namedCurve": "P-256"}
CIPHERS = {
    "RSA-OAEP-256": (RSAKey.generate_key(2048, {"kid": "r"}), OAEP, ["decrypt"]),
    "ECDH-ES": (ECKey.generate_key("P-256", {"kid": "e"}), P256, ["deriveBits"]),
    "ECDH-ES+A256KW": (ECKey.generate_key("P-256", {"kid": "w"}), P256, ["deriveBits"]),
}


@pytest.fixture(scope="module")
def server(
    database_kind: str, make_migrated: Callable[[str], str]
) -> Iterator[LiveServer]:
    url = make_migrated(database_kind)
    chosen = {"LEGACY_RESPONSE_TYPES": "on"}
    with LiveServer(database_url=url, env=chosen) as running:
        yield running


@pytest.fixture
def meet(server: LiveServer, folder: Any) -> Iterator[Callable[..., Stranger]]:
    """Register a client and let openid-client be it."""
    met: list[Stranger] = []

    def meet(metadata: dict[str, Any], **more: Any) -> Stranger:
        key = more.pop("decryption_key", None)
        flows = {"grant_types": more.pop("grant_types", ("authorization_code",))}
        client = enrol_client(
            server, folder, metadata=metadata, decryption_key=key, **flows
        ).registration
        known = {name: value for name, value in metadata.items() if "_alg" in name}
        stranger = Stranger(
            server.url,
            client.client_id,
            auth=client.auth_method,
            secret=client.client_secret,
            metadata=known,
            **more,
        )
        met.append(stranger)
        return stranger

    yield meet
    for stranger in met:
        stranger.stop()


def depart(
    stranger: Stranger, browser: Browser, person: Person, **asks: Any
) -> Departure:
    asks = {"redirect_uri": CALLBACK, "scope": "openid email"} | asks
    url = stranger.ask("authorize", **asks)
    return person.walk(browser, browser.open(url, from_elsewhere=True)).departure


@pytest.mark.spec("JARM §2.4")
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_signed_answer_is_believed(meet, browser, person, algorithm):
    wish = {
        "authorization_signed_response_alg": algorithm,
        "id_token_signed_response_alg": algorithm,
    }
    stranger = meet(wish, forms=["jarm"])
    departure = depart(stranger, browser, person)
    assert set(departure.params) == {"response"}
    assert stranger.ask("callback", url=departure.url)["claims"]["sub"]


@pytest.mark.spec("JARM §2.4")
def test_an_answer_that_was_signed_for_another_is_not(meet, browser, person):
    first, second = meet({}, forms=["jarm"]), meet({}, forms=["jarm"])
    departure = depart(first, browser, person)
    depart(second, browser, person)
    with pytest.raises(Refused):
        second.ask("callback", url=departure.url)


@pytest.mark.spec("OIDC Core §5.3.2")
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_signed_userinfo_and_introspection_are_believed(
    meet, browser, person, algorithm
):
    wish = {
        "id_token_signed_response_alg": algorithm,
        "userinfo_signed_response_alg": algorithm,
        "introspection_signed_response_alg": algorithm,
    }
    stranger = meet(wish)
    departure = depart(stranger, browser, person)
    tokens = stranger.ask("callback", url=departure.url)
    access, sub = tokens["access_token"], tokens["claims"]["sub"]
    told = stranger.ask("userinfo", access_token=access, sub=sub)
    assert told["email"] == person.email
    judged = stranger.ask("introspect", token=access)
    assert judged["active"] is True and judged["sub"] == sub


@pytest.mark.spec("OIDC Core §10.2")
@pytest.mark.parametrize("enc", ["A128CBC-HS256", "A256GCM"])
@pytest.mark.parametrize("alg", CIPHERS)
def test_what_is_encrypted_is_opened(meet, browser, person, alg, enc):
    key, algorithm, usages = CIPHERS[alg]
    wish = {"userinfo_signed_response_alg": "RS256"}
    for kind in ("id_token", "userinfo"):
        wish[f"{kind}_encrypted_response_alg"] = alg
        wish[f"{kind}_encrypted_response_enc"] = enc
    jwk = key.as_dict(private=True)
    opener = {"jwk": jwk, "algorithm": algorithm, "usages": usages}
    stranger = meet(
        wish, decryption_key=key, decryption=opener | {"alg": alg, "enc": enc}
    )
    departure = depart(stranger, browser, person)
    tokens = stranger.ask("callback", url=departure.url)
    assert tokens["id_token"].count(".") == 4
    access, sub = tokens["access_token"], tokens["claims"]["sub"]
    told = stranger.ask("userinfo", access_token=access, sub=sub)
    assert told["email"] == person.email


@pytest.mark.spec("OIDC Core §3.3")
@pytest.mark.parametrize("mode", [None, "form_post"])
def test_a_hybrid_answer_is_believed(meet, browser, person, mode):
    """Nonce, c_hash and both ID tokens, by the library's judgement."""
    wish = {"response_types": ["code id_token"]}
    flows = ("authorization_code", "implicit")
    stranger = meet(wish, forms=["hybrid"], grant_types=flows)
    more = {"response_mode": mode} if mode else {}
    departure = depart(stranger, browser, person, **more)
    tokens = stranger.ask(
        "callback", url=departure.url, body=dict(departure.form) or None
    )
    assert tokens["claims"]["sub"]


@pytest.mark.spec("OIDC Core §3.2")
def test_an_id_token_alone_is_believed(meet, browser, person):
    stranger = meet(
        {"response_types": ["id_token"]}, forms=["implicit"], grant_types=("implicit",)
    )
    departure = depart(stranger, browser, person)
    claims = stranger.ask("implicit", url=departure.url)
    assert claims["email"] == person.email
