"""POST /token (RFC 6749 §3.2), POST /introspect (RFC 7662), POST /revoke (RFC 7009)."""

from collections.abc import Mapping

from flask import Response, jsonify, request

from authserver.core.client_messages import Kind
from authserver.core.client_metadata import GRANT_TYPES
from authserver.errors import AuthError, InvalidClient, UnsupportedGrant
from authserver.http.context import services
from authserver.oidc import client_auth, sender
from authserver.oidc.server import read_form, server

SIGNED_INTROSPECTION = "application/token-introspection+jwt"


def token() -> Response:
    """Give tokens for a grant."""
    form = read_form()
    if "grant_type" not in form.form:
        raise AuthError("grant_type missing", public="grant_type is missing.")
    if form.form["grant_type"] not in GRANT_TYPES:
        # Authlib repeats the value in its error, and fails on a quote in it.
        raise UnsupportedGrant("no such grant type")
    form.shown = sender.shown()
    response: Response = server.create_token_response(form)
    if form.client is not None and form.client.app.unused_until is not None:
        services().registration.note_use(form.client.app)
    return response


def introspect() -> Response:
    """Say what a token is worth, to a client that has proved who it is.

    A public client is refused: it could be anybody looking for good tokens (RFC 7662
    §4).  ``token_type_hint`` is not needed: our tokens show their kind.  Who asks for a
    JWT gets one that it can show to others (RFC 9701 §4).
    """
    form = read_form()
    caller = client_auth.authenticate(form).app
    if caller.is_public:
        raise InvalidClient("a public client may not introspect")
    told = services().checks.introspect(_token(form.form), caller=caller)
    if not _wants_jwt():
        return jsonify(told)
    claims = {
        "iss": services().settings.issuer,
        "aud": caller.client_id,
        "iat": services().clock.timestamp(),
        "token_introspection": told,
    }
    signed = services().messages.make(
        caller, Kind.INTROSPECTION, claims, typ="token-introspection+jwt"
    )
    return Response(signed, mimetype=SIGNED_INTROSPECTION)


def _wants_jwt() -> bool:
    """RFC 9701 §4: named in ``Accept``, and not less wanted than JSON."""
    accepted = request.accept_mimetypes
    is_named = any(one == SIGNED_INTROSPECTION for one, _ in accepted)
    best = accepted.best_match([SIGNED_INTROSPECTION, "application/json"])
    return is_named and best == SIGNED_INTROSPECTION


def revoke() -> Response:
    """End a token; one that we do not know is no fault (RFC 7009 §2.2)."""
    form = read_form()
    app = client_auth.authenticate(form).app
    services().checks.revoke(_token(form.form), app=app)
    return jsonify({})


def _token(form: Mapping[str, str]) -> str:
    if "token" not in form:
        raise AuthError("token missing", public="token is missing.")
    return form["token"]
