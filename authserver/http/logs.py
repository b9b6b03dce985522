"""Structured logs: one JSON line for each event, with the trace id.

A request is one line: method, path without its query, status, milliseconds.  Nothing
that a client sent beyond that is written: queries and forms hold codes and tokens.
"""

import json
import logging
import sys
from typing import TextIO

from flask import Request, Response

from authserver.clock import Clock
from authserver.http import trace

access = logging.getLogger("authserver.access")
EXTRAS = ("refusal", "detail", "method", "path", "status", "ms", "letter", "reason")
EXTRAS += ("client_id", "kind")
QUIET = {
    "alembic": logging.WARNING,
    "authlib": logging.INFO,
    "sqlalchemy": logging.WARNING,
    "urllib3": logging.INFO,
    "werkzeug": logging.WARNING,
    "flask-limiter": logging.INFO,
}
"""Libraries that print what they handle: tokens, parameters, headers, each step."""

_write = json.JSONEncoder(default=str).encode
"""``json.dumps`` would make an encoder for each line."""


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Write the record; control characters are escaped by JSON itself."""
        line = {
            "time": Clock().now().isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "trace_id": getattr(record, "trace_id", None) or trace.current() or None,
        }
        line |= {
            name: record.__dict__[name] for name in EXTRAS if name in record.__dict__
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return _write({k: v for k, v in line.items() if v is not None})


def configure(level: str, stream: TextIO = sys.stderr) -> None:
    """Send all logs to one stream as JSON lines; libraries stay at INFO."""
    # What no line of ours shows need not be looked up for each of them.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging._srcfile = None  # type: ignore[attr-defined]  # noqa: SLF001 -- as its HOWTO says
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name, least in QUIET.items():
        logging.getLogger(name).setLevel(least)


def note(request: Request, response: Response, seconds: float) -> None:
    """Log a request, now that it is answered."""
    if access.isEnabledFor(logging.INFO):
        facts = {
            "method": request.method,
            "path": request.path[:256],
            "status": response.status_code,
            "ms": round(seconds * 1000, 1),
        }
        access.info("request", extra=facts)
