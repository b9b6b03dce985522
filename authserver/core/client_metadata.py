"""What a client registration must look like as a whole (RFC 7591 §2, §2.1, §5)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from authserver.core import redirects, security_profiles

PROFILES = tuple(security_profiles.PROFILES)
AUTH_METHODS = (
    "client_secret_basic",
    "client_secret_post",
    "client_secret_jwt",
    "private_key_jwt",
    "none",
)
GRANT_TYPES = ("authorization_code", "refresh_token", "client_credentials")
MAX_NAME = 200


def faults_of(
    name: str,
    redirect_uris: Sequence[str],
    auth_method: str,
    grant_types: Sequence[str],
    more: Mapping[str, Any],
) -> dict[str, list[str]]:
    """List the faults of a registration by field; empty when it can stand."""
    faults: dict[str, list[str]] = {}

    def say(field_name: str, text: str) -> None:
        faults.setdefault(field_name, []).append(text)

    if not name.strip() or len(name) > MAX_NAME:
        say("name", f"Give a name of 1 to {MAX_NAME} characters.")
    for field_name, uris in (
        ("redirect_uris", redirect_uris),
        ("post_logout_redirect_uris", more.get("post_logout_redirect_uris") or ()),
    ):
        for uri in uris:
            if why := redirects.fault_of(uri):
                say(field_name, f"{uri} {why}.")
    if auth_method not in AUTH_METHODS:
        say("token_endpoint_auth_method", f"One of {', '.join(AUTH_METHODS)}.")
    if unknown := set(grant_types) - set(GRANT_TYPES):
        say("grant_types", f"Unknown: {', '.join(sorted(unknown))}.")
    if "authorization_code" in grant_types and not redirect_uris:
        say("redirect_uris", "The code flow needs at least one.")
    if "client_credentials" in grant_types and auth_method == "none":
        say("grant_types", "A public client has no credentials (RFC 6749 §4.4).")
    if auth_method == "private_key_jwt" and not more.get("jwks"):
        say("jwks", "private_key_jwt needs the client's public keys.")
    for field_name, text in _profile_faults(auth_method, more):
        say(field_name, text)
    return faults


def _profile_faults(
    auth_method: str, more: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    name = more.get("profile") or "oidc"
    if name not in PROFILES:
        yield "profile", f"One of {', '.join(PROFILES)}."
        return
    yield from security_profiles.faults_of(
        security_profiles.of(name),
        auth_method=auth_method,
        response_types=tuple(more.get("response_types") or ("code",)),
        jwks=more.get("jwks"),
        extra=more.get("extra") or {},
    )
