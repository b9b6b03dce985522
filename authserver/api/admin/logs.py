"""Admin: the sign-in log and the security log, by page or as a whole."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from typing import Any

from flask import Response, stream_with_context
from marshmallow import Schema

from authserver.api.endpoint import endpoint
from authserver.api.schemas import admin_logs as schemas
from authserver.core.directory import LogWanted, Page
from authserver.http.context import services
from authserver.http.paging import is_count, read_cursor, write_cursor

BATCH = 1000
STREAMS = ("text/csv", "application/x-ndjson")
Read = Callable[..., Page]


@endpoint(
    query=schemas.LoginLogQuery, gives=schemas.LoginPage, who="logs:read", also=STREAMS
)
def login_log(
    limit: int,
    cursor: str | None,
    format: str,
    ip: Any,
    **wanted: Any,
) -> Any:
    """Read the sign-in log of everybody, the newest first.

    `format=csv` or `ndjson` streams all that the filters leave, in one answer.
    """
    chosen = LogWanted(ip=str(ip) if ip else None, **wanted)
    read = services().directory.sign_ins
    return _answer(read, chosen, schemas.LoginRow(), limit, cursor, format)


@endpoint(
    query=schemas.SecurityLogQuery,
    gives=schemas.SecurityPage,
    who="logs:read",
    also=STREAMS,
)
def security_log(
    limit: int,
    cursor: str | None,
    format: str,
    ip: Any,
    **wanted: Any,
) -> Any:
    """Read the security log of everybody, the newest first.

    `event=user:mfa` finds every event below that name; `trace_id` is the one that an
    error page or answer shows.
    """
    chosen = LogWanted(ip=str(ip) if ip else None, **wanted)
    read = services().directory.events
    return _answer(read, chosen, schemas.SecurityRow(), limit, cursor, format)


def _answer(
    read: Read,
    wanted: LogWanted,
    row: Schema,
    limit: int,
    cursor: str | None,
    form: str,
) -> Any:
    if form == "json":
        page = read(wanted, limit=limit, after=read_cursor(cursor, is_count))
        following = write_cursor(page.after) if page.after else None
        return {"records": page.rows, "nextCursor": following}
    lines = _csv(read, wanted, row) if form == "csv" else _ndjson(read, wanted, row)
    kind = "text/csv" if form == "csv" else "application/x-ndjson"
    return Response(
        stream_with_context(lines),
        mimetype=kind,
        headers={"Content-Disposition": f'attachment; filename="log.{form}"'},
    )


def _rows(read: Read, wanted: LogWanted, row: Schema) -> Iterator[dict[str, Any]]:
    """Go through the log batch by batch: memory does not grow with it."""
    after: list[Any] | None = None
    while True:
        page = read(wanted, limit=BATCH, after=after)
        yield from row.dump(page.rows, many=True)
        after = page.after
        if after is None:
            return


def _ndjson(read: Read, wanted: LogWanted, row: Schema) -> Iterator[str]:
    for one in _rows(read, wanted, row):
        yield json.dumps(one, ensure_ascii=False, default=str) + "\n"


def _csv(read: Read, wanted: LogWanted, row: Schema) -> Iterator[str]:
    names = list(row.fields)
    yield _line(names)
    for one in _rows(read, wanted, row):
        yield _line([_harmless(one.get(name)) for name in names])


def _line(values: list[Any]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(values)
    return out.getvalue()


def _harmless(value: Any) -> Any:
    """Keep a spreadsheet from running what somebody typed as a formula (CWE-1236)."""
    if isinstance(value, (dict, list)):
        value = json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, str) and value[:1] in "=+-@\t\r":
        return f"'{value}"
    return value


ROUTES = (
    ("GET", "/admin/logs/login", login_log),
    ("GET", "/admin/logs/security", security_log),
)
