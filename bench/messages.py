"""HTTP/1.1 as far as the bench needs it: a request out, an answer in."""

import json
import re
from typing import Any, NamedTuple

CONTENT_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)


class WrongAnswer(Exception):
    """The server said something else than the bench expects."""


class Request(NamedTuple):
    """One request; Host and Content-Length are added on the way out."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""


class Response(NamedTuple):
    """One answer: its status, the lines of its head, its body."""

    status: int
    head: list[str]
    body: bytes

    def headers(self, name: str) -> list[str]:
        """All values of a header; Set-Cookie may come more than once."""
        prefix = name.lower() + ":"
        return [
            line[len(prefix) :].strip()
            for line in self.head
            if line.lower().startswith(prefix)
        ]

    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)

    def expect(self, *statuses: int) -> "Response":
        """The same answer, if its status is one of these."""
        if self.status not in statuses:
            said = self.body[:200].decode("utf-8", "replace")
            raise WrongAnswer(f"{self.status} instead of {statuses}: {said}")
        return self


def encode(request: Request, host: str) -> bytes:
    """The request as it goes over the wire."""
    lines = [f"{request.method} {request.target} HTTP/1.1", f"Host: {host}"]
    lines += [f"{name}: {value}" for name, value in request.headers]
    if request.method == "POST":
        lines.append(f"Content-Length: {len(request.body)}")
    return ("\r\n".join(lines) + "\r\n\r\n" + request.body).encode()


def decode(received: bytes) -> Response | None:
    """The answer, once all of it has come."""
    head, blank, rest = received.partition(b"\r\n\r\n")
    body = whole_body(head, rest) if blank else None
    if body is None:
        return None
    lines = head.decode("latin-1").split("\r\n")
    return Response(int(lines[0][9:12]), lines[1:], body)


def whole_body(head: bytes, rest: bytes) -> bytes | None:
    """The body if all of it is here, None while some is missing."""
    if length := CONTENT_LENGTH.search(head):
        return rest if len(rest) >= int(length[1]) else None
    if not CHUNKED.search(head):
        return b""
    body = b""
    while True:
        size, line, rest = rest.partition(b"\r\n")
        if not line or len(rest) < int(size, 16) + 2:
            return None
        if int(size, 16) == 0:
            return body
        body += rest[: int(size, 16)]
        rest = rest[int(size, 16) + 2 :]
