"""Somebody's web site on the loopback, over TLS: what an app puts where it says it is."""

from __future__ import annotations

import ssl
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from tests.adapters.authority import Authority
from tests.adapters.hostile_server import HostileServer, page

HOST = "127.0.0.1"


class Site:
    """Serves `files` by path; `authority.bundle` is what one must trust to read it."""

    def __init__(self, folder: Path) -> None:
        self.authority = Authority(folder)
        self.files: dict[str, bytes] = {}
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate = self.authority.issue(HOST)
        context.load_cert_chain(certificate.chain, certificate.key)
        self.server = HostileServer(self._reply, context=context)

    @property
    def bundle(self) -> str:
        return str(self.authority.bundle)

    def put(self, path: str, body: bytes) -> str:
        """Put something there, and give its URL."""
        self.files[path] = body
        return self.url(path)

    def url(self, path: str) -> str:
        return self.server.url(path)

    def asked(self, path: str) -> int:
        """How often it was asked for this."""
        return sum(one.split(" ")[1] == path for one in self.server.requests)

    def _reply(self, request: str) -> bytes:
        body: Any = self.files.get(request.split(" ")[1])
        return page(b"", status="404 Not Found") if body is None else page(body)

    def __enter__(self) -> Self:
        threading.Thread(target=self.server.serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.closing.set()
        with suppress(OSError):
            self.server.listener.shutdown(2)
        self.server.listener.close()
