"""POST /register (RFC 7591, OIDC Registration 1.0), /register/<client_id> (RFC 7592)."""

import json
from typing import Any, NoReturn

from flask import Response, jsonify, request

from authserver.core.registration import Registered
from authserver.errors import InvalidClientMetadata, TooLarge
from authserver.http.context import services, settings
from authserver.http.limits import network, registration_limit
from authserver.oidc import bearer

MAX_BYTES = 64 * 1024
KIND = "application/json"


def register() -> Response:
    """Register a client; its secret and its token are in this answer alone."""
    token = bearer.in_header()
    if token is None and settings().registration == "token":
        raise bearer.NoToken("an initial access token is needed")
    shown = services().registration.admit(token, network())
    told = services().registration.register(_body(), shown)
    return _tell(told, status=201)


def read(client_id: str) -> Response:
    """Say what is registered."""
    return _tell(services().registration.read(client_id, _token()))


@registration_limit()
def replace(client_id: str) -> Response:
    """Replace what is registered; what is left out goes."""
    token = _token()
    return _tell(services().registration.replace(client_id, token, _body()))


def delete(client_id: str) -> Response:
    """Take the client away, with all that it holds."""
    services().registration.delete(client_id, _token())
    return Response(status=204)


def _token() -> str:
    token = bearer.in_header()
    if token is None:
        raise bearer.NoToken("no registration access token")
    return token


def _body() -> dict[str, Any]:
    """Read a JSON object strictly: UTF-8, each member once, and numbers that are some.

    Raises:
        TooLarge: More than a registration ever needs.
        InvalidClientMetadata: Not a JSON object.
    """
    if request.mimetype != KIND:
        raise InvalidClientMetadata("no JSON", public=f"Send {KIND}.")
    body = request.get_data(cache=False)
    if len(body) > MAX_BYTES:
        raise TooLarge("registration")
    try:
        given = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_once,
            parse_constant=_refuse,
        )
    except (ValueError, RecursionError) as why:
        kind = type(why).__name__
        raise InvalidClientMetadata(kind, public="Send a JSON object.") from None
    if not isinstance(given, dict):
        raise InvalidClientMetadata("no object", public="Send a JSON object.")
    return given


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a member came twice")
    return found


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)


def _tell(told: Registered, *, status: int = 200) -> Response:
    """Write the answer of RFC 7591 §3.2.1."""
    body: dict[str, Any] = {
        "client_id": told.client_id,
        "client_id_issued_at": told.issued_at,
    }
    if told.secret is not None:
        body |= {"client_secret": told.secret, "client_secret_expires_at": 0}
    body |= {
        "registration_access_token": told.token,
        "registration_client_uri": f"{settings().issuer}/register/{told.client_id}",
        **told.members,
    }
    response = jsonify(body)
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    response.headers["Pragma"] = "no-cache"
    return response
