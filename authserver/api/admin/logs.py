"""Admin: the sign-in log and the security log, by page or as a whole; its chain."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from authserver.api import actors
from authserver.api.endpoint import endpoint
from authserver.api.schemas import admin_logs as schemas
from authserver.core.directory import Page
from authserver.core.logs import EVENT_COLUMNS, SIGN_IN_COLUMNS, LogWanted
from authserver.http import exports
from authserver.http.context import services
from authserver.http.paging import is_count, read_cursor, write_cursor

STREAMS = tuple(exports.KINDS.values())


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

    `format=csv` or `ndjson` streams all that the filters leave, in one answer; that is
    written to the security log.
    """
    chosen = LogWanted(ip=str(ip) if ip else None, **wanted)
    if format != "json":
        rows = services().log_export.sign_ins(chosen, by=actors.current().id)
        return _file(format, rows, SIGN_IN_COLUMNS)
    page = services().logs.sign_ins(
        chosen, limit=limit, after=read_cursor(cursor, is_count)
    )
    return _page(page)


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
    error page or answer shows. `format` as of the sign-in log.
    """
    chosen = LogWanted(ip=str(ip) if ip else None, **wanted)
    if format != "json":
        rows = services().log_export.events(chosen, by=actors.current().id)
        return _file(format, rows, EVENT_COLUMNS)
    page = services().logs.events(
        chosen, limit=limit, after=read_cursor(cursor, is_count)
    )
    return _page(page)


@endpoint(gives=schemas.VerdictResponse, who="logs:read")
def verify_chain() -> dict[str, Any]:
    """Check the chain of the security log: is every line what was written?

    It reads the whole log. `known` is to be kept elsewhere, and told to `authserver
    audit verify --known` later on: so a log that was put back whole is seen too.
    """
    verdict = services().audit_check.verify()
    return {
        "whole": verdict.fault is None,
        "fault": asdict(verdict.fault) if verdict.fault else None,
        "checked": verdict.checked,
        "waiting": verdict.waiting,
        "known": f"{verdict.last_position}:{verdict.last_chain}",
    }


def _page(page: Page) -> dict[str, Any]:
    following = write_cursor(page.after) if page.after else None
    return {"records": page.rows, "nextCursor": following}


def _file(form: str, rows: Iterator[Any], names: Sequence[str]) -> Any:
    return exports.stream(form, rows, names, "log")


ROUTES = (
    ("GET", "/admin/logs/login", login_log),
    ("GET", "/admin/logs/security", security_log),
    ("POST", "/admin/logs/security/verify", verify_chain),
)
