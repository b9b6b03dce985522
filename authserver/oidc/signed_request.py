"""Signed authentication requests of the back channel (OpenID CIBA §7.1.1, FAPI-CIBA)."""

from collections.abc import Mapping
from typing import Any

from authserver.core.apps import App
from authserver.core.client_metadata import BACKCHANNEL_SIGNING_ALG, VALUES
from authserver.core.security_profiles import SKEW_SECONDS
from authserver.crypto import signing
from authserver.errors import AuthError
from authserver.http.context import services
from authserver.http.unit_of_work import keep_already

AROUND = frozenset(
    {"request", "client_id", "client_secret", "client_assertion"}
    | {"client_assertion_type"}
)
"""What may stand outside of a signed request: who sends it."""
OF_THE_JWT = ("iss", "aud", "exp", "iat", "nbf", "jti")
LONGEST_SECONDS = 3600
MAX_JTI = 512


def read(form: Mapping[str, str], app: App) -> dict[str, Any]:
    """Give the parameters of a request, from its signed object or from the form.

    A client that registered an algorithm signs every request.

    Raises:
        AuthError: The object is not signed by the client for us and for now, or
            parameters stand outside of it, or there should be one.
    """
    if "request" not in form:
        if BACKCHANNEL_SIGNING_ALG in app.extra:
            raise _refusal("an unsigned request of a client that signs")
        return {name: value for name, value in form.items() if name not in AROUND}
    if outside := set(form) - AROUND:
        raise _refusal(f"beside the signed request: {sorted(outside)[:5]}")
    claims = _verified(form["request"], app)
    _check_times(claims)
    _spend(claims, app)
    return {
        name: value
        for name, value in claims.items()
        if name not in OF_THE_JWT and value is not None
    }


def _verified(token: str, app: App) -> dict[str, Any]:
    registered = app.extra.get(BACKCHANNEL_SIGNING_ALG)
    taken = VALUES[BACKCHANNEL_SIGNING_ALG]
    try:
        claims = services().client_key_sets.verify(
            app,
            token,
            algorithms=[alg for alg in taken if registered in (None, alg)],
            leeway=SKEW_SECONDS,
        )
    except signing.BadToken as why:
        raise _refusal(str(why)) from None
    if claims.get("iss") != app.client_id:
        raise _refusal("iss is not the client")
    aud = claims.get("aud")
    named = aud if isinstance(aud, list) else [aud]
    if services().settings.issuer not in named:
        raise _refusal("aud is not this server")
    return claims


def _check_times(claims: dict[str, Any]) -> None:
    """FAPI-CIBA §5.2.2: all of them there, none far away; ``exp`` has been checked."""
    now = services().clock.now().timestamp()
    for name in ("iat", "nbf", "exp"):
        if type(claims.get(name)) not in (int, float):
            raise _refusal(f"{name} is missing")
    if not now - LONGEST_SECONDS <= claims["nbf"] <= now + SKEW_SECONDS:
        raise _refusal("nbf is not about now")
    if claims["exp"] - claims["nbf"] > LONGEST_SECONDS:
        raise _refusal("lives for more than an hour")


def _spend(claims: dict[str, Any], app: App) -> None:
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= MAX_JTI:
        raise _refusal("jti is missing")
    name = f"bc-authorize\n{jti}"
    if not services().tokens.spend_assertion(app.client_id, name, claims["exp"]):
        raise _refusal("sent before")
    keep_already()


def _refusal(why: str) -> AuthError:
    return AuthError(
        f"signed request: {why}", public="The signed request is not valid."
    )
