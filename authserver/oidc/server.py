"""Authlib's authorization server: its grants, endpoints and hooks in one list."""

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from authlib.oauth2 import AuthorizationServer, OAuth2Error
from flask import Response

from authserver.http.answer import Answer, put_beside
from authserver.http.context import services, this_request
from authserver.oidc import client_auth, sender, wire
from authserver.oidc.errors import from_authlib
from authserver.oidc.grants.authorization_code import AuthorizationCodeGrant
from authserver.oidc.grants.ciba import CibaGrant
from authserver.oidc.grants.client_credentials import ClientCredentialsGrant
from authserver.oidc.grants.device_code import DeviceCodeGrant
from authserver.oidc.grants.refresh_token import RefreshTokenGrant
from authserver.oidc.grants.token_exchange import TokenExchangeGrant
from authserver.oidc.records import ClientRecord
from authserver.oidc.wire import WireRequest

SAID = frozenset({"Content-Type", "Cache-Control"})
"""What every answer says by itself; the latter in ``http/headers``."""

_write = json.JSONEncoder(ensure_ascii=False).encode


class Server(AuthorizationServer):  # type: ignore[misc]
    """Authlib without its Flask integration: requests are read by ``wire`` alone."""

    def query_client(self, client_id: str) -> ClientRecord | None:
        """Find a client."""
        app = services().clients.find(client_id)
        return ClientRecord(app) if app else None

    def authenticate_client(
        self, request: WireRequest, methods: Any, endpoint: str = "token"
    ) -> ClientRecord:
        """Authenticate by what the client registered, and not by what Authlib tries.

        Every grant comes by here; so this is where its tokens are bound to a key.
        """
        del methods, endpoint
        client = client_auth.authenticate(request)
        request.binding = sender.bind(client.app, request.shown)
        return client

    def create_oauth2_request(self, request: WireRequest | None) -> WireRequest:
        """Take the request as it was read, or read a form."""
        return request or read_form()

    def handle_response(
        self, status: int, body: Any, headers: list[tuple[str, str]]
    ) -> Response:
        """Answer in JSON, never to be stored (RFC 6749 §5.1)."""
        text = _write(body) if isinstance(body, Mapping) else body
        response = Answer(text, status, mimetype="application/json")
        put_beside(response, tuple(one for one in headers if one[0] not in SAID))
        return response

    def handle_error_response(
        self, request: WireRequest, error: OAuth2Error
    ) -> NoReturn:
        """Hand the library's refusal to our tree; one renderer writes them all."""
        del request
        raise from_authlib(error)

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens: the core records what happens."""


def read_form() -> WireRequest:
    """Read the form of a protocol request strictly."""
    came = this_request()
    return WireRequest(came.method, wire.form(), came.headers)


server = Server()
server.register_grant(AuthorizationCodeGrant)
server.register_grant(RefreshTokenGrant)
server.register_grant(ClientCredentialsGrant)
server.register_grant(DeviceCodeGrant)
server.register_grant(CibaGrant)
server.register_grant(TokenExchangeGrant)
