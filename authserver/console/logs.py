"""The sign-in log and the security log: narrowed, taken away as a file, checked."""

import json
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask import Response, request, url_for
from flask_babel import gettext, lazy_gettext
from marshmallow import fields, validate

from authserver.console import lists, operators, said, show
from authserver.console.room import Room, Screen
from authserver.core.directory import Page
from authserver.core.logs import EVENT_COLUMNS, SIGN_IN_COLUMNS, LogWanted
from authserver.errors import NotFound
from authserver.http import exports, forms
from authserver.http.context import services
from authserver.http.pages import Form
from authserver.http.paging import is_count

NO_DAY = "Write the day as 2030-12-31."


class LogFilters(forms.PageForm):
    """What both logs are narrowed to."""

    user_id = fields.UUID(load_default=None)
    ip = fields.IP(load_default=None)
    since = fields.Date(load_default=None)
    until = fields.Date(load_default=None)
    trace_id = forms.Trimmed(
        load_default=None, validate=validate.Regexp(r"[0-9a-f]{32}\Z")
    )

    words = {  # noqa: RUF012 -- read like a constant
        "user_id": "Write the id of a person.",
        "actor_id": "Write the id of a person.",
        "ip": "Write an address such as 203.0.113.7.",
        "since": NO_DAY,
        "until": NO_DAY,
        "status": "Choose one of the list.",
        "event": "Write an event such as user:mfa.",
        "trace_id": "Write the reference of an error page, 32 letters and digits.",
    }


class SignInFilters(LogFilters):
    """The same as ``GET /admin/logs/login``."""

    status = fields.String(
        load_default=None, validate=validate.OneOf(["success", "failure"])
    )


class EventFilters(LogFilters):
    """The same as ``GET /admin/logs/security``."""

    event = forms.Trimmed(
        load_default=None, validate=validate.Regexp(r"[a-z:-]{1,60}\Z")
    )
    actor_id = fields.UUID(load_default=None)


def list_sign_ins() -> Response:
    """List tries to sign in, the newest first."""
    return _page(
        "sign_ins",
        lazy_gettext("Sign-ins"),
        SignInFilters(),
        services().logs.sign_ins,
        _sign_in,
    )


def list_events() -> Response:
    """List security events, the newest first."""
    return _page(
        "events",
        lazy_gettext("Security log"),
        EventFilters(),
        services().logs.events,
        _event,
    )


def export_sign_ins(form: str) -> Response:
    """Give the lines that the filters leave as a file."""
    rows = services().log_export.sign_ins(
        _asked_for(SignInFilters(), form), by=operators.current().id
    )
    return exports.stream(form, rows, SIGN_IN_COLUMNS, "sign-ins")


def export_events(form: str) -> Response:
    """Give the lines that the filters leave as a file."""
    rows = services().log_export.events(
        _asked_for(EventFilters(), form), by=operators.current().id
    )
    return exports.stream(form, rows, EVENT_COLUMNS, "security-log")


def verify_log() -> Response:
    """Say whether the log is what was written; the whole of it is read."""
    verdict = services().audit_check.verify() if request.method == "POST" else None
    return show.render(
        "chain",
        title=gettext("Check the chain"),
        trail=[(gettext("Security log"), url_for("console.list_events"))],
        verdict=verdict,
        known=f"{verdict.last_position}:{verdict.last_chain}" if verdict else None,
        links={"back": url_for("console.list_events")},
    )


def _asked_for(schema: LogFilters, form: str) -> LogWanted:
    wanted, _ = lists.read_filters(schema, {})
    if wanted is None or form not in exports.KINDS:
        raise NotFound(f"no export {form!r} of these filters")
    return _wanted(wanted)


def _wanted(given: forms.Given) -> LogWanted:
    """Days are whole days where the operator is."""
    since, until = given.pop("since"), given.pop("until")
    ip = given.pop("ip")
    return LogWanted(
        ip=str(ip) if ip else None,
        since=_begin(since) if since else None,
        until=_begin(until + timedelta(days=1)) if until else None,
        **given,
    )


def _begin(day: date) -> datetime:
    try:
        place = ZoneInfo(operators.current().subject.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        place = ZoneInfo("UTC")
    return datetime.combine(day, time(), tzinfo=place).astimezone(UTC)


def _page(
    template: str,
    title: Any,
    schema: LogFilters,
    read: Callable[..., Page],
    row: Callable[[Any, dict[uuid.UUID, str]], dict[str, Any]],
) -> Response:
    wanted, form = lists.read_filters(schema, {})
    rows, pages = [], {}
    if wanted is not None:
        page = read(_wanted(wanted), limit=lists.PER_PAGE, after=lists.cursor(is_count))
        ids = [one.user_id for one in page.rows]
        ids += [getattr(one, "actor_id", None) for one in page.rows]
        names = services().directory.names_of(ids)
        rows, pages = [row(one, names) for one in page.rows], lists.pages(page)
    return show.render(
        template,
        title=title,
        status=200 if wanted is not None else 422,
        form=form,
        lines=rows,
        pages=pages,
        is_narrowed=bool(form.values.keys() & schema.fields.keys()),
        links=_links(template, form, schema),
    )


def _links(template: str, form: Form, schema: LogFilters) -> dict[str, str | None]:
    kept = {n: v for n, v in form.values.items() if n in schema.fields and v}
    return {
        "self": url_for(f"console.list_{template}"),
        "csv": url_for(f"console.export_{template}", form="csv", **kept),
        "ndjson": url_for(f"console.export_{template}", form="ndjson", **kept),
        "sign_ins": url_for("console.list_sign_ins"),
        "events": url_for("console.list_events"),
        "verify": url_for("console.verify_log"),
    }


def _whom(user_id: uuid.UUID | None, names: dict[uuid.UUID, str]) -> Any:
    if user_id is None:
        return None
    return {
        "name": names.get(user_id, str(user_id)),
        "url": show.allowed("users:read", "console.show_user", user_id=user_id),
    }


def _sign_in(row: Any, names: dict[uuid.UUID, str]) -> dict[str, Any]:
    place = [part for part in (row.location_city, row.location_country) if part]
    return {
        "when": show.moment(row.created_at),
        "who": _whom(row.user_id, names),
        "typed": row.attempted_email,
        "result": said.result_of(row.status),
        "why": row.failure_reason,
        "action": row.action,
        "method": row.auth_method,
        "ip": row.ip_address,
        "place": ", ".join(place),
        "agent": row.user_agent,
        "trace": row.trace_id,
    }


def _event(row: Any, names: dict[uuid.UUID, str]) -> dict[str, Any]:
    facts = (
        json.dumps(row.facts, ensure_ascii=False, default=str) if row.facts else None
    )
    return {
        "when": show.moment(row.created_at),
        "event": row.event,
        "who": _whom(row.user_id, names),
        "by": _whom(row.actor_id, names) if row.actor_id != row.user_id else None,
        "reason": row.reason,
        "ip": row.ip_address,
        "trace": row.trace_id,
        "facts": facts,
        "is_sealed": row.position is not None,
    }


READS, LOGIN, SECURITY = (
    "logs:read",
    "GET /admin/logs/login",
    "GET /admin/logs/security",
)

ROOM = Room(
    name="logs",
    title=lazy_gettext("Logs"),
    screens=(
        Screen("/logs/sign-ins", list_sign_ins, READS, LOGIN),
        Screen("/logs/sign-ins.<form>", export_sign_ins, READS, LOGIN),
        Screen("/logs/security", list_events, READS, SECURITY),
        Screen("/logs/security.<form>", export_events, READS, SECURITY),
        Screen(
            "/logs/security/verify",
            verify_log,
            READS,
            "POST /admin/logs/security/verify",
            posts=True,
        ),
    ),
)
