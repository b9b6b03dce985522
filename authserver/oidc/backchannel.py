"""POST /bc-authorize: an app asks for somebody who is elsewhere (OpenID CIBA §7)."""

import json
import re
import uuid
from datetime import timedelta
from typing import Any

from flask import Response, jsonify

from authserver.core.apps import App
from authserver.core.backchannel import PING, Wish
from authserver.core.client_metadata import CIBA, DELIVERY_MODE
from authserver.errors import (
    AuthError,
    InvalidBindingMessage,
    InvalidScope,
    UnauthorizedClient,
    UnknownUser,
)
from authserver.http.context import services
from authserver.oidc import asking, client_auth, signed_request, wanted
from authserver.oidc.server import read_form

HINTS = ("login_hint", "id_token_hint", "login_hint_token")
MAX_MESSAGE = 100
MAX_TOKEN = 1024
LONGEST_EXPIRY_DIGITS = 9
_BEARER = re.compile(r"[A-Za-z0-9._~+/-]+=*")  # RFC 6750 §2.1
LEAST_TOKEN = 22
"""Characters of base64url that hold 128 bits (CIBA §7.1)."""


def bc_authorize() -> Response:
    """Note the request, and tell the app what to poll with."""
    form = read_form()
    app = client_auth.authenticate(form).app
    if CIBA not in app.grant_types:
        raise UnauthorizedClient(f"{app.client_id} may not use CIBA")
    if app.is_public:
        raise UnauthorizedClient("a public client may not ask for people (CIBA §4)")
    asked = signed_request.read(form.form, app)
    begun = services().backchannel.begin(app, _wish(asked, app))
    response = jsonify(
        auth_req_id=begun.auth_req_id,
        expires_in=begun.expires_in,
        interval=begun.interval,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _wish(asked: dict[str, Any], app: App) -> Wish:
    """Check everything that the request says (CIBA §7.2).

    Raises:
        AuthError: Something is missing, doubled, or not as the specification has it.
    """
    said = {name: _text(asked, name) for name in ("scope", "resource")}
    details = asked.get("authorization_details")
    said["authorization_details"] = (
        details if details is None or isinstance(details, str) else json.dumps(details)
    )
    found = wanted.read({k: v for k, v in said.items() if v is not None}, app)
    if "openid" not in found.scopes:
        raise InvalidScope("scope without openid (CIBA §7.1)")
    if "user_code" in asked:
        raise AuthError("user_code", public="user_code is not supported.")
    message, expiry = _message(asked), _expiry(asked.get("requested_expiry"))
    token = _notification_token(asked, app)
    return Wish(_person(asked), found, message, token, expiry)


def _person(asked: dict[str, Any]) -> uuid.UUID:
    """Say who is meant: exactly one hint (CIBA §7.1)."""
    given = [name for name in HINTS if name in asked]
    if len(given) != 1:
        raise AuthError(f"hints: {given}", public="Send exactly one hint.")
    (name,) = given
    hint = _text(asked, name) or ""
    if name == "login_hint_token":
        raise AuthError(name, public="login_hint_token is not supported.")
    if name == "id_token_hint":
        return _of_token(hint)
    user = services().users.find_by_identifier(hint)
    if user is None:
        raise UnknownUser("login_hint names nobody")
    return user.id


def _of_token(hint: str) -> uuid.UUID:
    user_id = asking.hinted_user(hint)
    if user_id is None:
        raise UnknownUser("id_token_hint names nobody")
    return user_id


def _message(asked: dict[str, Any]) -> str | None:
    """Check what the person is to see beside the request (CIBA §7.1).

    Control characters, and those that turn the direction of text, could make it look
    like something else.
    """
    message = asked.get("binding_message")
    if message is None:
        return None
    if not isinstance(message, str) or not 0 < len(message) <= MAX_MESSAGE:
        raise InvalidBindingMessage("binding_message of another length")
    if not message.isprintable():
        raise InvalidBindingMessage("binding_message that is not printable")
    return message


def _expiry(value: object) -> timedelta | None:
    """Read ``requested_expiry``: a positive number, also as a string (CIBA §7.1)."""
    if value is None:
        return None
    digits = str(value) if type(value) in (int, str) else ""
    is_number = digits.isascii() and digits.isdigit()
    if not is_number or len(digits) > LONGEST_EXPIRY_DIGITS or int(digits) == 0:
        said = "requested_expiry must be a positive number of seconds."
        raise AuthError("requested_expiry", public=said)
    return timedelta(seconds=int(digits))


def _notification_token(asked: dict[str, Any], app: App) -> str | None:
    """Give what a ping is to be authenticated with (CIBA §7.1)."""
    if app.extra.get(DELIVERY_MODE) != PING:
        return None
    token = _text(asked, "client_notification_token") or ""
    fits = LEAST_TOKEN <= len(token) <= MAX_TOKEN and _BEARER.fullmatch(token)
    if not fits:
        said = "client_notification_token must be a bearer token of 128 bits or more."
        raise AuthError("client_notification_token", public=said)
    return token


def _text(asked: dict[str, Any], name: str) -> str | None:
    value = asked.get(name)
    if value is not None and not isinstance(value, str):
        raise AuthError(f"{name} is no string", public=f"{name} must be a string.")
    return value
