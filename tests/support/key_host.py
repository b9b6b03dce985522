"""Where a client publishes its keys: a JWK Set on the loopback that a test changes.

It counts how often it was asked, and can be made to fail, to wait, or to say nonsense.
"""

from __future__ import annotations

import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


class KeyHost:
    """One address; counts how often it was asked."""

    def __init__(self, context: ssl.SSLContext | None = None):
        self.body = b'{"keys": []}'
        self.status = 200
        self.asked = 0
        self.may_answer = threading.Event()
        self.may_answer.set()
        host = self

        class Door(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                host.asked += 1
                host.may_answer.wait(10)
                self.send_response(host.status)
                self.send_header("Content-Type", "application/jwk-set+json")
                self.send_header("Content-Length", str(len(host.body)))
                self.end_headers()
                self.wfile.write(host.body)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self.server.daemon_threads = True
        scheme = "http"
        if context is not None:
            scheme = "https"
            self.server.socket = context.wrap_socket(
                self.server.socket, server_side=True
            )
        self.url = f"{scheme}://127.0.0.1:{self.server.server_port}/jwks.json"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def publish(self, *keys: Any) -> None:
        """Replace what is published: public halves, of joserfc keys or as they are."""
        listed = [
            key if isinstance(key, dict) else key.as_dict(private=False) for key in keys
        ]
        self.say({"keys": listed})

    def say(self, document: Any) -> None:
        """Publish anything."""
        is_raw = isinstance(document, bytes)
        self.body = document if is_raw else json.dumps(document).encode()

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.may_answer.set()
        self.server.shutdown()
        self.thread.join(10)
        self.server.server_close()
