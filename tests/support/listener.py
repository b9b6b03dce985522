"""A client's own server on the loopback: what it is told, and what it answers.

    with Listener() as shop:
        shop.answers["/logout"] = Reply(503)
        ...
        shop.heard("/logout")[0].form["logout_token"]

With a certificate it speaks https.  It listens on 127.0.0.1 and says who it is by
either name, so that to a browser it can be another site than the server.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.support.door import Door


@dataclass(frozen=True)
class Reply:
    """What is answered, and after how many seconds."""

    status: int = 200
    body: bytes = b""
    kind: str = "text/html; charset=utf-8"
    after: float = 0.0
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Heard:
    """One request as it came."""

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: bytes
    at: float

    @property
    def form(self) -> dict[str, str]:
        """The body's parameters; none may come twice."""
        pairs = parse_qsl(
            self.body.decode("ascii"), keep_blank_values=True, strict_parsing=True
        )
        told = dict(pairs)
        assert len(told) == len(pairs), f"a parameter came twice: {pairs}"
        return told


class Listener(Door):
    """Listens in threads until it is told to stop."""

    def __init__(
        self, *, host: str = "127.0.0.1", context: ssl.SSLContext | None = None
    ) -> None:
        self.answers: dict[str, Reply] = {}
        self.requests: list[Heard] = []
        super().__init__(_handler_of(self), host=host, context=context)

    def heard(self, path: str) -> list[Heard]:
        """What came there, the oldest first."""
        return [one for one in list(self.requests) if one.path == path]


def _handler_of(listener: Listener) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 20

        def answer(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            listener.requests.append(
                Heard(
                    method=self.command,
                    path=parts.path,
                    query=dict(parse_qsl(parts.query, keep_blank_values=True)),
                    headers=dict(self.headers.items()),
                    body=body,
                    at=time.monotonic(),
                )
            )
            reply = listener.answers.get(parts.path, Reply())
            time.sleep(reply.after)
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.kind)
            self.send_header("Content-Length", str(len(reply.body)))
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)

        do_GET = do_POST = answer  # noqa: N815 -- http.server's spelling

        def log_message(self, *_: Any) -> None:
            """Nothing: what came is in ``requests``."""

    return Handler
