"""Clients that prove themselves by a signed assertion (RFC 7523 §3, OIDC Core §9).

``private_key_jwt`` and ``client_secret_jwt``.  What the profile of the client demands
of audience and algorithm follows ``core/security_profiles``.
"""

from typing import Any

from joserfc.jwk import OctKey

from authserver.core.apps import App
from authserver.core.client_metadata import SECRET_ALGS
from authserver.core.security_profiles import SKEW_SECONDS
from authserver.crypto import signing, unverified
from authserver.errors import InvalidClient
from authserver.http.context import services
from authserver.http.unit_of_work import keep_already
from authserver.oidc import client_documents

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ENDPOINTS = (
    "/token",
    "/par",
    "/introspect",
    "/revoke",
    "/device_authorization",
    "/bc-authorize",
)
"""Where a client proves itself: RFC 9126 §2 takes each of them as the audience."""
OTHER_USES = frozenset({"oauth-authz-req+jwt", "dpop+jwt", "at+jwt", "logout+jwt"})
"""Types of JWTs that were signed for something else (RFC 8725 §3.12)."""
MAX_ASSERTION_LIFE_SECONDS = 3600
MAX_JTI = 512


def authenticate(form: dict[str, str]) -> App:
    """Give the client whose assertion this is; its ``jti`` is spent by that.

    Raises:
        InvalidClient: It proves nothing.
    """
    assertion = form.get("client_assertion", "")
    if form.get("client_assertion_type") != ASSERTION_TYPE or not assertion:
        raise InvalidClient("client_assertion_type is not jwt-bearer")
    try:
        header, body = unverified.read(assertion)
    except signing.BadToken as why:
        raise InvalidClient(f"assertion: {why}") from None
    if str(header.get("typ", "")).lower() in OTHER_USES:
        raise InvalidClient("the assertion was signed for something else")
    subject = body.get("sub")
    if not isinstance(subject, str):
        raise InvalidClient("assertion has no sub")
    app = client_documents.find_quietly(subject)
    if app is None:
        raise InvalidClient("assertion of an unknown client")
    _check_claims(_verified(assertion, app), app)
    return app


def _verified(assertion: str, app: App) -> dict[str, Any]:
    try:
        return _signed_claims(assertion, app)
    except signing.BadToken as why:
        fault = services().client_key_sets.fault_of(app)
        raise InvalidClient(f"assertion: {why} {fault}".strip()) from None


def _signed_claims(assertion: str, app: App) -> dict[str, Any]:
    """Check with the keys or secrets of this client, as it registered."""
    wanted = app.extra.get("token_endpoint_auth_signing_alg")
    if app.token_endpoint_auth_method == "private_key_jwt":
        return services().client_key_sets.verify(
            app,
            assertion,
            algorithms=[a for a in app.security.algorithms if wanted in (None, a)],
            leeway=SKEW_SECONDS,
        )
    if app.token_endpoint_auth_method != "client_secret_jwt":
        raise InvalidClient(f"{app.client_id} did not register assertions")
    secrets = services().clients.open_secrets(app)
    return signing.verify_jwt(
        assertion,
        {str(n): OctKey.import_key(one) for n, one in enumerate(secrets)},
        algorithms=[alg for alg in SECRET_ALGS if wanted in (None, alg)],
        kid_optional=True,
        now=services().clock.now().timestamp(),
        leeway=SKEW_SECONDS,
    )


def _check_claims(claims: dict[str, Any], app: App) -> None:
    """RFC 7523 §3: who, for whom, until when, and once."""
    now = services().clock.now().timestamp()
    if claims.get("iss") != app.client_id or claims.get("sub") != app.client_id:
        raise InvalidClient("iss or sub of the assertion is not the client")
    if not _is_for_us(claims.get("aud"), app):
        raise InvalidClient("the assertion is for somebody else")
    if claims["exp"] > now + MAX_ASSERTION_LIFE_SECONDS:
        raise InvalidClient("the assertion lives too long")
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= MAX_JTI:
        raise InvalidClient("the assertion has no jti")
    if not services().tokens.spend_assertion(app.client_id, jti, claims["exp"]):
        raise InvalidClient("the assertion was used before")
    keep_already()


def _is_for_us(audience: object, app: App) -> bool:
    """RFC 9126 §2: the issuer, or an endpoint that takes assertions.

    Where the profile has the issuer alone, it is one string and no list: what was
    meant for several servers could be carried from one to the other.
    """
    issuer = services().settings.issuer
    if app.security.issuer_audience:
        return audience == issuer
    named = audience if isinstance(audience, list) else [audience]
    ours = {issuer, *(f"{issuer}{path}" for path in ENDPOINTS)}
    return any(isinstance(one, str) and one in ours for one in named)
