"""Lines of a log as a file that is written while it is read: CSV, or JSON by line.

Nothing is held but the line at hand and the batch that it came in, however long the file
becomes.  What writes it needs no request any more: somebody who goes in the midst of it
leaves nothing open.
"""

import csv
import io
import json
import uuid
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from flask import Response

KINDS = {"csv": "text/csv", "ndjson": "application/x-ndjson"}
"""What can be asked for, and its media type."""


PIECE = 32 * 1024
"""How much goes out at once."""


def stream(form: str, rows: Iterable[Any], names: Sequence[str], name: str) -> Response:
    """Answer with a file.

    Args:
        form: A key of ``KINDS``.
        rows: What it is made of, read as it is written.
        names: The columns, in their order.
        name: Of the file, without its ending.
    """
    lines = _csv(rows, names) if form == "csv" else _ndjson(rows, names)
    return Response(
        _in_pieces(lines),
        mimetype=KINDS[form],
        headers={"Content-Disposition": f'attachment; filename="{name}.{form}"'},
    )


def _in_pieces(lines: Iterable[str]) -> Iterator[str]:
    """Gather lines: each piece is handed to the server by itself, which costs more."""
    held, size = [], 0
    for line in lines:
        held.append(line)
        size += len(line)
        if size >= PIECE:
            yield "".join(held)
            held, size = [], 0
    yield "".join(held)


def _ndjson(rows: Iterable[Any], names: Sequence[str]) -> Iterator[str]:
    for row in rows:
        told = {name: _plain(getattr(row, name)) for name in names}
        yield json.dumps(told, ensure_ascii=False, default=str) + "\n"


def _csv(rows: Iterable[Any], names: Sequence[str]) -> Iterator[str]:
    yield _line(names)
    for row in rows:
        yield _line([_harmless(_plain(getattr(row, name))) for name in names])


def _line(values: Sequence[Any]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(values)
    return out.getvalue()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, uuid.UUID):
        return str(value)
    return value


def _harmless(value: Any) -> Any:
    """Keep a spreadsheet from running what somebody typed as a formula (CWE-1236)."""
    if isinstance(value, (dict, list)):
        value = json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, str) and value[:1] in "=+-@\t\r":
        return f"'{value}"
    return value
