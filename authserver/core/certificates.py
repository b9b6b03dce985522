"""What clients register of their certificates (RFC 8705 §2.1.2, §2.2.2)."""

from collections.abc import Iterator, Mapping
from typing import Any

from authserver.config import Settings
from authserver.crypto import certificate

VOUCHED_FOR = "tls_client_auth"
SELF_SIGNED = "self_signed_tls_client_auth"
METHODS = (VOUCHED_FOR, SELF_SIGNED)
SUBJECT_MEMBERS = {
    "tls_client_auth_subject_dn": "dn",
    "tls_client_auth_san_dns": "dns",
    "tls_client_auth_san_uri": "uri",
    "tls_client_auth_san_ip": "ip",
    "tls_client_auth_san_email": "email",
}
"""Members of the metadata, and what kind of name of the certificate each is."""


def unavailable(settings: Settings) -> frozenset[str]:
    """Say which of the ways to authenticate this deployment cannot offer."""
    if not settings.sees_certificates:
        return frozenset(METHODS)
    return frozenset() if settings.mtls_ca_file else frozenset({VOUCHED_FOR})


def faults_of(
    auth_method: str, jwks: Mapping[str, Any] | None, extra: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """Say what is missing or too much in a registration: (member, why)."""
    given = [member for member in SUBJECT_MEMBERS if extra.get(member)]
    if auth_method == VOUCHED_FOR and len(given) != 1:
        yield (
            "tls_client_auth_subject_dn",
            f"Register exactly one of {', '.join(SUBJECT_MEMBERS)}.",
        )
    for member in given:
        if not isinstance(extra[member], str):
            yield member, f"{member} must be text."
        elif not certificate.is_name(SUBJECT_MEMBERS[member], extra[member]):
            yield member, f"{member} cannot be read as a name of that kind."
    if auth_method == SELF_SIGNED and not extra.get("jwks_uri"):
        keys = (jwks or {}).get("keys") or ()
        if not any(certificate.in_jwk(jwk) for jwk in keys):
            yield "jwks", "Register the certificate as x5c of a key (RFC 7517 §4.7)."
