"""What may be registered: RFC 7591 §2, OIDC Registration 1.0 §2, one change at a time."""

from __future__ import annotations

from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey

from authserver.config import load
from authserver.core import client_metadata, client_rules
from authserver.core.client_members import TABLE
from authserver.core.client_metadata import DEVICE_CODE, PUBLISHED, VALUES, Offer

GOOD: dict[str, Any] = {"redirect_uris": ["https://rp.example/cb"]}
KEY = ECKey.generate_key("P-256", {"kid": "one"})
KEYS = {"keys": [KEY.as_dict(private=False)]}
SECRET = {"keys": [OctKey.generate_key(256).as_dict(private=True)]}
RSA = RSAKey.generate_key(2048).as_dict(private=False)
SHORT = {"keys": [RSA | {"n": RSA["n"][:172]}]}
LONG = {"keys": [RSA | {"n": RSA["n"] * 5}]}
EVERY_FEATURE = frozenset(member.feature for member in TABLE.values())
AS_DELIVERED = load({"APP_ENV": "test"})
OFFER = client_metadata.offer(AS_DELIVERED, ("RS256", "ES256"))
WIDE = Offer(
    dict(VALUES)
    | {
        "response_types": ("code", "id_token", "id_token token", "code id_token"),
        "grant_types": (*client_metadata.GRANT_TYPES, "implicit"),
        "subject_type": ("public", "pairwise"),
        "id_token_encrypted_response_alg": ("RSA-OAEP-256",),
        "id_token_encrypted_response_enc": ("A128CBC-HS256",),
    },
    EVERY_FEATURE,
)


def read(
    offer: Offer = OFFER, by_operator: bool = False, **given: Any
) -> tuple[dict[str, Any], dict[str, list[str]]]:
    return client_rules.complete(GOOD | given, offer, by_operator=by_operator)


def test_the_defaults_are_those_of_the_specifications():
    """RFC 7591 §2; OIDC Registration 1.0 §2."""
    members, faults = read()
    assert faults == {}
    assert members["token_endpoint_auth_method"] == "client_secret_basic"
    assert members["grant_types"] == ["authorization_code"]
    assert members["response_types"] == ["code"]
    assert members["application_type"] == "web"
    assert members["subject_type"] == "public"
    assert members["client_name"] == "rp.example"


def test_what_is_not_understood_is_ignored():
    """RFC 7591 §2; a feature that is not offered is not understood either."""
    bare = Offer(OFFER.values, frozenset())
    members, faults = read(
        bare, nonsense=1, backchannel_logout_uri="https://x.example/"
    )
    assert faults == {}
    assert "nonsense" not in members and "backchannel_logout_uri" not in members


REFUSED = [
    ("redirect_uris", {"redirect_uris": []}),
    ("redirect_uris", {"redirect_uris": None}),
    ("redirect_uris", {"redirect_uris": "https://rp.example/cb"}),
    ("redirect_uris", {"redirect_uris": [7]}),
    ("redirect_uris", {"redirect_uris": ["https://rp.example/cb#f"]}),
    ("redirect_uris", {"redirect_uris": ["https://rp.example/cb#"]}),
    ("redirect_uris", {"redirect_uris": ["/cb"]}),
    ("redirect_uris", {"redirect_uris": ["javascript:alert(1)"]}),
    ("redirect_uris", {"redirect_uris": ["data:text/html,x"]}),
    ("redirect_uris", {"redirect_uris": ["https://rp.example@evil.example/"]}),
    ("redirect_uris", {"redirect_uris": ["https://rp.example\\.evil.example/"]}),
    ("redirect_uris", {"redirect_uris": ["http://rp.example/cb"]}),
    ("redirect_uris", {"redirect_uris": ["http://localhost/cb"]}),
    ("redirect_uris", {"redirect_uris": ["com.example.app:/cb"]}),
    ("redirect_uris", {"redirect_uris": ["https://rp.example/\x00"]}),
    ("redirect_uris", {"redirect_uris": ["https://rp.example/"] * 1 + ["x"] * 200}),
    ("client_name", {"client_name": ""}),
    ("client_name", {"client_name": "a\x00b"}),
    ("client_name", {"client_name": "\ud800"}),
    ("client_name", {"client_name": "\u202eevil"}),
    ("client_name", {"client_name": "x" * 201}),
    ("client_name#pt-BR", {"client_name#pt-BR": 7}),
    ("token_endpoint_auth_method", {"token_endpoint_auth_method": "magic"}),
    ("grant_types", {"grant_types": ["password"]}),
    ("grant_types", {"grant_types": "authorization_code"}),
    ("response_types", {"response_types": ["none"]}),
    ("response_types", {"grant_types": ["authorization_code"], "response_types": []}),
    ("grant_types", {"grant_types": ["refresh_token"], "response_types": ["code"]}),
    (
        "grant_types",
        {"token_endpoint_auth_method": "none", "grant_types": ["client_credentials"]},
    ),
    ("jwks", {"token_endpoint_auth_method": "private_key_jwt"}),
    ("jwks", {"jwks": {}}),
    ("jwks", {"jwks": {"keys": []}}),
    ("jwks", {"jwks": {"keys": [{"kty": "RSA"}]}}),
    ("jwks", {"jwks": {"keys": [KEY.as_dict(private=True)]}}),
    ("jwks", {"jwks": SECRET}),
    ("jwks", {"jwks": SHORT}),
    ("jwks", {"jwks": LONG}),
    ("jwks", {"jwks": {"keys": [RSA | {"n": "é"}]}}),
    ("jwks", {"jwks": {"keys": KEYS["keys"] * 2}}),
    ("application_type", {"application_type": "desktop"}),
    ("subject_type", {"subject_type": "secret"}),
    ("id_token_signed_response_alg", {"id_token_signed_response_alg": "none"}),
    ("id_token_signed_response_alg", {"id_token_signed_response_alg": "EdDSA"}),
    ("userinfo_signed_response_alg", {"userinfo_signed_response_alg": "none"}),
    ("default_max_age", {"default_max_age": -1}),
    ("default_max_age", {"default_max_age": "60"}),
    ("default_max_age", {"default_max_age": True}),
    ("default_max_age", {"default_max_age": 10**12}),
    ("require_auth_time", {"require_auth_time": "true"}),
    ("initiate_login_uri", {"initiate_login_uri": "http://127.0.0.1/login"}),
    ("sector_identifier_uri", {"sector_identifier_uri": "http://127.0.0.1/s.json"}),
    ("logo_uri", {"logo_uri": "http://rp.example/logo.png"}),
    ("policy_uri", {"policy_uri": "javascript:alert(1)"}),
    ("tos_uri", {"tos_uri": "com.example.app:/tos"}),
    ("contacts", {"contacts": "ada@example.org"}),
    ("scope", {"scope": 'openid "profile"'}),
    ("software_id", {"software_id": ["x"]}),
    (
        "token_endpoint_auth_signing_alg",
        {
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks": KEYS,
            "token_endpoint_auth_signing_alg": "HS256",
        },
    ),
    (
        "post_logout_redirect_uris",
        {"post_logout_redirect_uris": ["https://rp.example/out#"]},
    ),
]


@pytest.mark.parametrize(("member", "given"), REFUSED)
def test_one_fault_is_named_by_its_member(member: str, given: dict[str, Any]):
    """Nothing is mended in silence, and nothing but that is complained of."""
    _, faults = read(**given)
    assert list(faults) == [member], faults


REFUSED_WHERE_OFFERED = [
    ("jwks", {"jwks": KEYS, "jwks_uri": "https://rp.example/jwks"}),
    ("jwks_uri", {"jwks_uri": "ftp://rp.example/jwks"}),
    ("grant_types", {"response_types": ["id_token"], "grant_types": []}),
    ("response_types", {"grant_types": ["authorization_code", "implicit"]}),
    (
        "redirect_uris",
        {"response_types": ["id_token"], "redirect_uris": ["https://localhost/cb"]},
    ),
    ("frontchannel_logout_uri", {"frontchannel_logout_uri": "https://o.example/x"}),
    ("backchannel_logout_uri", {"backchannel_logout_uri": "http://rp.example/x"}),
    (
        "sector_identifier_uri",
        {
            "subject_type": "pairwise",
            "redirect_uris": ["https://a.example/", "https://b.example/"],
        },
    ),
    (
        "id_token_encrypted_response_enc",
        {"id_token_encrypted_response_enc": "A128CBC-HS256"},
    ),
    ("dpop_bound_access_tokens", {"dpop_bound_access_tokens": 1}),
    ("tls_client_auth_subject_dn", {"tls_client_auth_subject_dn": ""}),
    ("request_uris", {"request_uris": ["http://rp.example/r#x"]}),
]


@pytest.mark.parametrize(("member", "given"), REFUSED_WHERE_OFFERED)
def test_one_fault_is_named_where_all_is_offered(member: str, given: dict[str, Any]):
    """The rules of members that belong to a feature."""
    _, faults = read(WIDE, **given)
    assert list(faults) == [member], faults


TAKEN = [
    {"redirect_uris": ["https://rp.example/cb?foo=bar"]},
    {"redirect_uris": ["http://localhost:3334/cb"], "application_type": "native"},
    {"redirect_uris": ["http://[::1]/cb"], "application_type": "native"},
    {"redirect_uris": ["com.example.app:/cb"], "application_type": "native"},
    {"redirect_uris": ["http://127.0.0.1/cb"], "token_endpoint_auth_method": "none"},
    {"grant_types": ["client_credentials"], "redirect_uris": []},
    {"token_endpoint_auth_method": "private_key_jwt", "jwks": KEYS},
    {"id_token_signed_response_alg": "ES256"},
    {"client_name#pt-BR": "Loja", "client_name": "Shop"},
    {"default_max_age": 0, "require_auth_time": True},
    {"initiate_login_uri": "https://rp.example/login"},
    {"contacts": ["ada@example.org"], "software_id": "4NRB1-0XZABZI9E6-5SM3R"},
]


@pytest.mark.parametrize("given", TAKEN)
def test_what_fits_is_kept_as_it_was_given(given: dict[str, Any]):
    """RFC 7591 §3.2.1: what is registered is what was said."""
    members, faults = read(**given)
    assert faults == {}
    assert members | given == members


def test_an_app_on_this_machine_without_a_secret_is_native():
    """RFC 8252: clients of plain OAuth know no application_type."""
    uris = ["http://localhost:3334/cb"]
    members, _ = read(redirect_uris=uris, token_endpoint_auth_method="none")
    assert members["application_type"] == "native"


COMMAND_LINE = {
    "application_type": "web",
    "redirect_uris": ["com.example.app:/cb", "http://localhost:4242"],
    "grant_types": [DEVICE_CODE, "refresh_token"],
    "response_types": [],
}


def test_who_is_never_answered_by_redirect_may_name_any_address_of_an_app():
    """Debian's oidc-agent calls itself ``web``, and waits for a device code."""
    members, faults = read(**COMMAND_LINE)
    assert faults == {}
    assert members | COMMAND_LINE == members


@pytest.mark.parametrize("grant", ["authorization_code", "implicit"])
def test_but_not_with_a_flow_that_ends_there(grant: str):
    """OIDC Registration 1.0 §2."""
    kind = {"authorization_code": "code", "implicit": "id_token"}[grant]
    grants = [*COMMAND_LINE["grant_types"], grant]
    _, faults = read(
        WIDE, **COMMAND_LINE | {"grant_types": grants, "response_types": [kind]}
    )
    assert list(faults) == ["redirect_uris"]


def test_implicit_types_bring_their_grant_and_words_are_put_in_order():
    """RFC 7591 §2.1, RFC 6749 §3.1.1."""
    members, faults = read(WIDE, response_types=["token id_token"])
    assert faults == {}
    assert members["response_types"] == ["id_token token"]
    assert members["grant_types"] == ["implicit"]
    hybrid, _ = read(WIDE, response_types=["code id_token"])
    assert hybrid["grant_types"] == ["authorization_code", "implicit"]


def test_an_encryption_without_content_algorithm_gets_the_default():
    """OIDC Registration 1.0 §2: A128CBC-HS256."""
    members, faults = read(WIDE, id_token_encrypted_response_alg="RSA-OAEP-256")
    assert faults == {}
    assert members["id_token_encrypted_response_enc"] == "A128CBC-HS256"


def test_what_is_not_part_of_a_key_is_left_out():
    """An ``x5u`` would be a URL for somebody to fetch."""
    key = KEY.as_dict(private=False) | {"x5u": "http://10.0.0.1/", "note": {"a": 1}}
    members, faults = read(jwks={"keys": [key]})
    assert faults == {} and members["jwks"] == KEYS


def test_operators_answer_for_their_own_addresses():
    """The demo app is a web application on this machine."""
    members, faults = read(by_operator=True, redirect_uris=["http://127.0.0.1:3001/cb"])
    assert faults == {} and members["application_type"] == "native"


def test_only_what_there_is_a_key_for_is_offered():
    assert OFFER.values["id_token_signed_response_alg"] == ("RS256", "ES256")


def test_every_list_of_values_is_of_a_member_and_has_a_name_in_discovery():
    """A list that nobody reads would be a promise that nobody keeps."""
    assert set(VALUES) <= set(TABLE)
    assert set(PUBLISHED) == set(VALUES) - {"application_type"}
    assert set(VALUES["response_types"]) and "" not in OFFER.features


@pytest.mark.parametrize(
    ("members", "is_needed"),
    [
        ({"token_endpoint_auth_method": "client_secret_basic"}, False),
        ({"token_endpoint_auth_method": "client_secret_jwt"}, True),
        ({"id_token_signed_response_alg": "HS256"}, True),
        ({"id_token_encrypted_response_alg": "A128KW"}, True),
        ({"id_token_encrypted_response_alg": "dir"}, True),
        ({"id_token_encrypted_response_alg": "ECDH-ES+A128KW"}, False),
        ({"id_token_encrypted_response_alg": "RSA-OAEP-256"}, False),
    ],
)
def test_a_secret_is_kept_readable_only_where_it_is_used(
    members: dict[str, str], is_needed: bool
):
    assert client_metadata.needs_readable_secret(members) is is_needed
