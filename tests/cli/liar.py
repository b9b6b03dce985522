"""Stands before a server and changes one of its answers."""

import http.client
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

HOP = {"connection", "transfer-encoding", "content-length", "keep-alive"}


@dataclass
class Told:
    """An answer, that may be changed before it is given."""

    method: str
    path: str
    asked: str
    status: int
    headers: list[tuple[str, str]]
    body: bytes
    more: dict[str, str] = field(default_factory=dict)

    def header(self, name: str, change: Callable[[str], str]) -> None:
        self.headers = [
            (key, change(value) if key.lower() == name else value)
            for key, value in self.headers
        ]

    def without(self, name: str) -> None:
        self.headers = [pair for pair in self.headers if pair[0].lower() != name]


Lie = Callable[[Told], None]


class Liar:
    """Forwards everything to a port, and lies as it is told."""

    def __init__(self) -> None:
        self.target, self.lie = 0, None
        liar = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.0"

            def forward(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                asked = self.rfile.read(length)
                line = http.client.HTTPConnection("127.0.0.1", liar.target, timeout=30)
                line.request(self.command, self.path, asked or None, dict(self.headers))
                given = line.getresponse()
                headers = [p for p in given.getheaders() if p[0].lower() not in HOP]
                told = Told(
                    self.command, self.path, asked.decode(), given.status, headers,
                    given.read(),
                )  # fmt: skip
                line.close()
                if liar.lie is not None:
                    liar.lie(told)
                self.send_response_only(told.status)
                for name, value in told.headers:
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(told.body)

            do_GET = do_POST = forward  # noqa: N815 -- names of the library

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port

    def __enter__(self) -> Self:
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
