"""The samples over a wire: a browser keeps what pages share, and compiles it once.

A page that is routed has no cache, and asks anew for every style and script.
"""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler
from typing import Self

from playwright.sync_api import Page, Request

from tests.support import axe
from tests.support.door import Door
from tests.support.preview import NONCE, Studio

AXE = "/axe.js"
LEAVES_AT_ONCE = "form-post"
KEPT, NOT_KEPT = "max-age=3600", "no-store"
LOAD_AXE = """([src, nonce]) => new Promise((done, failed) => {
  const script = Object.assign(
    document.createElement("script"), {src, nonce, onload: done, onerror: failed});
  document.head.append(script);
})"""


class Gallery(Studio):
    """A Chromium page that fetches the rendered samples from this process."""

    def __init__(self, page: Page) -> None:
        super().__init__(page, axe=axe.PROGRAM)
        self.door = Door(self._handler())
        self.origin = self.door.url

    def __enter__(self) -> Self:
        self.door.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.door.__exit__()

    def watch(self) -> None:
        self.page.on("request", self.see)

    def see(self, request: Request) -> None:
        if request.url.startswith("http") and not request.url.startswith(self.origin):
            self.faults.append(f"request elsewhere: {request.url}")

    def open(self, name: str) -> None:
        if name == LEAVES_AT_ONCE:
            super().open(name)
        else:
            self.page.goto(f"{self.origin}/{name}")

    def load_axe(self) -> None:
        self.page.evaluate(LOAD_AXE, [AXE, NONCE])

    def found(self, path: str) -> tuple[int, dict[str, str], bytes]:
        if path == AXE:
            return 200, {"Content-Type": "text/javascript"}, axe.PROGRAM.read_bytes()
        return super().found(path)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        found, pages = self.found, self.pages

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                path = self.path.partition("?")[0]
                status, headers, body = found(path)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Cache-Control", NOT_KEPT if path in pages else KEPT)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self) -> None:
                """Take what a form sends; with a 204 its page stays."""
                self.rfile.read(int(self.headers["Content-Length"]))
                self.do_GET()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler
