"""A small server in the shape of GitHub: OAuth 2 with PKCE, /user and /user/emails.

    with Hub("client", "secret") as hub:
        hub.next_is(41, login="ada", emails=[("ada@example.test", True, True)])
        ... GITHUB_URL=hub.url, GITHUB_API_URL=hub.url + "/api" ...

It answers a refused code as GitHub does: with 200 and an ``error``.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from authserver.crypto import pkce
from tests.support.door import Door


class Hub(Door):
    """Whoever is next signs in at once, or says no."""

    def __init__(self, client_id: str, client_secret: str):
        self.client = (client_id, client_secret)
        self.user: dict[str, Any] | None = None
        self.emails: list[dict[str, Any]] = []
        self.codes: dict[str, dict[str, str]] = {}
        self.tokens: set[str] = set()
        hub = self

        class Visit(Handler):
            def reply(self) -> None:
                hub._answer(self)

        super().__init__(Visit)

    def next_is(
        self, number: int, *, login: str, emails: Sequence[tuple[str, bool, bool]]
    ) -> None:
        """Say who signs in from now on; an address is (address, primary, verified)."""
        self.user = {"id": number, "login": login, "name": None, "type": "User"}
        self.emails = [
            {"email": email, "primary": primary, "verified": verified}
            for email, primary, verified in emails
        ]

    def next_denies(self) -> None:
        """Whoever comes says no."""
        self.user = None

    def _answer(self, visit: Handler) -> None:
        path = urlsplit(visit.path).path
        if path == "/login/oauth/authorize":
            self._authorize(visit)
        elif path == "/login/oauth/access_token" and visit.command == "POST":
            visit.json(self._exchange(visit.form()))
        elif visit.bearer() not in self.tokens:
            visit.json({"message": "Bad credentials"}, status=401)
        elif path == "/api/user":
            visit.json(self.user)
        elif path == "/api/user/emails":
            visit.json(self.emails)
        else:
            visit.json({"message": "Not Found"}, status=404)

    def _authorize(self, visit: Handler) -> None:
        asked = {k: v[0] for k, v in parse_qs(urlsplit(visit.path).query).items()}
        if self.user is None:
            told = {"error": "access_denied", "error_description": "Denied."}
        else:
            code = secrets.token_hex(10)
            self.codes[code] = asked
            told = {"code": code}
        told["state"] = asked["state"]
        visit.send_response(302)
        visit.send_header("Location", f"{asked['redirect_uri']}?{urlencode(told)}")
        visit.send_header("Content-Length", "0")
        visit.end_headers()

    def _exchange(self, form: Mapping[str, str]) -> dict[str, str]:
        asked = self.codes.pop(form.get("code", ""), None)
        if (form.get("client_id"), form.get("client_secret")) != self.client:
            return {"error": "incorrect_client_credentials"}
        is_good = (
            asked is not None
            and pkce.matches(form.get("code_verifier"), asked["code_challenge"])
            and form.get("redirect_uri") == asked["redirect_uri"]
        )
        if not is_good:
            return {
                "error": "bad_verification_code",
                "error_description": "The code passed is incorrect or expired.",
            }
        token = f"gho-{secrets.token_hex(10)}"
        self.tokens.add(token)
        return {"access_token": token, "token_type": "bearer", "scope": "user:email"}


class Handler(BaseHTTPRequestHandler):
    """One request of a server in this process."""

    protocol_version = "HTTP/1.1"

    def reply(self) -> None:
        raise AssertionError("a door that leads nowhere")

    def do_GET(self) -> None:
        self.reply()

    def do_POST(self) -> None:
        self.reply()

    def form(self) -> dict[str, str]:
        length = int(self.headers.get("Content-Length", 0))
        return dict(parse_qsl(self.rfile.read(length).decode()))

    def bearer(self) -> str:
        return self.headers.get("Authorization", "").removeprefix("Bearer ")

    def json(self, told: Any, *, status: int = 200) -> None:
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Nothing: a test's output is its own."""
