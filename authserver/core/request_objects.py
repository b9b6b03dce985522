"""Request objects: authorization requests that their client has signed (RFC 9101).

By value in ``request``, or at an address that the client has registered in
``request_uris`` (OIDC Core §6).  Only signed ones are taken, and only what is inside
counts.  Around the signature they may be encrypted to a key of ours (RFC 9101 §6.1).  A profile may demand when and for whom they were signed, too (FAPI 2.0 Message
Signing §5.3.1).
"""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from authserver.adapters.exchange import FetchFailed
from authserver.adapters.fetcher import Fetcher
from authserver.clock import Clock
from authserver.config import Settings
from authserver.core.apps import App
from authserver.core.client_key_sets import ClientKeySets
from authserver.core.keys import Keys
from authserver.core.security_profiles import SKEW_SECONDS
from authserver.crypto import opening, signing, unverified
from authserver.crypto.signing import BadToken
from authserver.errors import (
    AuthError,
    InvalidRequestObject,
    InvalidRequestUri,
    RequestNotSupported,
    RequestUriNotSupported,
    Unavailable,
)

Claims = dict[str, Any]

TYPES = frozenset({"", "jwt", "oauth-authz-req+jwt"})
"""RFC 9101 §10.8: what was signed for something else says so."""
NO_PARAMETERS = frozenset({"iss", "aud", "sub", "exp", "nbf", "iat", "jti"})
"""Claims of the JWT itself (RFC 7519 §4.1)."""
DATED = ("aud", "nbf", "exp")
MAX_LIFE_SECONDS = 3600
MAX_AGE_SECONDS = 3600
MAX_BYTES = 32 * 1024
TIMEOUT_SECONDS = 3.0
TURN_SECONDS = 1.0
"""How long a fetch waits for its turn, where others are on their way."""
_ACCEPT = {"Accept": "application/oauth-authz-req+jwt, application/jwt"}


@dataclass(frozen=True)
class RequestObjects:
    """Reads request objects."""

    clock: Clock
    settings: Settings
    keys: Keys
    key_sets: ClientKeySets
    fetcher: Callable[[], Fetcher]
    turns: threading.Semaphore
    """As many as may be fetched at one moment."""

    def by_value(self, app: App, text: str) -> dict[str, str]:
        """Give the parameters of a request object.

        Raises:
            RequestNotSupported: It is not signed, and need not be.
            InvalidRequestObject: It proves nothing, or is not for us.
        """
        return self._read(app, text, unsigned=RequestNotSupported)

    def by_reference(self, app: App, uri: str) -> dict[str, str]:
        """Fetch a request object from an address that its client has registered.

        Raises:
            InvalidRequestUri: Not registered, or nothing is there.
            RequestUriNotSupported: What is there is not signed, and need not be.
            InvalidRequestObject: It proves nothing, or is not for us.
            Unavailable: Too many are being fetched at this moment.
        """
        if not _is_registered(uri, app.extra.get("request_uris")):
            raise InvalidRequestUri("request_uri is not registered")
        return self._read(app, self._fetch(uri), unsigned=RequestUriNotSupported)

    def _fetch(self, uri: str) -> str:
        if not self.turns.acquire(timeout=TURN_SECONDS):
            raise Unavailable("too many request objects are being fetched")
        try:
            answer = self.fetcher().get(
                uri, max_bytes=MAX_BYTES, timeout_s=TIMEOUT_SECONDS, headers=_ACCEPT
            )
        except FetchFailed as why:
            raise InvalidRequestUri(f"request_uri: {why}") from None
        finally:
            self.turns.release()
        if answer.status != 200:
            raise InvalidRequestUri(f"request_uri answers {answer.status}")
        return answer.body.decode("ascii", "replace").strip()

    def _read(
        self, app: App, text: str, *, unsigned: type[AuthError]
    ) -> dict[str, str]:
        try:
            if opening.is_encrypted(text):
                text = opening.open_text(text, self.keys.ring().opening)
            header, _ = unverified.read(text)
            if header.get("alg") == "none" and not app.needs_signed_request:
                raise unsigned("a request object that is not signed")
            if str(header.get("typ", "")).lower() not in TYPES:
                raise BadToken("typ is that of something else")
            kid = header.get("kid")
            if kid is not None and not isinstance(kid, str):
                raise BadToken("kid is no name")
            claims = self._signed_by(app, text, kid)
            self._check(claims, app)
            return _parameters(claims)
        except (BadToken, RecursionError) as why:
            raise InvalidRequestObject(f"request object: {why}") from None

    def _signed_by(self, app: App, text: str, kid: str | None) -> Claims:
        found = self.key_sets.of(app, lambda keys: kid is None or kid in keys.signing)
        algorithms = _algorithms(app)
        return signing.verify_jwt(
            text, found.signing, algorithms=algorithms, kid_optional=True
        )

    def _check(self, claims: Claims, app: App) -> None:
        """Look whose it is, for whom, and when (RFC 9101 §4 to §6.3, §10.8)."""
        if claims.get("iss", app.client_id) != app.client_id:
            raise BadToken("iss is not the client")
        if claims.get("client_id", app.client_id) != app.client_id:
            raise BadToken("client_id inside differs from the one outside")
        if claims.get("sub") == app.client_id:
            # An assertion of the client, by which it proves itself elsewhere.
            raise BadToken("sub is the client: this is an assertion")
        if {"request", "request_uri"} & claims.keys():
            raise BadToken("a request object within a request object")
        if "aud" in claims and not _names(claims["aud"], self.settings.issuer):
            raise BadToken("aud is somebody else")
        self._check_times(claims, app)

    def _check_times(self, claims: Claims, app: App) -> None:
        now = self.clock.now().timestamp()
        signing.check_times({"exp": now + 1} | claims, now, SKEW_SECONDS)
        if not app.security.needs_signed_request:
            return
        if missing := [name for name in DATED if name not in claims]:
            raise BadToken(f"{', '.join(missing)} missing")
        if claims["nbf"] < now - MAX_AGE_SECONDS:
            raise BadToken("nbf is too long ago")
        if claims["exp"] > claims["nbf"] + MAX_LIFE_SECONDS:
            raise BadToken("it is good for too long")


def _algorithms(app: App) -> tuple[str, ...]:
    wanted = app.extra.get("request_object_signing_alg")
    allowed = app.security.algorithms
    return tuple(alg for alg in allowed if wanted in (None, alg))


def _names(audience: object, issuer: str) -> bool:
    return audience == issuer or (isinstance(audience, list) and issuer in audience)


def _is_registered(uri: str, registered: object) -> bool:
    """Compare without fragments: they tell what lies there, not where (Core §6.2)."""
    known = registered if isinstance(registered, list) else []
    return any(
        isinstance(one, str) and one.partition("#")[0] == uri.partition("#")[0]
        for one in known
    )


def _parameters(claims: Claims) -> dict[str, str]:
    said = {
        name: _as_parameter(name, value)
        for name, value in claims.items()
        if name not in NO_PARAMETERS
    }
    return {name: value for name, value in said.items() if value is not None}


def _as_parameter(name: str, value: object) -> str | None:
    """Write a claim as the query would have: JSON members stay JSON (Core §6.1).

    Raises:
        BadToken: A value that no parameter can have.
    """
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int):
        return json.dumps(value)
    if name == "resource" and isinstance(value, list) and _is_text(value):
        return " ".join(value)
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    raise BadToken(f"{name[:80]!a} is no text")


def _is_text(values: list[Any]) -> bool:
    return all(isinstance(one, str) and " " not in one for one in values)
