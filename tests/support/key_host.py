"""Where a client publishes its keys: a JWK Set on the loopback that a test changes.

It counts how often it was asked, and can be made to fail, to wait, or to say nonsense.
"""

from __future__ import annotations

import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.support.door import Door


class KeyHost(Door):
    """One address; counts how often it was asked."""

    def __init__(self, context: ssl.SSLContext | None = None):
        self.body = b'{"keys": []}'
        self.status = 200
        self.asked = 0
        self.may_answer = threading.Event()
        self.may_answer.set()
        host = self

        class Handler(BaseHTTPRequestHandler):
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

        super().__init__(Handler, context=context)
        self.url += "/jwks.json"

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

    def __exit__(self, *about: object) -> None:
        self.may_answer.set()
        super().__exit__(*about)
