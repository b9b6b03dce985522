"""What an authorization request wants of the person (OIDC Core §3.1.2.1)."""

import re
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from authlib.oauth2 import OAuth2Error
from flask import request

from authserver.core import acr, binding, claims, scopes
from authserver.core.apps import App
from authserver.core.interactions import PROMPTS, Ask
from authserver.crypto import signing
from authserver.errors import AuthError
from authserver.http.context import services
from authserver.oidc import response_modes, response_types
from authserver.oidc.errors import from_authlib
from authserver.oidc.grants.authorization_code import read_challenge
from authserver.oidc.server import server
from authserver.oidc.wire import WireRequest

_SECONDS = re.compile(r"[0-9]{1,9}")  # and no digits of other scripts


@dataclass(frozen=True)
class Wish:
    """A checked request: what is asked of the person, and what the code remembers."""

    ask: Ask
    scopes: tuple[str, ...]
    needed: tuple[str, ...]
    """The scopes that consent must cover, with those of single claims."""
    resources: tuple[str, ...]
    """The resources that the request names (RFC 8707 §2.1)."""
    details: tuple[dict[str, Any], ...]
    """Its authorization details, each held to its type (RFC 9396 §5)."""
    challenge: str | None
    dpop_jkt: str | None
    """The DPoP key that the code is bound to (RFC 9449 §10)."""
    claims: dict[str, Any] | None


def check(params: dict[str, str], app: App, asked_at: datetime) -> Wish:
    """Check a request as it comes, in a browser or pushed, and give what it wants.

    Raises:
        AuthError: Something is not as the specification has it.
    """
    response_modes.read(params, app)
    _check_response_type(params, app)
    return read(params, app, asked_at)


def _check_response_type(params: dict[str, str], app: App) -> None:
    """Let Authlib judge response type, client and scope of the code flow.

    RFC 6749 §4.1.1; what it calls implicit and hybrid grants it would answer itself, so
    they are judged by us.
    """
    if "response_type" not in params:
        raise AuthError("response_type missing", public="response_type is missing.")
    if response_types.words(params) != response_types.CODE:
        response_types.check_legacy(params, app)
        return
    try:
        server.get_consent_grant(WireRequest("GET", params, request.headers))
    except OAuth2Error as error:
        raise from_authlib(error) from None


def read(params: dict[str, str], app: App, asked_at: datetime) -> Wish:
    """Read everything beyond Authlib's own checks.

    Raises:
        AuthError: Something is not as the specification has it; by redirect.
    """
    asked = claims.parse_request(params.get("claims"))
    catalogue = services().resources.catalogue()
    resources = catalogue.asked(params.get("resource"), app)
    kept = catalogue.narrow(scopes.parse(params.get("scope")), app)
    details = services().detail_types.asked(params.get("authorization_details"), app)
    services().targeting.of_grant(kept, authorized=resources, details=details)
    has_code = "code" in response_types.words(params)
    if not has_code:
        # OIDC Core §11: nothing but a code leads to a refresh token.
        kept = tuple(scope for scope in kept if scope != scopes.OFFLINE)
    hinted = hinted_user(params.get("id_token_hint"))
    return Wish(
        ask=Ask(
            asked_at=asked_at,
            prompt=_prompt(params.get("prompt")),
            max_age=_max_age(params.get("max_age"), app),
            subject=_wanted_subject(asked, app) or hinted,
            essential_acr=acr.essential_in(asked),
            acr_values=acr.asked_by(
                params.get("acr_values"), asked, app.extra.get("default_acr_values", ())
            ),
        ),
        scopes=kept,
        needed=tuple(dict.fromkeys([*kept, *sorted(claims.scopes_of_request(asked))])),
        resources=resources,
        details=details,
        challenge=read_challenge(params, is_required=app.needs_pkce and has_code),
        dpop_jkt=_dpop_jkt(params.get("dpop_jkt")),
        claims=asked,
    )


def _prompt(text: str | None) -> frozenset[str]:
    asked = frozenset((text or "").split())
    if asked - PROMPTS:
        raise AuthError(f"prompt {text!r}", public="Unknown prompt.")
    if "none" in asked and len(asked) > 1:
        raise AuthError("prompt none with others", public="prompt=none stands alone.")
    return asked


def _dpop_jkt(text: str | None) -> str | None:
    if text is not None and not binding.is_thumbprint(text):
        raise AuthError("dpop_jkt", public="dpop_jkt must be a SHA-256 thumbprint.")
    return text


def _max_age(text: str | None, app: App) -> timedelta | None:
    if text is None:
        default = app.extra.get("default_max_age")
        return timedelta(seconds=int(default)) if default is not None else None
    if not _SECONDS.fullmatch(text):
        raise AuthError("max_age is no number", public="max_age must be seconds.")
    return timedelta(seconds=int(text))


def hinted_user(hint: str | None) -> uuid.UUID | None:
    """Give the user of an ``id_token_hint``, by the name its client knows them by.

    Raises:
        AuthError: Not signed by us, or not an ID token.
    """
    return user_of_hint(read_hint(hint)) if hint is not None else None


def user_of_hint(said: dict[str, Any]) -> uuid.UUID | None:
    """Give the user of a hint that has been read."""
    audience = said.get("aud")
    app = services().clients.find(audience) if isinstance(audience, str) else None
    return services().sectors.user_of(app, said.get("sub"))


def read_hint(hint: str) -> dict[str, Any]:
    """Check an ``id_token_hint``: one of ours, even when it has expired.

    OIDC Core §3.1.2.1 and RP-Initiated Logout §2 both want expired ones taken.

    Raises:
        AuthError: Not signed by us, or not an ID token.
    """
    try:
        ring = services().keys.ring()
        claims_of_hint = signing.verify_jwt(
            hint, ring.all, algorithms=signing.ALGORITHMS, typ="JWT"
        )
    except signing.BadToken as why:
        raise AuthError(f"id_token_hint: {why}", public="Bad id_token_hint.") from None
    if claims_of_hint.get("iss") != services().settings.issuer:
        raise AuthError("id_token_hint of another issuer", public="Bad id_token_hint.")
    # Userinfo and authorization responses are JWTs of ours too (RFC 8725 §3.12).
    if not {"sub", "exp", "auth_time"} <= claims_of_hint.keys():
        raise AuthError("id_token_hint is no ID token", public="Bad id_token_hint.")
    return claims_of_hint


def _wanted_subject(asked: dict[str, Any] | None, app: App) -> uuid.UUID | None:
    """OIDC Core §5.5.1: a ``sub`` asked with a value must be that very user."""
    for place in ("id_token", "userinfo"):
        wish = ((asked or {}).get(place) or {}).get("sub") or {}
        if "value" in wish:
            found = services().sectors.user_of(app, wish["value"])
            return found or uuid.UUID(int=0)
    return None
