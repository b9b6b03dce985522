"""Style and scripts: their address changes with their content, so they may be kept.

A browser asks once and never again; after an upgrade the address is another one.  They
are sent compressed: nothing in them is secret, so that their size tells nothing (BREACH).
"""

import gzip
import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, Request, Response, current_app, request

YEAR_SECONDS = 31_536_000
MARK = "v"
PACKED = frozenset({"text/css", "text/javascript", "application/javascript"})


@lru_cache(maxsize=64)
def mark(path: Path) -> str | None:
    """Give the mark of a file's content; None when there is no such file."""
    if not path.is_file():
        return None
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


@lru_cache(maxsize=64)
def packed(path: Path) -> bytes:
    """Compress a file, once: it is as long in use as its mark."""
    return gzip.compress(path.read_bytes(), mtime=0)


def init_app(app: Flask) -> None:
    """Mark the addresses of static files."""
    folder = Path(app.static_folder or "")

    def add_mark(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and MARK not in values:
            values[MARK] = mark(folder / values.get("filename", ""))

    @lru_cache(maxsize=64)
    def of_file(root: str, filename: str) -> str:
        del root  # it stands before the path
        return app.url_for("static", filename=filename)

    def url_for(endpoint: str, **values: Any) -> str:
        """Give an address to a template; that of a file is put together once."""
        if endpoint == "static" and values.keys() == {"filename"}:
            return of_file(request.root_path, values["filename"])
        return app.url_for(endpoint, **values)

    app.url_defaults(add_mark)
    app.jinja_env.globals["url_for"] = url_for


def keep(came: Request, response: Response) -> None:
    """Let the marked ones be kept, and send style and scripts compressed."""
    if came.endpoint != "static":
        return
    if MARK in came.args:
        kept = f"public, max-age={YEAR_SECONDS}, immutable"
        response.headers["Cache-Control"] = kept
    if response.mimetype in PACKED:
        response.vary.add("Accept-Encoding")
        if response.status_code == 200 and came.accept_encodings["gzip"]:
            _pack(came, response)


def _pack(came: Request, response: Response) -> None:
    path = Path(current_app.static_folder or "") / (came.view_args or {})["filename"]
    response.response.close()  # type: ignore[union-attr]  # the file, which is open
    response.direct_passthrough = False
    response.set_data(packed(path))
    response.headers["Content-Encoding"] = "gzip"
    etag, _ = response.get_etag()
    if etag:  # the same, though not byte by byte (RFC 9110 §8.8.1)
        response.set_etag(etag, weak=True)
    response.headers.pop("Accept-Ranges", None)
