"""The client-credentials profile of FAPI 2.0: no browser, and all of the rest.

Discovery, the happy flow, keys that bind, assertions and their algorithm, times,
audience and subject, proofs and their times (F1, F30, F34-F37, F44, F45, F54-F56).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.answer_rules import claims_of, json_of, refused
from tests.support.proofs import Prover
from tests.support.relying_party import RelyingParty
from tests.support.sender_constrained import KeyedParty

CREDENTIALS = {"grant_type": "client_credentials"}
TOKEN = "token_endpoint"


@pytest.fixture(scope="session")
def registered(enrol_client: Callable[..., RelyingParty]) -> RelyingParty:
    return enrol_client(
        auth_method="private_key_jwt",
        key_algorithm="PS256",
        profile="fapi2",
        redirect_uris=[],
        grant_types=["client_credentials"],
    )


@pytest.fixture
def party(registered: RelyingParty) -> KeyedParty:
    return KeyedParty.by_dpop(registered)


@pytest.mark.spec("OIDF F1")
def test_f1_discovery_says_what_fapi_asks_for(party: KeyedParty) -> None:
    told = party.metadata
    assert told["code_challenge_methods_supported"] == ["S256"]
    assert told["authorization_response_iss_parameter_supported"] is True
    assert "pushed_authorization_request_endpoint" in told
    assert "private_key_jwt" in told["token_endpoint_auth_methods_supported"]
    strong = {"PS256", "ES256", "EdDSA", "Ed25519"}
    assert strong & set(told["token_endpoint_auth_signing_alg_values_supported"])
    assert set(told["dpop_signing_alg_values_supported"]) <= strong
    assert told["tls_client_certificate_bound_access_tokens"] is True
    assert told["mtls_endpoint_aliases"]


def test_the_token_is_the_clients_own_and_bound(party: KeyedParty) -> None:
    tokens = party.own_token()
    assert "refresh_token" not in tokens and "id_token" not in tokens
    claims = claims_of(tokens["access_token"])
    assert claims["sub"] == claims["client_id"] == party.registration.client_id
    assert claims["cnf"] == {"jkt": party.prover.jkt}
    # nobody's at userinfo
    assert party.userinfo(tokens["access_token"]).status_code == 401


@pytest.mark.spec("OIDF F30")
def test_f30_without_a_key_there_is_no_token(party: KeyedParty) -> None:
    answer = party.post_once(TOKEN, proof=None, **CREDENTIALS)
    refused(answer, "invalid_request", "invalid_dpop_proof", status=400)


NOW, EXPIRED, AHEAD = int(time.time()), -300, 90
BAD_ASSERTIONS: dict[str, dict[str, Any]] = {
    "F34 RS256": {"header": {"alg": "RS256"}},
    "F36 expired for five minutes": {"exp": EXPIRED},
    "F37 another audience": {"aud": "https://other.example"},
    "F38 no sub": {"sub": None},
    "F45 nbf a minute ahead": {"nbf": AHEAD, "exp": AHEAD + 60},
    "F54 audience in a list": {"aud": "list"},
    "F56 audience is the endpoint": {"aud": "token"},
}


@pytest.mark.spec("OIDF F34")
@pytest.mark.spec("OIDF F36")
@pytest.mark.spec("OIDF F37")
@pytest.mark.spec("OIDF F38")
@pytest.mark.spec("OIDF F45")
@pytest.mark.spec("OIDF F54")
@pytest.mark.spec("OIDF F56")
@pytest.mark.parametrize("change", BAD_ASSERTIONS.values(), ids=BAD_ASSERTIONS)
def test_a_bad_assertion_is_refused(
    party: KeyedParty, change: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    change = dict(change)
    if change.get("aud") in ("list", "token"):
        own = {"list": [party.issuer], "token": party.metadata[TOKEN]}
        change["aud"] = own[change["aud"]]
    now = int(time.time())
    change |= {name: now + change[name] for name in ("exp", "nbf") if name in change}
    made = party.assertion(**change)
    monkeypatch.setattr(party, "assertion", lambda: made)
    answer = party.post(TOKEN, **CREDENTIALS)
    refused(answer, "invalid_client", "invalid_request")


@pytest.mark.spec("OIDF F35")
def test_f35_without_an_assertion_there_is_no_token(party: KeyedParty) -> None:
    url = party.metadata[TOKEN]
    body = CREDENTIALS | {"client_id": party.registration.client_id}
    answer = party.http.post(
        url, data=body, headers={"DPoP": party.prover.proof("POST", url)}
    )
    refused(answer, "invalid_client", "invalid_request")


@pytest.mark.spec("OIDF F44")
def test_f44_eight_seconds_ahead_are_taken(
    party: KeyedParty, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = party.assertion(nbf=int(time.time()) + 8)
    monkeypatch.setattr(party, "assertion", lambda: made)
    assert party.own_token()


@pytest.mark.spec("OIDF F10")
@pytest.mark.spec("OIDF F11")
@pytest.mark.spec("OIDF F12")
@pytest.mark.parametrize("claims", [{"iat": -10}, {"iat": 10}, {"nbf": -5, "exp": 60}])
def test_a_proof_may_be_a_little_off(party: KeyedParty, claims: dict[str, int]) -> None:
    now = int(time.time())
    moved = {name: now + by for name, by in claims.items()}
    proof = party.prover.proof("POST", party.metadata[TOKEN], **moved)
    answer = party.post_once(TOKEN, proof=proof, **CREDENTIALS)
    assert json_of(answer)["token_type"] == "DPoP"


BAD_PROOFS: dict[str, dict[str, Any]] = {
    "no typ": {"header": {"typ": None}},
    "no jwk": {"header": {"jwk": None}},
    "RS256": {"header": {"alg": "RS256"}},
    "alg none": {"header": {"alg": "none"}},
    "no jti": {"jti": None},
    "no htm": {"htm": None},
    "another htm": {"htm": "GET"},
    "no htu": {"htu": None},
    "another htu": {"htu": "https://127.0.0.1/token/other"},
    "no iat": {"iat": None},
    "an hour old": {"iat": NOW - 3600},
    "an hour ahead": {"iat": NOW + 3600},
    "bad signature": {"signed_by": Prover()},
}


@pytest.mark.spec("OIDF F39")
@pytest.mark.spec("RFC 9449 §5")
@pytest.mark.parametrize("change", BAD_PROOFS.values(), ids=BAD_PROOFS)
def test_a_bad_proof_is_refused_at_the_token_endpoint(
    party: KeyedParty, change: dict[str, Any]
) -> None:
    proof = party.prover.proof("POST", party.metadata[TOKEN], **change)
    answer = party.post_once(TOKEN, proof=proof, **CREDENTIALS)
    refused(answer, "invalid_dpop_proof", status=400)
