"""Security profiles: what a client's protocol must be like, as one table.

Each client has one.  ``oidc`` is OpenID Connect Core over RFC 6749, as RFC 9700 amends
them; ``oauth21`` is OAuth 2.1; ``fapi2`` is the FAPI 2.0 Security Profile (Final);
``fapi2-ms`` adds FAPI 2.0 Message Signing (Final).  Where they contradict each other,
this table decides, and no rule asks for the name of a profile.  ``docs/profiles.md`` is
printed from here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from typing import Any

SECRET_METHODS = ("client_secret_basic", "client_secret_post", "client_secret_jwt")
KEY_METHODS = ("private_key_jwt",)
CERTIFICATE_METHODS = ("tls_client_auth", "self_signed_tls_client_auth")
EVERY_METHOD = (*SECRET_METHODS, *KEY_METHODS, *CERTIFICATE_METHODS, "none")
KEY_ALGS = ("RS256", "PS256", "ES256", "EdDSA", "Ed25519")
STRONG_ALGS = ("PS256", "ES256", "EdDSA", "Ed25519")
"""FAPI 2.0 §5.4.1: no RSASSA-PKCS1-v1_5; RFC 9864 calls EdDSA Ed25519."""

ALGORITHM_MEMBERS = (
    "token_endpoint_auth_signing_alg",
    "request_object_signing_alg",
    "id_token_signed_response_alg",
    "userinfo_signed_response_alg",
    "authorization_signed_response_alg",
    "introspection_signed_response_alg",
)
SKEW_SECONDS = 10
"""FAPI 2.0 §5.3.2.1: 10 seconds ahead are taken, more than 60 are not."""


def rule(title: str, source: str) -> Any:
    """Declare a column of the table.

    Args:
        title: What is demanded, as the document prints it.
        source: Which sentences demand it.
    """
    return field(metadata={"title": title, "source": source})


@dataclass(frozen=True)
class SecurityProfile:
    """One row: what is demanded of a client that has this profile."""

    name: str
    needs_pkce: bool = rule(
        "S256 challenge from confidential clients too (public ones always)",
        "RFC 9700 §2.1.1; OAuth 2.1 §4.1.1; FAPI 2.0 §5.3.2.2",
    )
    needs_par: bool = rule(
        "Authorization requests are pushed", "RFC 9126 §5; FAPI 2.0 §5.3.2.2"
    )
    needs_redirect_uri: bool = rule(
        "A request names its redirect URI, even the only one registered",
        "OIDC Core §3.1.2.1; FAPI 2.0 §5.3.2.2",
    )
    repeats_redirect_uri: bool = rule(
        "The token request repeats the redirect URI",
        "RFC 6749 §4.1.3; OAuth 2.1 §10.2 drops it",
    )
    auth_methods: tuple[str, ...] = rule(
        "Client authentication", "OIDC Core §9; FAPI 2.0 §5.3.2.1"
    )
    algorithms: tuple[str, ...] = rule(
        "Algorithms of signatures, the client's and ours", "FAPI 2.0 §5.4.1"
    )
    issuer_audience: bool = rule(
        "A client assertion's audience is the issuer, as a single string",
        "FAPI 2.0 §5.3.2.1; RFC 9126 §2 takes endpoints too",
    )
    sender_constrained: bool = rule(
        "Access tokens are bound to a key of the client (DPoP or mTLS)",
        "RFC 9449; RFC 8705; FAPI 2.0 §5.3.2.1",
    )
    rotates_refresh: bool = rule(
        "A refresh token is replaced at each use",
        "RFC 9700 §4.14.2; FAPI 2.0 §5.3.2.1 (9) forbids it",
    )
    longest_code_life: timedelta | None = rule(
        "Longest life of a code, whatever the setting",
        "RFC 6749 §4.1.2; FAPI 2.0 §5.3.2.2",
    )
    legacy_response_types: bool = rule(
        "Response types other than `code`, if the server has them switched on",
        "RFC 9700 §2.1.2; OAuth 2.1 §10.1; FAPI 2.0 §5.3.2.2",
    )
    needs_signed_request: bool = rule(
        "Requests are signed, with `aud`, `nbf` and `exp`, for an hour at most",
        "RFC 9101; FAPI 2.0 Message Signing §5.3.1",
    )
    needs_signed_response: bool = rule(
        "Authorization responses are signed (JARM)",
        "JARM §2; FAPI 2.0 Message Signing §5.4.1",
    )

    def code_life(self, chosen: timedelta) -> timedelta:
        """Give how long a code lives, where the operator chose a span for all."""
        longest = self.longest_code_life
        return chosen if longest is None else min(chosen, longest)


OIDC = SecurityProfile(
    name="oidc",
    needs_pkce=False,
    needs_par=False,
    needs_redirect_uri=False,
    repeats_redirect_uri=True,
    auth_methods=EVERY_METHOD,
    algorithms=KEY_ALGS,
    issuer_audience=False,
    sender_constrained=False,
    rotates_refresh=True,
    longest_code_life=None,
    legacy_response_types=True,
    needs_signed_request=False,
    needs_signed_response=False,
)
OAUTH21 = replace(
    OIDC,
    name="oauth21",
    needs_pkce=True,
    repeats_redirect_uri=False,
    legacy_response_types=False,
)
FAPI2 = replace(
    OAUTH21,
    name="fapi2",
    needs_par=True,
    needs_redirect_uri=True,
    auth_methods=(*KEY_METHODS, *CERTIFICATE_METHODS),
    algorithms=STRONG_ALGS,
    issuer_audience=True,
    sender_constrained=True,
    rotates_refresh=False,
    longest_code_life=timedelta(seconds=60),
)
FAPI2_MS = replace(
    FAPI2, name="fapi2-ms", needs_signed_request=True, needs_signed_response=True
)
PROFILES: Mapping[str, SecurityProfile] = {
    profile.name: profile for profile in (OIDC, OAUTH21, FAPI2, FAPI2_MS)
}


def of(name: str) -> SecurityProfile:
    """Give a profile by its name; a name that is gone demands most of all."""
    return PROFILES.get(name, FAPI2_MS)


def differences(old: SecurityProfile, new: SecurityProfile) -> Iterator[str]:
    """Say what a client would find changed under another profile, rule by rule."""
    for column in fields(SecurityProfile)[1:]:
        before, after = getattr(old, column.name), getattr(new, column.name)
        if before != after:
            title = column.metadata["title"]
            yield f"{title}: {words(after)} (now {words(before)})"


def words(value: object) -> str:
    """Write a cell of the table."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, timedelta):
        return f"{int(value.total_seconds())} s"
    if isinstance(value, tuple):
        return ", ".join(f"`{one}`" for one in value)
    return "as set" if value is None else str(value)


def faults_of(
    profile: SecurityProfile,
    *,
    auth_method: str,
    response_types: tuple[str, ...],
    jwks: Mapping[str, Any] | None,
    extra: Mapping[str, Any],
) -> Iterator[tuple[str, str]]:
    """Say which members of a registration do not fit a profile: (member, why).

    Args:
        profile: The one that the client has or would have.
        auth_method: ``token_endpoint_auth_method``.
        response_types: Those registered.
        jwks: The client's public keys, where they are registered by value.
        extra: The rest of its metadata, by the names of RFC 7591.
    """
    if auth_method not in profile.auth_methods:
        said = f"{profile.name} takes {', '.join(profile.auth_methods)}."
        yield "token_endpoint_auth_method", said
    if not profile.legacy_response_types and set(response_types) - {"code"}:
        yield "response_types", f"{profile.name} takes code alone."
    if profile.needs_signed_request and not (jwks or extra.get("jwks_uri")):
        yield "jwks", f"{profile.name} signs its requests: register the public keys."
    if profile.algorithms == KEY_ALGS:
        return
    allowed = ", ".join(profile.algorithms)
    for member in ALGORITHM_MEMBERS:
        if extra.get(member) not in (None, *profile.algorithms):
            yield member, f"{profile.name} takes {allowed}."
    if jwks and not _has_fitting_key(jwks, profile):
        yield "jwks", f"No key is for one of {allowed} ({profile.name})."


def _has_fitting_key(jwks: Mapping[str, Any], profile: SecurityProfile) -> bool:
    """Whether a signature could be checked; a key without ``alg`` is for any."""
    keys = jwks.get("keys")
    if not isinstance(keys, list):
        return True  # that it is no key set is another fault
    return any(
        key.get("use") in (None, "sig")
        and key.get("alg") in (None, *profile.algorithms)
        for key in keys
        if isinstance(key, dict)
    )
