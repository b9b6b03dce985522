"""Requests that no library would send, and what every refusal has to look like.

Bytes go over a plain socket, so that nothing on the way mends them.
"""

from __future__ import annotations

import http.client
import json
import re
import socket
import ssl
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus, urlsplit

from tests.support.answer_rules import REGISTERED_ERRORS
from tests.support.document import Document

FORM = "application/x-www-form-urlencoded"
TRACE_ID = re.compile(r"[0-9a-f]{32}")
MARKUP = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>"
# values that a careless reader trips over, as they stand in a query or a form
BAD_BYTES = {
    "not UTF-8": "%FF%FE",
    "overlong": "%C0%80",
    "surrogate": "%ED%A0%80",
    "NUL": "a%00b",
}
Pair = tuple[str, str]


@dataclass(frozen=True)
class Answer:
    """What came back, as bytes."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes
    asked: str

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")

    @property
    def location(self) -> str | None:
        return self.headers["Location"]

    def json(self) -> Any:
        return json.loads(self.body)


def send(
    origin: str,
    target: str,
    *,
    method: str = "GET",
    headers: Iterable[tuple[str, str | bytes]] = (),
    body: bytes | str = b"",
    kind: str | None = FORM,
    verify: str | None = None,
) -> Answer:
    """One request on one connection, byte for byte as given.

    Over TLS where `verify` names whom to trust.
    """
    parts = urlsplit(origin)
    content = body.encode() if isinstance(body, str) else body
    lines = [f"{method} {target} HTTP/1.1".encode("latin-1")]
    lines.append(f"Host: {parts.netloc}".encode())
    for name, value in headers:
        raw = value if isinstance(value, bytes) else value.encode("latin-1")
        lines.append(name.encode("latin-1") + b": " + raw)
    if content and kind:
        lines.append(f"Content-Type: {kind}".encode("latin-1"))
    if content or method in ("POST", "PUT", "PATCH"):
        lines.append(f"Content-Length: {len(content)}".encode())
    lines.append(b"Connection: close")
    head = b"\r\n".join(lines) + b"\r\n\r\n"
    with _connect(parts.hostname, parts.port, verify) as line:
        # a large body may be refused before its end; the answer is there already
        with suppress(BrokenPipeError, ConnectionResetError):
            line.sendall(head + content)
        response = http.client.HTTPResponse(line, method=method)
        response.begin()
        asked = f"{method} {target[:200]}"
        return Answer(response.status, response.headers, response.read(), asked)


def _connect(host: str | None, port: int | None, verify: str | None) -> socket.socket:
    line = socket.create_connection((host, port), timeout=30)
    if verify is None:
        return line
    trust = ssl.create_default_context(cafile=verify)
    return trust.wrap_socket(line, server_hostname=host)


def pairs(given: Iterable[Pair], **raw: str) -> str:
    """A form of good values, and of raw ones that are already encoded."""
    coded = [f"{quote_plus(name)}={quote_plus(value)}" for name, value in given]
    return "&".join(coded + [f"{name}={value}" for name, value in raw.items()])


def sane(answer: Answer) -> Answer:
    """Whatever was sent: no fault of ours, a trace id, and no markup reflected."""
    asked, body = answer.asked, answer.body
    assert answer.status < 500, f"{asked}: {answer.status}: {body[:300]!r}"
    assert TRACE_ID.fullmatch(answer.headers["X-Trace-Id"] or ""), asked
    assert b"<script>alert(1)" not in body, f"{asked}: reflected without escaping"
    assert b"onerror=alert" not in body or b"&lt;img" in body, asked
    assert b"Traceback" not in body, asked
    return answer


def refused_in_json(
    answer: Answer,
    errors: Sequence[str] = (),
    *,
    statuses: Sequence[int] = (400, 401),
) -> str:
    """RFC 6749 §5.2: JSON with a registered word, and not to be kept."""
    sane(answer)
    assert answer.status in statuses, f"{answer.status}: {answer.body[:300]!r}"
    assert answer.headers.get_content_type() == "application/json"
    assert "no-store" in (answer.headers["Cache-Control"] or "")
    error: str = answer.json()["error"]
    assert error in REGISTERED_ERRORS, error
    assert not errors or error in errors, f"{error}: {answer.body[:300]!r}"
    if answer.status == 401 and error == "invalid_client":
        assert answer.headers["WWW-Authenticate"] is None or (
            answer.headers["WWW-Authenticate"].lower().startswith("basic")
        )
    return error


def refused_on_a_page(
    answer: Answer, *, statuses: Sequence[int] = (400, 401, 403, 404, 410)
) -> Document:
    """A page for the person: nobody is redirected; code and trace id to be read."""
    sane(answer)
    assert answer.location is None, f"redirected to {answer.location}"
    assert answer.status in statuses, f"{answer.status}: {answer.body[:300]!r}"
    assert answer.headers.get_content_type() == "text/html"
    document = Document(answer.text)
    assert document.find("error") is not None, document.root.text[:300]
    assert re.fullmatch(r"[a-z_]+", document.get("error-code").text)
    assert document.get("trace-id").text == answer.headers["X-Trace-Id"]
    assert "default-src" in answer.headers["Content-Security-Policy"]
    return document


def refused_by_bearer(
    answer: Answer, errors: Sequence[str], *, statuses: Sequence[int] = (401,)
) -> None:
    """RFC 6750 §3: said in WWW-Authenticate, with a registered word or none."""
    sane(answer)
    assert answer.status in statuses, f"{answer.status}: {answer.body[:300]!r}"
    challenge = answer.headers["WWW-Authenticate"] or ""
    if answer.status == 401 or challenge:
        assert challenge.startswith("Bearer"), challenge
    found = re.search(r'error="([a-z_]+)"', challenge)
    word = found.group(1) if found else None
    assert (word or "none") in errors, challenge
