"""D1, D3, G6: ID tokens and userinfo signed and encrypted as a client registered."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from joserfc import jwe, jws
from joserfc.jwk import ECKey, OKPKey, RSAKey

from tests.conformance.dynamic.conftest import ALGORITHMS
from tests.support import answer_rules, reception
from tests.support.answer_rules import json_of
from tests.support.browser import Browser
from tests.support.key_host import KeyHost
from tests.support.person import Person
from tests.support.relying_party import RelyingParty

Enrol = Callable[..., RelyingParty]
CIPHERS = [
    ("RSA-OAEP-256", "A128CBC-HS256", RSAKey.generate_key(2048, {"kid": "enc-r"})),
    ("RSA-OAEP-256", "A256GCM", RSAKey.generate_key(2048, {"kid": "enc-r2"})),
    ("ECDH-ES", "A128CBC-HS256", ECKey.generate_key("P-256", {"kid": "enc-e"})),
    ("ECDH-ES", "A256GCM", OKPKey.generate_key("X25519", {"kid": "enc-x"})),
    ("ECDH-ES+A256KW", "A128CBC-HS256", ECKey.generate_key("P-384", {"kid": "enc-3"})),
    ("ECDH-ES+A256KW", "A256GCM", ECKey.generate_key("P-256", {"kid": "enc-w"})),
]
IDS = [f"{alg} {enc} {key.get('crv', '')}" for alg, enc, key in CIPHERS]
pytestmark = pytest.mark.filterwarnings("ignore:EdDSA is deprecated")


@pytest.mark.spec("OIDF D1")
@pytest.mark.spec("OIDF G6")
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_d1_an_id_token_is_signed_as_registered(
    enrol_client: Enrol, browser: Browser, ada: Person, algorithm: str
) -> None:
    """oidcc-idtoken-rs256, and the same for each algorithm that is advertised."""
    client = enrol_client(metadata={"id_token_signed_response_alg": algorithm})
    advertised = client.metadata["id_token_signing_alg_values_supported"]
    assert set(advertised) == set(ALGORITHMS)
    flow = client.sign_in(browser, ada, scope="openid offline_access", prompt="consent")
    assert answer_rules.header_of(flow.tokens["id_token"])["alg"] == algorithm
    again = json_of(client.refresh(flow.tokens["refresh_token"]))
    assert answer_rules.header_of(again["id_token"])["alg"] == algorithm


@pytest.mark.spec("OIDF D2")
def test_d2_unsigned_id_tokens_are_not_offered(rp: RelyingParty) -> None:
    """oidcc-idtoken-unsigned is skipped: `none` is advertised nowhere."""
    offered = [v for k, v in rp.metadata.items() if "alg_values_supported" in k]
    assert len(offered) >= 8 and not any("none" in algs for algs in offered)


@pytest.mark.spec("OIDF D3")
@pytest.mark.spec("OIDC Core §5.3.2")
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_d3_userinfo_is_signed_for_who_registered_it(
    enrol_client: Enrol, browser: Browser, ada: Person, algorithm: str
) -> None:
    """oidcc-userinfo-rs256: application/jwt with iss and aud, and no nonce."""
    client = enrol_client(metadata={"userinfo_signed_response_alg": algorithm})
    assert algorithm in client.metadata["userinfo_signing_alg_values_supported"]
    flow = client.sign_in(browser, ada, scope="openid email")
    for by in ("get", "post", "body"):
        answer = client.userinfo(flow.tokens["access_token"], by=by)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "application/jwt"
        assert "no-store" in answer.headers["Cache-Control"]
        told = verified(client, answer.text, algorithm)
        assert told["iss"] == client.issuer
        assert told["aud"] == client.registration.client_id
        assert told["sub"] == flow.claims["sub"] and told["email"] == ada.email
        assert "nonce" not in told and "exp" not in told


def test_userinfo_stays_json_for_who_did_not_ask(
    rp: RelyingParty, browser: Browser, ada: Person
) -> None:
    """OIDC Core §5.3.2: JSON is the default; ``Accept`` changes nothing."""
    flow = rp.sign_in(browser, ada)
    header = {
        "Authorization": f"Bearer {flow.tokens['access_token']}",
        "Accept": "application/jwt",
    }
    answer = rp.http.get(rp.metadata["userinfo_endpoint"], headers=header)
    assert set(json_of(answer)) == {"sub"}


def test_a_refusal_of_userinfo_is_json_for_everybody(
    enrol_client: Enrol, browser: Browser, ada: Person
) -> None:
    """RFC 6750 §3.1."""
    client = enrol_client(metadata={"userinfo_signed_response_alg": "RS256"})
    flow = client.sign_in(browser, ada)
    client.revoke(flow.tokens["access_token"])
    answer_rules.refused(client.userinfo(flow.tokens["access_token"]), "invalid_token")


@pytest.mark.spec("OIDC Core §10.2")
@pytest.mark.parametrize(("alg", "enc", "key"), CIPHERS, ids=IDS)
def test_each_advertised_cipher_carries_a_flow(
    enrol_client: Enrol, browser: Browser, ada: Person, alg: str, enc: str, key: Any
) -> None:
    """Nested: signed first, then encrypted, and the header says so (RFC 7519 §5.2)."""
    client = enrol_client(
        decryption_key=key,
        metadata={
            "id_token_encrypted_response_alg": alg,
            "id_token_encrypted_response_enc": enc,
            "userinfo_signed_response_alg": "ES256",
            "userinfo_encrypted_response_alg": alg,
            "userinfo_encrypted_response_enc": enc,
        },
    )
    for kind in ("id_token", "userinfo"):
        assert alg in client.metadata[f"{kind}_encryption_alg_values_supported"]
        assert enc in client.metadata[f"{kind}_encryption_enc_values_supported"]
    ask = client.ask(scope="openid email")
    walk = ada.walk(browser, browser.open(ask.url))
    reply = client.receive(ask, walk.departure)
    tokens = answer_rules.token_answer(client.redeem(ask, reply["code"]))
    header = jwe_header(tokens["id_token"])
    assert (header["alg"], header["enc"]) == (alg, enc)
    assert (header["cty"], header["kid"]) == ("JWT", key.kid)
    signed = reception.decrypted(client, tokens["id_token"])
    claims = client.check_id_token(ask, tokens | {"id_token": signed})
    answer = client.userinfo(tokens["access_token"])
    assert answer.headers["Content-Type"] == "application/jwt"
    inner = reception.decrypted(client, answer.text)
    assert inner != answer.text
    assert verified(client, inner, "ES256")["sub"] == claims["sub"]


@pytest.mark.spec("OIDC Core §5.3.2")
def test_userinfo_may_be_encrypted_alone(
    enrol_client: Enrol, browser: Browser, ada: Person
) -> None:
    """Then what is inside is JSON, and no JWT."""
    alg, enc, key = CIPHERS[2]
    client = enrol_client(
        decryption_key=key, metadata={"userinfo_encrypted_response_alg": alg}
    )
    flow = client.sign_in(browser, ada)
    answer = client.userinfo(flow.tokens["access_token"])
    assert jwe_header(answer.text)["enc"] == enc, "OIDC Registration §2: the default"
    assert "cty" not in jwe_header(answer.text)
    told = json.loads(reception.decrypted(client, answer.text))
    assert told["sub"] == flow.claims["sub"]


@pytest.mark.spec("OIDC Core §10.2.1")
def test_the_key_to_encrypt_to_may_lie_at_a_jwks_uri(
    enrol_client: Enrol, browser: Browser, ada: Person, key_host: KeyHost
) -> None:
    alg, enc, key = CIPHERS[0]
    client = enrol_client(
        jwks_uri=key_host.url,
        decryption_key=key,
        metadata={"id_token_encrypted_response_alg": alg},
    )
    key_host.publish(key.as_dict(private=False, use="enc"))
    ask = client.ask()
    reply = client.receive(ask, ada.walk(browser, browser.open(ask.url)).departure)
    tokens = answer_rules.token_answer(client.redeem(ask, reply["code"]))
    signed = reception.decrypted(client, tokens["id_token"])
    assert client.check_id_token(ask, tokens | {"id_token": signed})
    assert jwe_header(tokens["id_token"])["enc"] == enc


@pytest.mark.spec("OIDC Core §10.2")
def test_without_a_key_nothing_is_told_in_the_clear_and_the_code_is_not_spent(
    enrol_client: Enrol, browser: Browser, ada: Person, key_host: KeyHost
) -> None:
    """The client puts its key right, and goes on with the code that it has."""
    alg, _, key = CIPHERS[0]
    client = enrol_client(
        jwks_uri=key_host.url,
        decryption_key=key,
        metadata={"id_token_encrypted_response_alg": alg},
    )
    key_host.publish(CIPHERS[2][2].as_dict(private=False, use="enc"))
    ask = client.ask()
    reply = client.receive(ask, ada.walk(browser, browser.open(ask.url)).departure)
    answer = client.redeem(ask, reply["code"])
    answer_rules.refused(answer, "invalid_request", status=400)
    assert "access_token" not in answer.text
    key_host.publish(key.as_dict(private=False, use="enc"))
    answer_rules.token_answer(client.redeem(ask, reply["code"]))


def verified(client: RelyingParty, token: str, algorithm: str) -> dict[str, Any]:
    signed = jws.extract_compact(token.encode())
    key = client.keys.get_by_kid(signed.headers()["kid"])
    assert jws.validate_compact(signed, key, algorithms=[algorithm])
    claims: dict[str, Any] = json.loads(signed.payload)
    return claims


def jwe_header(token: str) -> dict[str, Any]:
    registry = jwe.JWERegistry(algorithms=["RSA-OAEP-256", "ECDH-ES", "ECDH-ES+A256KW"])
    return dict(jwe.extract_compact(token.encode(), registry).headers())
