"""JWT responses of introspection (RFC 9701), beside JSON."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import ECKey
from requests import Response

from tests.conformance.dynamic.conftest import ALGORITHMS
from tests.support import reception
from tests.support.answer_rules import json_of, refused
from tests.support.browser import Browser
from tests.support.person import Person
from tests.support.relying_party import RelyingParty

Enrol = Callable[..., RelyingParty]
TYPE = "application/token-introspection+jwt"
pytestmark = pytest.mark.filterwarnings("ignore:EdDSA is deprecated")


def introspect(rp: RelyingParty, token: str, accept: str = TYPE) -> Response:
    headers, credentials = rp.credentials()
    return rp.http.post(
        rp.metadata["introspection_endpoint"],
        data=credentials | {"token": token},
        headers=headers | {"Accept": accept},
    )


def claims_of(rp: RelyingParty, answer: Response, algorithm: str) -> dict[str, Any]:
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == TYPE
    assert "no-store" in answer.headers["Cache-Control"]
    text = reception.decrypted(rp, answer.text)
    signed = jws.extract_compact(text.encode())
    header = signed.headers()
    assert header["typ"] == "token-introspection+jwt", "RFC 9701 §5"
    key = rp.keys.get_by_kid(header["kid"])
    assert jws.validate_compact(signed, key, algorithms=[algorithm])
    claims: dict[str, Any] = json.loads(signed.payload)
    return claims


@pytest.mark.spec("RFC 9701 §5")
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_who_asks_for_a_jwt_gets_one(
    enrol_client: Enrol, browser: Browser, ada: Person, algorithm: str
) -> None:
    """For this resource server, from us, and what the token is worth inside."""
    client = enrol_client(metadata={"introspection_signed_response_alg": algorithm})
    assert algorithm in client.metadata["introspection_signing_alg_values_supported"]
    flow = client.sign_in(browser, ada, scope="openid email")
    token = flow.tokens["access_token"]
    claims = claims_of(client, introspect(client, token), algorithm)
    assert set(claims) == {"iss", "aud", "iat", "token_introspection"}
    assert claims["iss"] == client.issuer
    assert claims["aud"] == client.registration.client_id
    assert abs(claims["iat"] - time.time()) < 60
    plain = json_of(introspect(client, token, "application/json"))
    assert claims["token_introspection"] == plain
    assert plain["active"] is True and plain["sub"] == flow.claims["sub"]


@pytest.mark.spec("RFC 9701 §5")
@pytest.mark.parametrize("token", ["nothing", "a.b.c", "x" * 5000])
def test_of_a_token_that_is_none_it_says_that_alone(
    rp: RelyingParty, token: str
) -> None:
    claims = claims_of(rp, introspect(rp, token), "RS256")
    assert claims["token_introspection"] == {"active": False}


@pytest.mark.spec("RFC 9701 §4")
@pytest.mark.parametrize(
    ("accept", "is_jwt"),
    [
        (TYPE, True),
        (f"{TYPE}, application/json;q=0.5", True),
        (f"application/json;q=0.5, {TYPE};q=0.9", True),
        (f"application/json, {TYPE};q=0.1", False),
        (f"{TYPE};q=0", False),
        ("application/json", False),
        ("application/*", False),
        ("*/*", False),
        ("", False),
        ("application/jwt", False),
        (";;;q=,/", False),
    ],
)
def test_the_form_is_as_the_accept_header_says(
    rp: RelyingParty, accept: str, *, is_jwt: bool
) -> None:
    """JSON stays what it was for who did not ask (RFC 7662)."""
    kind = introspect(rp, "nothing", accept).headers["Content-Type"]
    assert kind == (TYPE if is_jwt else "application/json")


@pytest.mark.spec("RFC 9701 §5")
def test_it_may_be_encrypted(
    enrol_client: Enrol, browser: Browser, ada: Person
) -> None:
    client = enrol_client(
        decryption_key=ECKey.generate_key("P-256", {"kid": "rs"}),
        metadata={
            "introspection_encrypted_response_alg": "ECDH-ES+A256KW",
            "introspection_encrypted_response_enc": "A256GCM",
        },
    )
    offered = client.metadata
    assert "A256GCM" in offered["introspection_encryption_enc_values_supported"]
    assert "ECDH-ES+A256KW" in offered["introspection_encryption_alg_values_supported"]
    flow = client.sign_in(browser, ada)
    answer = introspect(client, flow.tokens["access_token"])
    assert answer.text.count(".") == 4
    told = claims_of(client, answer, "RS256")["token_introspection"]
    assert told["sub"] == flow.claims["sub"]


def test_a_stranger_is_refused_in_json(rp: RelyingParty) -> None:
    answer = rp.http.post(
        rp.metadata["introspection_endpoint"],
        data={"token": "x", "client_id": rp.registration.client_id},
        headers={"Accept": TYPE},
    )
    refused(answer, "invalid_client", status=401)


@pytest.mark.spec("RFC 9701 §8.1")
def test_it_is_no_access_token_and_no_assertion(
    rp: RelyingParty, browser: Browser, ada: Person
) -> None:
    """RFC 8725 §3.11: its type keeps it from being taken for another JWT of ours."""
    flow = rp.sign_in(browser, ada)
    jwt = introspect(rp, flow.tokens["access_token"]).text
    assert rp.userinfo(jwt).status_code == 401
    assert json_of(rp.introspect(jwt)) == {"active": False}
