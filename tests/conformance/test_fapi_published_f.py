"""F1, F8: what FAPI 2.0 clients read in the metadata, and that it is true."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support import answer_rules
from tests.support.answer_rules import json_of, token_answer
from tests.support.browser import Browser
from tests.support.person import Person
from tests.support.pushing import code_of
from tests.support.relying_party import RelyingParty
from tests.support.sender_constrained import KeyedParty

STRONG = {"PS256", "ES256", "EdDSA", "Ed25519"}
# what is said of a token or of the sign-in, and not of the person
OF_THE_TOKEN = {"iss", "aud", "exp", "iat", "auth_time", "acr", "amr", "sid", "sub"}
FORMS: dict[str, Any] = {
    "null": None,
    "essential": {"essential": True},
    "not essential": {"essential": False},
    "value": {"value": "whatever"},
    "values": {"values": ["one", "another"], "essential": True},
}


@pytest.mark.spec("OIDF F1")
def test_f1_the_metadata_offers_what_fapi_needs(fapi_rp: RelyingParty) -> None:
    """fapi2-…-discovery-end-point-verification."""
    found = fapi_rp.metadata
    assert found["pushed_authorization_request_endpoint"]
    assert found["authorization_response_iss_parameter_supported"] is True
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert "private_key_jwt" in found["token_endpoint_auth_methods_supported"]
    for name in (
        "token_endpoint_auth_signing_alg_values_supported",
        "request_object_signing_alg_values_supported",
        "id_token_signing_alg_values_supported",
    ):
        assert STRONG & set(found[name]), name
        assert "none" not in found[name]
    assert set(found["dpop_signing_alg_values_supported"]) <= STRONG
    assert "code" in found["response_types_supported"]


@pytest.mark.spec("OIDF F1")
@pytest.mark.spec("FAPI 2.0 §5.4.1")
def test_f1_what_we_sign_for_a_fapi_client_is_signed_strongly(
    fapi_rp: RelyingParty, browser: Browser, ada: Person
) -> None:
    """ID token and access token: never RS256."""
    party = KeyedParty.by_dpop(fapi_rp)
    ask = party.pushed(party.ask(pkce=True))
    code = code_of(party, ask, browser, ada)
    tokens = token_answer(party.redeem(ask, code), kind="DPoP")
    for name in ("id_token", "access_token"):
        assert answer_rules.header_of(tokens[name])["alg"] in STRONG, name
    assert party.check_id_token(ask, tokens)["sub"]
    assert json_of(party.introspect(tokens["access_token"]))["active"] is True


@pytest.mark.spec("OIDF F8")
@pytest.mark.parametrize("form", FORMS)
def test_f8_each_claim_can_be_asked_for_in_each_form(
    fapi_rp: RelyingParty, browser: Browser, ada: Person, form: str
) -> None:
    """OIDC Core §5.5.1: in userinfo and in the ID token; unknown ones are ignored."""
    party = KeyedParty.by_dpop(fapi_rp)
    names = sorted(set(party.metadata["claims_supported"]) - OF_THE_TOKEN)
    names = [name for name in names if name not in ("roles", "institutions")]
    assert len(names) >= 18
    wish = dict.fromkeys([*names, "no_such_claim"], FORMS[form])
    claims = json.dumps({"userinfo": wish, "id_token": wish})
    ask = party.pushed(party.ask(pkce=True, claims=claims))
    code = code_of(party, ask, browser, ada)
    tokens = token_answer(party.redeem(ask, code), kind="DPoP")
    told = json_of(party.userinfo(tokens["access_token"]))
    inside = answer_rules.claims_of(tokens["id_token"])
    assert set(names) <= set(told), set(names) - set(told)
    assert set(names) <= set(inside), set(names) - set(inside)
    assert "no_such_claim" not in {*told, *inside}
