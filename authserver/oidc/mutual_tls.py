"""Client authentication by certificate (RFC 8705 §2): vouched for, or registered itself."""

from collections.abc import Mapping
from typing import Any

from authserver.config import Settings
from authserver.core.apps import App
from authserver.core.binding import CERTIFICATE_ALWAYS
from authserver.core.certificates import SELF_SIGNED, SUBJECT_MEMBERS
from authserver.crypto import certificate as certificates
from authserver.crypto.certificate import BadCertificate, Certificate
from authserver.crypto.jwks import PublicKeys
from authserver.errors import InvalidClient
from authserver.http.certificates import current
from authserver.http.context import services

ALIASED = (
    "token_endpoint",
    "userinfo_endpoint",
    "introspection_endpoint",
    "revocation_endpoint",
    "pushed_authorization_request_endpoint",
    "device_authorization_endpoint",
    "backchannel_authentication_endpoint",
)
"""What a client calls by itself; a browser is never asked for a certificate."""


def metadata(document: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    """Say where certificates are asked for (RFC 8705 §3.3, §5); nothing if nowhere."""
    if not settings.sees_certificates:
        return {}
    told: dict[str, Any] = {CERTIFICATE_ALWAYS: True}
    if settings.mtls_url:
        told["mtls_endpoint_aliases"] = {
            name: settings.mtls_url + document[name].removeprefix(settings.issuer)
            for name in ALIASED
            if name in document
        }
    return told


def authenticate(app: App) -> None:
    """Check that the sender's certificate is this client's.

    Raises:
        InvalidClient: There is none, or it is another's.
    """
    shown = current()
    if shown is None:
        raise InvalidClient("no client certificate")
    if app.token_endpoint_auth_method == SELF_SIGNED:
        _is_registered(app, shown)
    else:
        _is_vouched_for(app, shown)


def _is_registered(app: App, shown: Certificate) -> None:
    """§2.2: the certificate is among those in the client's keys; nobody else vouches."""

    def has_it(keys: PublicKeys) -> bool:
        known = (certificates.in_jwk(key.dict_value) for key in keys.signing.values())
        return shown.x5t in known

    # A certificate that is new may have been published since we looked.
    if not has_it(services().client_key_sets.of(app, has_it)):
        raise InvalidClient("a certificate that is not registered")


def _is_vouched_for(app: App, shown: Certificate) -> None:
    """§2.1: an authority of ours vouches, and the subject is the registered one."""
    authorities = services().authorities
    if authorities is None:
        raise InvalidClient("tls_client_auth without MTLS_CA_FILE")
    try:
        authorities.check(shown, services().clock.now())
    except BadCertificate as why:
        raise InvalidClient(f"certificate: {why}") from None
    wanted = [
        (kind, app.extra[member])
        for member, kind in SUBJECT_MEMBERS.items()
        if app.extra.get(member)
    ]
    if len(wanted) != 1:
        raise InvalidClient(f"{app.client_id} has not one subject registered")
    kind, value = wanted[0]
    is_subject = (
        shown.has_subject(value) if kind == "dn" else shown.has_name(kind, value)
    )
    if not is_subject:
        raise InvalidClient("the certificate is for another subject")
