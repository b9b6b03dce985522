"""An authorization server in this process for the kit's own tests: keys and a socket."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from authserver_rs import Need, Request, ResourceServer
from tests.support.enrolment import enrol_client, enrol_person
from tests.support.live import LiveServer
from tests.support.person import Person
from tests.support.relying_party import RelyingParty

RESOURCE = "https://notes.example.org/api"
NEED = Need(scopes=("notes:read",))


class Issuer:
    """Publishes metadata and keys on loopback, counts who asks, and signs tokens."""

    def __init__(self) -> None:
        self.keys = [RSAKey.generate_key(2048, {"kid": "one", "alg": "RS256"})]
        self.asked: list[str] = []
        self.answers: dict[str, Any] = {}
        self.now = float(int(time.time()))
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def documents(self) -> dict[str, Any]:
        return {
            "/.well-known/oauth-authorization-server": {
                "issuer": self.url,
                "jwks_uri": f"{self.url}/jwks",
                "introspection_endpoint": f"{self.url}/introspect",
            },
            "/jwks": {"keys": [key.as_dict(private=False) for key in self.keys]},
        } | self.answers

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.asked.append(self.path)
                found = issuer.documents().get(self.path)
                body = found if isinstance(found, bytes) else json.dumps(found).encode()
                self.send_response(200 if found is not None else 404)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                self.rfile.read(length)
                self.do_GET()

            def log_message(self, *_: object) -> None:
                """Quiet."""

        return Handler

    def token(
        self, *, key: Any = None, header: dict[str, Any] | None = None, **claims: Any
    ) -> str:
        """A good token; keywords change one claim, None leaves it out."""
        # Without its alg, so that it signs what it should not as well.
        private = self.keys[0].as_dict(private=True)
        bare = {name: value for name, value in private.items() if name != "alg"}
        signer = key or RSAKey.import_key(bare)
        facts = {
            "iss": self.url,
            "aud": RESOURCE,
            "sub": "ada",
            "client_id": "shop",
            "scope": "notes:read",
            "iat": int(self.now),
            "exp": int(self.now) + 300,
            "jti": "t1",
        } | claims
        kept = {name: value for name, value in facts.items() if value is not None}
        head = {"alg": "RS256", "typ": "at+jwt", "kid": signer.kid} | (header or {})
        head = {name: value for name, value in head.items() if value is not None}
        algorithms = ["RS256", "ES256", "HS256", "PS256"]
        return jwt.encode(head, kept, signer, algorithms=algorithms)

    def guard(self, **more: Any) -> ResourceServer:
        return ResourceServer(self.url, RESOURCE, clock=lambda: self.now, **more)


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    running = Issuer()
    yield running
    running.stop()


@pytest.fixture
def guard(issuer: Issuer) -> ResourceServer:
    return issuer.guard()


@pytest.fixture
def ask(issuer: Issuer) -> Callable[..., Request]:
    """A good request; keywords change one thing."""

    def make(
        token: str | None = None,
        *,
        scheme: str = "Bearer",
        method: str = "GET",
        url: str = f"{RESOURCE}/notes?page=2",
        more: list[tuple[str, str]] | None = None,
        certificate: bytes | None = None,
    ) -> Request:
        given = token if token is not None else issuer.token()
        headers = [("Authorization", f"{scheme} {given}"), *(more or [])]
        return Request(method, url, headers, certificate)

    return make


@pytest.fixture
def dpop_key() -> ECKey:
    return ECKey.generate_key("P-256")


# -- the server itself, and who asks it


@pytest.fixture(scope="module")
def authorization_server(
    make_migrated: Callable[[str], str],
) -> Iterator[LiveServer]:
    with LiveServer(database_url=make_migrated("sqlite")) as running:
        yield running


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("enrolment")


@pytest.fixture(scope="module")
def robot(authorization_server: LiveServer, home: Path) -> RelyingParty:
    """A machine that may read."""
    machine = {"redirect_uris": (), "grant_types": ("client_credentials",)}
    return enrol_client(authorization_server, home, scope="notes:read", **machine)


@pytest.fixture(scope="module")
def shop(authorization_server: LiveServer, home: Path) -> RelyingParty:
    """An app that people let read and write."""
    return enrol_client(
        authorization_server, home, scope="openid notes:read notes:write"
    )


@pytest.fixture(scope="module")
def ada(authorization_server: LiveServer, home: Path) -> Person:
    return enrol_person(authorization_server, home, claims={})
