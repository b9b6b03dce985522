"""One id for everything that a request does: W3C ``traceparent`` in, ``X-Trace-Id`` out."""

import re
import secrets
from contextvars import ContextVar

from flask import Request, Response

from authserver.http.answer import put_beside

# W3C Trace Context §3.2.2; version ff is forbidden, and so is an id of zeros.
_PARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-[0-9a-f]{16}-.*")
_current: ContextVar[str] = ContextVar("trace_id", default="")


def begin(request: Request) -> None:
    """Take the caller's trace id, or make one."""
    parent = request.headers.get("traceparent")
    match = _PARENT.fullmatch(parent[:128]) if parent else None
    _current.set(match[1] if match else new())


def new() -> str:
    """Make a trace id."""
    return secrets.token_hex(16)


def current() -> str:
    """Give the trace id of this request; empty outside of one."""
    return _current.get()


def send(response: Response) -> None:
    """Tell the caller the id."""
    put_beside(response, (("X-Trace-Id", current()),))
