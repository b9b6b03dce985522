"""The table of security profiles says what we mean, row by row."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import timedelta
from typing import Any

import pytest
from joserfc.jwk import RSAKey

from authserver.core import security_profiles
from authserver.core.client_metadata import AUTH_METHODS
from authserver.core.security_profiles import PROFILES, SecurityProfile
from authserver.errors import InvalidInput
from authserver.services import Services

ALL = ("oidc", "oauth21", "fapi2", "fapi2-ms")
BY_KEY = ("private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth")
STRONG = ("PS256", "ES256", "EdDSA", "Ed25519")
ANY = ("RS256", *STRONG)
MINUTE = timedelta(seconds=60)

# What each specification says; the product's table has to say the same.
DEMANDS: Mapping[str, tuple[Any, Any, Any, Any]] = {
    "needs_pkce": (False, True, True, True),
    "needs_par": (False, False, True, True),
    "needs_redirect_uri": (False, False, True, True),
    "repeats_redirect_uri": (True, False, False, False),
    "algorithms": (ANY, ANY, STRONG, STRONG),
    "issuer_audience": (False, False, True, True),
    "sender_constrained": (False, False, True, True),
    "rotates_refresh": (True, True, False, False),
    "longest_code_life": (None, None, MINUTE, MINUTE),
    "legacy_response_types": (True, False, False, False),
    "needs_signed_request": (False, False, False, True),
    "needs_signed_response": (False, False, False, True),
}
RSA = RSAKey.generate_key(2048).as_dict(private=False)


@pytest.mark.parametrize("rule", DEMANDS)
@pytest.mark.spec("FAPI 2.0 §5.3.2")
def test_each_row_is_what_its_specification_says(rule: str) -> None:
    assert tuple(getattr(PROFILES[name], rule) for name in ALL) == DEMANDS[rule]


def test_no_row_is_left_out() -> None:
    columns = {column.name for column in fields(SecurityProfile)}
    assert columns == {"name", "auth_methods", *DEMANDS}
    assert tuple(PROFILES) == ALL


@pytest.mark.spec("FAPI 2.0 §5.3.2.1")
def test_fapi_clients_prove_themselves_by_a_key() -> None:
    """And the others in every way that can be registered."""
    for name in ("oidc", "oauth21"):
        assert set(AUTH_METHODS) <= set(PROFILES[name].auth_methods)
    for name in ("fapi2", "fapi2-ms"):
        assert PROFILES[name].auth_methods == BY_KEY


def test_a_profile_that_is_gone_demands_most_of_all() -> None:
    assert security_profiles.of("nonsense") is PROFILES["fapi2-ms"]


def test_the_life_of_a_code_is_the_shorter_of_two() -> None:
    long, short = timedelta(minutes=5), timedelta(seconds=30)
    assert PROFILES["oidc"].code_life(long) == long
    assert PROFILES["fapi2"].code_life(long) == MINUTE
    assert PROFILES["fapi2"].code_life(short) == short


@pytest.mark.parametrize(
    ("wishes", "member"),
    [
        ({"auth_method": "client_secret_basic"}, "token_endpoint_auth_method"),
        ({"auth_method": "none"}, "token_endpoint_auth_method"),
        ({"jwks": {"keys": [RSA | {"alg": "RS256"}]}}, "jwks"),
        ({"jwks": {"keys": [RSA | {"use": "enc"}]}}, "jwks"),
        (
            {"extra": {"token_endpoint_auth_signing_alg": "RS256"}},
            "token_endpoint_auth_signing_alg",
        ),
        (
            {"extra": {"id_token_signed_response_alg": "RS256"}},
            "id_token_signed_response_alg",
        ),
    ],
)
def test_what_does_not_fit_a_profile_is_not_registered(
    services: Services, wishes: dict[str, Any], member: str
) -> None:
    """Each fault is told beside its member."""
    good = {
        "name": "Bank",
        "redirect_uris": ["https://bank.example/cb"],
        "auth_method": "private_key_jwt",
        "jwks": {"keys": [RSA | {"alg": "PS256"}]},
        "profile": "fapi2",
    }
    assert services.clients.register(**good)
    with pytest.raises(InvalidInput) as refused:
        services.clients.register(**(good | wishes))
    assert member in refused.value.fields
    services.clients.register(**(good | wishes | {"profile": "oauth21"}))


def test_another_profile_is_told_by_what_it_changes() -> None:
    told = list(security_profiles.differences(PROFILES["fapi2"], PROFILES["fapi2-ms"]))
    assert len(told) == 2
    assert all(one.endswith("yes (now no)") for one in told)
    assert not list(security_profiles.differences(PROFILES["oidc"], PROFILES["oidc"]))
