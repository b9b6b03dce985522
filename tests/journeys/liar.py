"""An OpenID Provider that lies in one thing: the example must not believe it."""

from __future__ import annotations

import base64
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

KEY = RSAKey.generate_key(2048, {"kid": "one"})
STRANGE = RSAKey.generate_key(2048, {"kid": "one"})
CLIENT_ID = "example"
UNSIGNED, HS256 = b'{"alg":"none"}', b'{"alg":"HS256"}'


class Liar:
    """Tells the truth, but for what `lies` holds."""

    def __init__(self) -> None:
        self.issuer = ""
        self.lies: dict[str, Any] = {}
        self.nonce = ""
        self.asked: list[tuple[str, dict[str, list[str]]]] = []

    def metadata(self) -> dict[str, Any]:
        ends = ("authorization", "token", "userinfo", "end_session")
        told = {f"{end}_endpoint": f"{self.issuer}/{end}" for end in ends}
        told |= {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/jwks"}
        told["authorization_response_iss_parameter_supported"] = True
        return told | self.lies.get("metadata", {})

    def tokens(self) -> dict[str, Any]:
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "sub": "ada",
            "nonce": self.nonce,
            "iat": int(time.time()),
            "exp": int(time.time()) + 300,
        } | self.lies.get("claims", {})
        claims = {name: value for name, value in claims.items() if value is not None}
        tokens = {
            "access_token": "at",
            "refresh_token": "rt",
            "token_type": "Bearer",
            "expires_in": 300,
            "id_token": self.sign(claims),
        }
        return tokens | self.lies.get("tokens", {})

    def sign(self, claims: dict[str, Any]) -> str:
        match self.lies.get("signature"):
            case "none":
                return f"{b64(UNSIGNED)}.{b64(json.dumps(claims))}."
            case "public key as a secret":
                said = f"{b64(HS256)}.{b64(json.dumps(claims))}"
                mac = hmac.digest(KEY.as_pem(private=False), said.encode(), "sha256")
                return f"{said}.{b64(mac)}"
            case "somebody else's":
                return jwt.encode({"alg": "RS256", "kid": "one"}, claims, STRANGE)
            case _:
                return jwt.encode({"alg": "RS256", "kid": "one"}, claims, KEY)

    def answer(self, path: str) -> tuple[int, Any]:
        match path:
            case "/.well-known/openid-configuration":
                return 200, self.metadata()
            case "/jwks":
                return 200, KeySet([KEY]).as_dict(private=False)
            case "/token":
                return self.lies.get("status", 200), self.tokens()
            case "/userinfo":
                return 200, {"sub": "ada", "name": "Ada"} | self.lies.get("info", {})
            case _:
                return 404, {}


def b64(part: bytes | str) -> str:
    plain = part.encode() if isinstance(part, str) else part
    return base64.urlsafe_b64encode(plain).rstrip(b"=").decode()


@contextmanager
def lying_provider() -> Iterator[Liar]:
    """Serve it on a port of its own."""
    liar = Liar()

    class Handler(BaseHTTPRequestHandler):
        def serve(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            form = parse_qs(self.rfile.read(length).decode())
            liar.asked.append((self.path, form))
            status, told = liar.answer(urlsplit(self.path).path)
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = serve  # noqa: N815 -- its names

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        liar.issuer = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield liar
        finally:
            server.shutdown()
            thread.join()
