"""Shared signals: the transmitter's addresses (OpenID SSF 1.0 §6-§8, RFC 8936).

A receiver is a client with the scope ``ssf.manage``, or ``ssf.read`` for what only looks;
it calls with an access token in its own name (RFC 6749 §4.4).
"""

import json
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from flask import Response, jsonify, make_response, request

from authserver.core import event_tokens
from authserver.core.apps import App
from authserver.core.signals import METHODS
from authserver.errors import (
    AuthError,
    InsufficientScope,
    InvalidToken,
    NotFound,
    UnsupportedMedia,
)
from authserver.http import waiting
from authserver.http.context import services, settings
from authserver.oidc import bearer

CONFIGURATION = "/.well-known/ssf-configuration"
READ, MANAGE = "ssf.read", "ssf.manage"


def configuration(issuer_path: str = "") -> Response:
    """Say what this transmitter can do (§7.1).

    Raises:
        NotFound: It is asked for another issuer.
    """
    issuer = settings().issuer
    if issuer_path and urlsplit(issuer).path != f"/{issuer_path}":
        raise NotFound("another issuer")
    return jsonify(
        spec_version="1_0",
        issuer=issuer,
        jwks_uri=f"{issuer}/jwks",
        delivery_methods_supported=list(METHODS),
        configuration_endpoint=f"{issuer}/ssf/stream",
        status_endpoint=f"{issuer}/ssf/status",
        add_subject_endpoint=f"{issuer}/ssf/subjects/add",
        remove_subject_endpoint=f"{issuer}/ssf/subjects/remove",
        verification_endpoint=f"{issuer}/ssf/verify",
        authorization_schemes=[{"spec_urn": "urn:ietf:rfc:6749"}],
        default_subjects="ALL",
    )


def configuration_paths() -> tuple[str, ...]:
    """Give where that is found: with a path in the issuer, before that path (§7.2)."""
    return (CONFIGURATION, f"{CONFIGURATION}/<path:issuer_path>")


def create() -> Response:
    """Make a stream."""
    app = _receiver(MANAGE)
    return make_response(jsonify(services().streams.create(app, _body())), 201)


def read() -> Response:
    """Show the stream that is named, or all there are."""
    app = _receiver(READ)
    streams = services().streams
    if "stream_id" not in request.args:
        return jsonify(streams.list_of(app))
    return jsonify(streams.config(streams.get(app, request.args["stream_id"]), app))


def change() -> Response:
    """Change what is named of a stream."""
    app = _receiver(MANAGE)
    return jsonify(services().streams.change(app, _body(), is_whole=False))


def replace() -> Response:
    """Replace a stream's configuration."""
    app = _receiver(MANAGE)
    return jsonify(services().streams.change(app, _body(), is_whole=True))


def delete() -> Response:
    """End a stream."""
    services().streams.end(_receiver(MANAGE), request.args.get("stream_id"))
    return make_response("", 204)


def status() -> Response:
    """Say how a stream goes."""
    app, streams = _receiver(READ), services().streams
    row = streams.get(app, request.args.get("stream_id"))
    return jsonify(streams.status(row))


def set_status() -> Response:
    """Pause a stream, stop it, let it go on."""
    app = _receiver(MANAGE)
    return jsonify(services().streams.set_status(app, _body()))


def add_subject() -> Response:
    """Add somebody; the answer is the same for somebody whom we do not know."""
    services().streams.add_subject(_receiver(MANAGE), _body())
    return make_response("", 200)


def remove_subject() -> Response:
    """Take somebody out."""
    services().streams.remove_subject(_receiver(MANAGE), _body())
    return make_response("", 204)


def verify() -> Response:
    """Send an event that shows that the stream flows."""
    services().streams.verify(_receiver(MANAGE), _body())
    return make_response("", 204)


def poll(stream_id: str) -> Response:
    """Give events that wait, and take back what was acknowledged (RFC 8936 §2).

    With nothing to give, it waits for something unless it is told not to (§2.4).
    """
    came = bearer.read()
    app, asked = _admitted(came, READ), _body(may_be_empty=True)
    events = services().event_tokens
    row = services().streams.get(app, stream_id)
    answer = events.poll(row, app, asked)
    if answer["sets"] or not event_tokens.may_wait(asked):
        return jsonify(answer)
    has_come = partial(events.has_come, row.id)
    if not waiting.wait(has_come, settings().ssf_poll_wait):
        return jsonify(answer)
    _require_still(came.token, app)
    row = services().streams.get(app, stream_id)
    only = {"maxEvents": asked["maxEvents"]} if "maxEvents" in asked else {}
    return jsonify(events.poll(row, app, only))


def _require_still(token: str, app: App) -> None:
    """Look again at who has waited; a proof of the key was spent at the beginning.

    Raises:
        InvalidToken: The token or the client has gone meanwhile.
    """
    if not services().checks.introspect(token, caller=app)["active"]:
        raise InvalidToken("the token has ended while it waited")


def _receiver(scope: str) -> App:
    """Give the client that calls.  Raises as ``_admitted`` does."""
    return _admitted(bearer.read(), scope)


def _admitted(came: bearer.Presented, scope: str) -> App:
    """Give the client that has this token.

    Raises:
        InvalidToken: No token of a client, or a bad one.
        InsufficientScope: It was given for something else.
    """
    client_id, scopes = services().checks.client(came.token, shown=came.shown)
    app = services().clients.find(client_id)
    if app is None:
        raise InvalidToken("the client is gone")
    if not {scope, MANAGE} & scopes:
        raise InsufficientScope(f"{client_id} lacks {scope}")
    return app


def _body(*, may_be_empty: bool = False) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        UnsupportedMedia: It is not said to be JSON.
        AuthError: It is none.
    """
    if may_be_empty and not request.get_data(cache=True):
        return {}
    if request.mimetype != "application/json":
        raise UnsupportedMedia("no JSON")
    try:
        found = json.loads(request.get_data(cache=True))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise AuthError("no JSON object", public="Send a JSON object.")
    return found


ROUTES = (
    ("POST", "/ssf/stream", create),
    ("GET", "/ssf/stream", read),
    ("PATCH", "/ssf/stream", change),
    ("PUT", "/ssf/stream", replace),
    ("DELETE", "/ssf/stream", delete),
    ("GET", "/ssf/status", status),
    ("POST", "/ssf/status", set_status),
    ("POST", "/ssf/subjects/add", add_subject),
    ("POST", "/ssf/subjects/remove", remove_subject),
    ("POST", "/ssf/verify", verify),
    ("POST", "/ssf/poll/<stream_id>", poll),
)
