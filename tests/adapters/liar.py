"""An OpenID Provider that says what a test tells it to: each answer can be a lie."""

from __future__ import annotations

import base64
import hmac
import json
import threading
import time
from typing import Any, Self

from joserfc import jws
from joserfc.jwk import RSAKey
from joserfc.jws import JWSRegistry

from authserver.adapters.social.base import App, Errand
from tests.adapters.hostile_server import HostileServer, page

CLIENT = "the-client"
ERRAND = Errand("https://here.example/back", "state", "nonce", "v" * 43)
KEY = RSAKey.generate_key(2048, {"kid": "one"})
OTHER = RSAKey.generate_key(2048, {"kid": "two"})
ANY = JWSRegistry(algorithms=["RS256"])


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Liar(HostileServer):
    """Honest at first; `claims`, `metadata`, `told` and `answers` are what it lies by."""

    def __init__(self) -> None:
        super().__init__(self.reply)
        self.issuer = self.url("")
        self.keys: list[Any] = [KEY.as_dict(private=False)]
        self.signed_with: Any = KEY
        self.header: dict[str, Any] = {"alg": "RS256", "kid": "one"}
        self.metadata: dict[str, Any] = {
            "issuer": self.issuer,
            "authorization_endpoint": self.url("/authorize"),
            "token_endpoint": self.url("/token"),
            "userinfo_endpoint": self.url("/userinfo"),
            "jwks_uri": self.url("/jwks"),
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
        }
        now = int(time.time())
        self.claims: dict[str, Any] = {
            "iss": self.issuer,
            "sub": "ada",
            "aud": CLIENT,
            "nonce": ERRAND.nonce,
            "iat": now,
            "exp": now + 600,
            "email": "ada@example.test",
            "email_verified": True,
        }
        self.told: Any = {"access_token": "token", "token_type": "Bearer"}
        self.userinfo: Any = {"sub": "ada", "name": "Ada"}
        self.answers: dict[str, bytes] = {}

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self.listener.shutdown(2)
        self.listener.close()

    def reply(self, request: str) -> bytes:
        path = request.split(" ")[1]
        if path in self.answers:
            return self.answers[path]
        said = {
            "/.well-known/openid-configuration": lambda: self.metadata,
            "/jwks": lambda: {"keys": self.keys},
            "/token": self.tokens,
            "/userinfo": lambda: self.userinfo,
        }
        return page(json.dumps(said[path]()).encode())

    def tokens(self) -> Any:
        if not isinstance(self.told, dict) or "error" in self.told:
            return self.told
        return {"id_token": self.id_token(), **self.told}

    def id_token(self) -> str:
        payload, key = json.dumps(self.claims).encode(), self.signed_with
        if not isinstance(key, bytes):
            return jws.serialize_compact(self.header, payload, key, registry=ANY)
        # By hand: the library does not sign with what is no secret.
        signed = f"{encoded(json.dumps(self.header).encode())}.{encoded(payload)}"
        made = hmac.digest(key, signed.encode(), "sha256") if key else b""
        return f"{signed}.{encoded(made)}"

    def asked(self, path: str) -> int:
        """How often it was asked for this."""
        return sum(request.split(" ")[1] == path for request in self.requests)


def app() -> App:
    return App(CLIENT, "secret", "openid email")
