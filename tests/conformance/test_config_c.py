"""C1: the published metadata (OIDC Discovery §3, RFC 8414), and that it is true."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from tests.support import answer_rules
from tests.support.answer_rules import json_of
from tests.support.browser import Browser
from tests.support.person import Person
from tests.support.relying_party import RelyingParty

STRING, BOOLEAN, STRINGS = str, bool, list
# every member we may publish, and its JSON type; anything else is a warning
MEMBERS: dict[str, type] = {
    "issuer": STRING,
    "authorization_endpoint": STRING,
    "token_endpoint": STRING,
    "userinfo_endpoint": STRING,
    "jwks_uri": STRING,
    "end_session_endpoint": STRING,
    "introspection_endpoint": STRING,
    "revocation_endpoint": STRING,
    "registration_endpoint": STRING,
    "pushed_authorization_request_endpoint": STRING,
    "device_authorization_endpoint": STRING,
    "backchannel_authentication_endpoint": STRING,
    "backchannel_token_delivery_modes_supported": STRINGS,
    "backchannel_authentication_request_signing_alg_values_supported": STRINGS,
    "backchannel_user_code_parameter_supported": BOOLEAN,
    "service_documentation": STRING,
    "op_policy_uri": STRING,
    "op_tos_uri": STRING,
    "scopes_supported": STRINGS,
    "response_types_supported": STRINGS,
    "response_modes_supported": STRINGS,
    "grant_types_supported": STRINGS,
    "acr_values_supported": STRINGS,
    "subject_types_supported": STRINGS,
    "id_token_signing_alg_values_supported": STRINGS,
    "userinfo_signing_alg_values_supported": STRINGS,
    "request_object_signing_alg_values_supported": STRINGS,
    "token_endpoint_auth_methods_supported": STRINGS,
    "token_endpoint_auth_signing_alg_values_supported": STRINGS,
    "introspection_endpoint_auth_methods_supported": STRINGS,
    "introspection_endpoint_auth_signing_alg_values_supported": STRINGS,
    "revocation_endpoint_auth_methods_supported": STRINGS,
    "revocation_endpoint_auth_signing_alg_values_supported": STRINGS,
    "dpop_signing_alg_values_supported": STRINGS,
    "display_values_supported": STRINGS,
    "claim_types_supported": STRINGS,
    "claims_supported": STRINGS,
    "claims_locales_supported": STRINGS,
    "ui_locales_supported": STRINGS,
    "prompt_values_supported": STRINGS,
    "code_challenge_methods_supported": STRINGS,
    "claims_parameter_supported": BOOLEAN,
    "request_parameter_supported": BOOLEAN,
    "request_uri_parameter_supported": BOOLEAN,
    "require_request_uri_registration": BOOLEAN,
    "require_pushed_authorization_requests": BOOLEAN,
    "require_signed_request_object": BOOLEAN,
    "authorization_response_iss_parameter_supported": BOOLEAN,
    "backchannel_logout_supported": BOOLEAN,
    "backchannel_logout_session_supported": BOOLEAN,
    "frontchannel_logout_supported": BOOLEAN,
    "frontchannel_logout_session_supported": BOOLEAN,
}
MEMBERS |= {
    f"{kind}_{what}_values_supported": STRINGS
    for kind in ("id_token", "userinfo", "authorization", "introspection")
    for what in ("signing_alg", "encryption_alg", "encryption_enc")
}
MEMBERS |= {
    f"request_object_encryption_{what}_values_supported": STRINGS
    for what in ("alg", "enc")
}
REQUIRED = (
    "issuer authorization_endpoint token_endpoint userinfo_endpoint jwks_uri "
    "response_types_supported subject_types_supported scopes_supported "
    "id_token_signing_alg_values_supported claims_supported "
    "token_endpoint_auth_methods_supported grant_types_supported "
    "request_uri_parameter_supported"
).split()
# BCP 47 §2.1.1: language small, Script capitalised, REGION large
LOCALE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?")


@pytest.mark.spec("OIDF C1")
def test_c1_the_document_has_what_it_must_and_the_right_types(rp: RelyingParty) -> None:
    """oidcc-discovery-endpoint-verification; the issuer is compared by `metadata`."""
    found = rp.metadata
    assert not set(REQUIRED) - set(found), set(REQUIRED) - set(found)
    assert not set(found) - set(MEMBERS), f"unheard of: {set(found) - set(MEMBERS)}"
    for name, value in found.items():
        assert type(value) is MEMBERS[name], (name, value)
        if MEMBERS[name] is STRINGS:
            assert value and all(isinstance(v, str) for v in value), (name, value)
            assert len(set(value)) == len(value), (name, value)
            assert not name.startswith("require_")


@pytest.mark.spec("OIDF C1")
def test_c1_the_issuer_is_a_plain_url(rp: RelyingParty) -> None:
    """No query, no fragment, no trailing slash; https save on loopback."""
    issuer = urlsplit(rp.metadata["issuer"])
    assert answer_rules.is_safe_url(rp.metadata["issuer"])
    assert not issuer.query and not issuer.fragment
    assert not rp.metadata["issuer"].endswith("/")


@pytest.mark.spec("OIDF C1")
def test_c1_what_a_basic_provider_must_offer_is_offered(rp: RelyingParty) -> None:
    """OIDC Core §15.1, and what this server promises beyond it."""
    found = rp.metadata
    assert "code" in found["response_types_supported"]
    assert {"query", "fragment", "form_post"} <= set(found["response_modes_supported"])
    assert "public" in found["subject_types_supported"]
    assert "RS256" in found["id_token_signing_alg_values_supported"]
    wanted = set("openid profile email address phone offline_access".split())
    assert wanted <= set(found["scopes_supported"])
    assert answer_rules.PERSONAL | {"sub"} <= set(found["claims_supported"])
    grants = {"authorization_code", "refresh_token", "client_credentials"}
    assert grants <= set(found["grant_types_supported"])
    # OAuth 2.1 leaves these out, and so do we (RFC 9700 §2.1.2, §2.4)
    assert not {"implicit", "password"} & set(found["grant_types_supported"])
    assert found["code_challenge_methods_supported"] == ["S256"]


@pytest.mark.spec("OIDF C1")
def test_c1_locales_are_written_as_bcp_47_writes_them(rp: RelyingParty) -> None:
    """`pt-BR`, not `pt_br`."""
    for name in ("ui_locales_supported", "claims_locales_supported"):
        for tag in rp.metadata.get(name, []):
            assert LOCALE.fullmatch(tag), (name, tag)


@pytest.mark.spec("OIDF C1")
@pytest.mark.spec("OIDF G7")
def test_c1_the_key_set_holds_a_key_for_each_algorithm(rp: RelyingParty) -> None:
    """What is advertised can be verified, and encrypted to; one key opens, for each."""
    signs = {key.alg for key in rp.keys.keys if key.get("use") == "sig"}
    assert signs <= set(rp.metadata["id_token_signing_alg_values_supported"])
    assert "RS256" in signs
    opens = sorted(str(key.alg) for key in rp.keys.keys if key.get("use") == "enc")
    offered = rp.metadata["request_object_encryption_alg_values_supported"]
    assert opens == sorted(offered)


@pytest.mark.spec("RFC 8414 §3")
def test_both_documents_say_the_same(rp: RelyingParty) -> None:
    """The OAuth document and the OpenID document do not disagree."""
    url = f"{rp.issuer}/.well-known/oauth-authorization-server"
    oauth: dict[str, Any] = json_of(requests.get(url, timeout=10))
    assert oauth["issuer"] == rp.issuer
    assert len(oauth) >= 10
    for name in set(oauth) & set(rp.metadata):
        assert oauth[name] == rp.metadata[name], name


@pytest.mark.spec("RFC 8414 §2")
def test_no_unsigned_algorithm_is_advertised_for_clients(rp: RelyingParty) -> None:
    """JWT methods need their algorithms named, and `none` is not one."""
    for endpoint in ("token", "introspection", "revocation"):
        prefix = f"{endpoint}_endpoint_auth"
        methods = rp.metadata.get(f"{prefix}_methods_supported", [])
        algorithms = rp.metadata.get(f"{prefix}_signing_alg_values_supported", [])
        if any(method.endswith("_jwt") for method in methods):
            assert algorithms and "none" not in algorithms


@pytest.mark.parametrize("document", ["openid-configuration", "jwks"])
def test_what_is_published_may_be_kept_and_revalidated(
    rp: RelyingParty, document: str
) -> None:
    """ETag and max-age; 304 for who has it already; any origin may read it."""
    url = rp.metadata["jwks_uri"]
    if document != "jwks":
        url = f"{rp.issuer}/.well-known/{document}"
    first = requests.get(url, headers={"Origin": "https://spa.example"}, timeout=10)
    assert "max-age=" in first.headers["Cache-Control"]
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    tag = first.headers["ETag"]
    again = requests.get(url, headers={"If-None-Match": tag}, timeout=10)
    assert (again.status_code, again.content) == (304, b"")
    head = requests.head(url, timeout=10)
    assert head.status_code == 200 and head.content == b""
    assert head.headers["ETag"] == tag


@pytest.mark.spec("RFC 9700 §2.6")
def test_authorize_answers_no_script_of_another_origin(rp: RelyingParty) -> None:
    """CORS is for the back channel, never for the authorization endpoint."""
    origin = {"Origin": "https://spa.example"}
    answer = rp.http.get(rp.ask().url, headers=origin, allow_redirects=False)
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.spec("OIDF C1")
def test_each_advertised_value_of_a_request_is_taken(
    rp: RelyingParty, browser: Browser, ada: Person
) -> None:
    """Nothing is advertised that does not work: modes, prompts, displays, ACRs."""
    offered = rp.metadata
    trials = [
        {"response_mode": mode} for mode in offered["response_modes_supported"]
    ] + [
        {"display": display} for display in offered.get("display_values_supported", [])
    ]
    trials += [{"acr_values": acr} for acr in offered.get("acr_values_supported", [])]
    prompts = [p for p in offered.get("prompt_values_supported", []) if p != "create"]
    trials += [{"prompt": prompt} for prompt in prompts if prompt != "select_account"]
    trials += [{"scope": f"openid {scope}"} for scope in offered["scopes_supported"]]
    assert len(trials) >= 9
    rp.sign_in(browser, ada)
    for trial in trials:
        walk = ada.walk(browser, browser.open((ask := rp.ask(**trial)).url))
        params = rp.receive(ask, walk.departure)
        # a scope may be for other clients; the rest has to work for this one
        assert "code" in params or params["error"] == "invalid_scope", (trial, params)
        assert "code" in params or "scope" in trial, (trial, params)
