"""Client authentication (RFC 6749 §2.3, RFC 7523 §2.2, OIDC Core §9).

Exactly one method in a request, and it must be the one that the client registered.
What was wrong is for the log: to the wire all faults look alike.
"""

import base64
import binascii
import json
from functools import lru_cache
from typing import Any, NoReturn
from urllib.parse import unquote_plus

from joserfc.jwk import Key, KeySet, OctKey

from authserver.core.apps import App
from authserver.crypto import signing
from authserver.errors import AuthError, InvalidClient
from authserver.http.context import services
from authserver.http.unit_of_work import keep_already
from authserver.oidc.records import ClientRecord
from authserver.oidc.wire import WireRequest

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
BASIC = "client_secret_basic"
POST = "client_secret_post"
ASSERTION = "client_assertion"
NONE = "none"
SECRET_ALGS = ("HS256", "HS384", "HS512")
KEY_ALGS = ("RS256", "PS256", "ES256", "EdDSA", "Ed25519")
MAX_ASSERTION_LIFE_SECONDS = 3600
LEEWAY_SECONDS = 10
MAX_JTI = 512


def authenticate(request: WireRequest) -> ClientRecord:
    """Say which client sent this request.

    Raises:
        InvalidClient: It did not prove it.
        AuthError: It used several methods at once (RFC 6749 §2.3).
    """
    form = request.form
    method = _method(request)
    if method == ASSERTION:
        app = _by_assertion(form)
    elif method == NONE:
        app = _registered(form.get("client_id", ""), NONE)
    else:
        app = _by_secret(request, method)
    claimed = form.get("client_id")
    if claimed is not None and claimed != app.client_id:
        _refuse(request, "client_id in the body is another client's")
    request.auth_method = app.token_endpoint_auth_method
    request.client = ClientRecord(app)
    return request.client


def _method(request: WireRequest) -> str:
    form = request.form
    header = request.headers.get("Authorization", "")
    used = [BASIC] if header[:6].lower() == "basic " else []
    if header and not used:
        raise InvalidClient("an Authorization header that is not Basic")
    if "client_secret" in form:
        used.append(POST)
    if "client_assertion" in form or "client_assertion_type" in form:
        used.append(ASSERTION)
    if len(used) > 1:
        raise AuthError(
            f"methods at once: {used}", public="Use one way to authenticate, not two."
        )
    return used[0] if used else NONE


def _by_secret(request: WireRequest, method: str) -> App:
    if method == BASIC:
        client_id, secret = basic_credentials(request.headers["Authorization"])
    else:
        client_id = request.form.get("client_id", "")
        secret = request.form["client_secret"]
    app = services().clients.find(client_id)
    # An unknown client costs the same comparison as a known one.
    known = app is not None and services().clients.has_secret(app, secret)
    if app is None or not known or app.token_endpoint_auth_method != method:
        _refuse(request, f"{method} of {client_id[:80]!r}")
    return app


def basic_credentials(header: str) -> tuple[str, str]:
    """Read an ``Authorization: Basic`` header as RFC 6749 §2.3.1 writes it.

    Id and secret are form-encoded before they are joined; so a colon, a plus or a
    letter beyond ASCII survives.

    Raises:
        InvalidClient: It is not base64 of UTF-8 with a colon.
    """
    try:
        joined = base64.b64decode(header[6:].strip(), validate=True).decode("utf-8")
        client_id, colon, secret = joined.partition(":")
        plain = unquote_plus(client_id, errors="strict")
        revealed = unquote_plus(secret, errors="strict")
    except (binascii.Error, ValueError):
        _refuse_basic("malformed Basic header")
    if not colon or not plain or not revealed:
        _refuse_basic("Basic header without id or secret")
    return plain, revealed


def _registered(client_id: str, method: str) -> App:
    app = services().clients.find(client_id) if client_id else None
    if app is None or app.token_endpoint_auth_method != method:
        raise InvalidClient(f"{client_id[:80]!r} may not use {method}")
    return app


def _by_assertion(form: dict[str, str]) -> App:
    assertion = form.get("client_assertion", "")
    if form.get("client_assertion_type") != ASSERTION_TYPE or not assertion:
        raise InvalidClient("client_assertion_type is not jwt-bearer")
    app = services().clients.find(_claimed_subject(assertion))
    if app is None:
        raise InvalidClient("assertion of an unknown client")
    keys, algorithms = _keys(app)
    wanted = app.extra.get("token_endpoint_auth_signing_alg")
    try:
        claims = signing.verify_jwt(
            assertion,
            keys,
            algorithms=(wanted,) if wanted else algorithms,
            kid_optional=True,
            now=services().clock.now().timestamp(),
            leeway=LEEWAY_SECONDS,
        )
    except signing.BadToken as why:
        raise InvalidClient(f"assertion: {why}") from None
    _check_claims(claims, app)
    return app


def _claimed_subject(assertion: str) -> str:
    """Read ``sub`` before the signature: it says whose key to check with."""
    try:
        body = assertion.split(".")[1]
        padded = body + "=" * (-len(body) % 4)
        claims = json.loads(base64.urlsafe_b64decode(padded))
    except (IndexError, ValueError, RecursionError):
        raise InvalidClient("assertion is not a JWT") from None
    subject = claims.get("sub") if isinstance(claims, dict) else None
    if not isinstance(subject, str):
        raise InvalidClient("assertion has no sub")
    return subject


def _keys(app: App) -> tuple[dict[str, Key], tuple[str, ...]]:
    if app.token_endpoint_auth_method == "private_key_jwt":
        return _public_keys(json.dumps(app.jwks or {"keys": []})), KEY_ALGS
    if app.token_endpoint_auth_method == "client_secret_jwt":
        secrets = services().clients.open_secrets(app)
        shared = {str(n): OctKey.import_key(one) for n, one in enumerate(secrets)}
        return dict(shared), SECRET_ALGS
    raise InvalidClient(f"{app.client_id} did not register assertions")


@lru_cache(maxsize=256)
def _public_keys(jwks: str) -> dict[str, Key]:
    try:
        found = KeySet.import_key_set(json.loads(jwks)).keys
    except Exception:  # noqa: BLE001 -- a key set that cannot be read has no keys
        return {}
    return {key.kid or f"#{n}": key for n, key in enumerate(found)}


def _check_claims(claims: dict[str, Any], app: App) -> None:
    """RFC 7523 §3: who, for whom, until when, and once."""
    now = services().clock.now().timestamp()
    if claims.get("iss") != app.client_id or claims.get("sub") != app.client_id:
        raise InvalidClient("iss or sub of the assertion is not the client")
    if not _audiences(claims.get("aud")) & _own_names():
        raise InvalidClient("the assertion is for somebody else")
    if claims["exp"] > now + MAX_ASSERTION_LIFE_SECONDS:
        raise InvalidClient("the assertion lives too long")
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= MAX_JTI:
        raise InvalidClient("the assertion has no jti")
    if not services().tokens.spend_assertion(app.client_id, jti, claims["exp"]):
        raise InvalidClient("the assertion was used before")
    keep_already()


def _audiences(aud: object) -> set[str]:
    if isinstance(aud, str):
        return {aud}
    return (
        {one for one in aud if isinstance(one, str)} if isinstance(aud, list) else set()
    )


def _own_names() -> set[str]:
    """RFC 9126 §2: the issuer, the token endpoint, and the endpoint that is asked."""
    issuer = services().settings.issuer
    return {issuer, f"{issuer}/token", f"{issuer}/introspect", f"{issuer}/revoke"}


def _refuse(request: WireRequest, why: str) -> NoReturn:
    if request.headers.get("Authorization"):
        _refuse_basic(why)
    raise InvalidClient(why)


def _refuse_basic(why: str) -> NoReturn:
    """RFC 6749 §5.2: who used the header is told which header we take."""
    refusal = InvalidClient(why)
    refusal.headers = {"WWW-Authenticate": 'Basic realm="authserver", charset="UTF-8"'}
    raise refusal
