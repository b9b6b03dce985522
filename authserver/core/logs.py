"""Look through the sign-in log and the security log: by page, or as a whole.

The newest first by id, and on after the last that was shown, so that page 10,000 is as
fast as 1.  A range of days becomes a range of ids first: else a page of last year would
read everything since.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, select

from authserver.core.audit import EventTag
from authserver.core.directory import Page, page_of
from authserver.models import LoginRecord, SecurityEvent
from authserver.models.engines import Reads

BATCH = 1000
SLACK = timedelta(hours=1)
"""How far clocks and long requests may put lines out of order (as in audit_check)."""

Log = type[LoginRecord] | type[SecurityEvent]

SIGN_IN_COLUMNS = (
    *("id", "user_id", "action", "status", "auth_method", "failure_reason"),
    *("ip_address", "user_agent", "device_type", "location_country", "location_city"),
    *("attempted_email", "trace_id", "created_at"),
)
EVENT_COLUMNS = (
    *("id", "event", "user_id", "actor_id", "client_id", "ip_address", "user_agent"),
    *("trace_id", "reason", "facts", "created_at"),
)
"""What leaves the house of each line, in this order."""


@dataclass(frozen=True)
class LogWanted:
    """What a log is narrowed to."""

    user_id: uuid.UUID | None = None
    status: str | None = None
    event: str | None = None
    ip: str | None = None
    trace_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    actor_id: uuid.UUID | None = None


@dataclass(frozen=True)
class Logs:
    """Reads both logs."""

    reads: Reads

    def sign_ins(
        self, wanted: LogWanted, *, limit: int, after: list[Any] | None = None
    ) -> Page:
        """List tries to sign in, the newest first."""
        own = [LoginRecord.status == wanted.status] if wanted.status else []
        return self._page(LoginRecord, wanted, own, limit=limit, after=after)

    def events(
        self, wanted: LogWanted, *, limit: int, after: list[Any] | None = None
    ) -> Page:
        """List security events, the newest first; ``user:mfa`` means all below it."""
        own: list[ColumnElement[bool]] = []
        if wanted.event:
            own.append(SecurityEvent.event.in_(_below(wanted.event)))
        if wanted.actor_id:
            own.append(SecurityEvent.actor_id == wanted.actor_id)
        return self._page(SecurityEvent, wanted, own, limit=limit, after=after)

    def all_sign_ins(self, wanted: LogWanted) -> Iterator[Any]:
        """Give every line that the filters leave; memory does not grow with them."""
        return self._all(self.sign_ins, wanted)

    def all_events(self, wanted: LogWanted) -> Iterator[Any]:
        """Give every line that the filters leave; memory does not grow with them."""
        return self._all(self.events, wanted)

    def _all(self, read: Any, wanted: LogWanted) -> Iterator[Any]:
        after: list[Any] | None = None
        while True:
            page = read(wanted, limit=BATCH, after=after)
            yield from page.rows
            after = page.after
            if after is None:
                return

    def _page(
        self,
        table: Log,
        wanted: LogWanted,
        own: list[ColumnElement[bool]],
        *,
        limit: int,
        after: list[Any] | None,
    ) -> Page:
        found: Select[Any] = select(*_columns(table)).where(*own)
        if wanted.user_id:
            found = found.where(table.user_id == wanted.user_id)
        if wanted.ip:
            found = found.where(table.ip_address == wanted.ip)
        if wanted.trace_id:
            found = found.where(table.trace_id == wanted.trace_id)
        found = found.where(*self._between(table, wanted))
        if after is not None:
            found = found.where(table.id < int(after[0]))
        found = found.order_by(table.id.desc())
        rows = self.reads.all(found.limit(limit + 1))
        return page_of(rows, limit, lambda row: [row.id])

    def _between(self, table: Log, wanted: LogWanted) -> list[ColumnElement[bool]]:
        """Narrow to a range of days, by the ids at its ends and then exactly."""
        rules: list[ColumnElement[bool]] = []
        if wanted.since:
            rules.append(table.created_at >= wanted.since)
            before = self._id_at(table, table.created_at < wanted.since - SLACK)
            if before is not None:
                rules.append(table.id > before)
        if wanted.until:
            rules.append(table.created_at < wanted.until)
            later = self._id_at(
                table, table.created_at >= wanted.until + SLACK, up=True
            )
            if later is not None:
                rules.append(table.id < later)
        return rules

    def _id_at(
        self, table: Log, side: ColumnElement[bool], *, up: bool = False
    ) -> int | None:
        """Give the id of the line that is nearest to a moment, by the index on time."""
        moment = table.created_at.asc() if up else table.created_at.desc()
        row = self.reads.first(select(table.id).where(side).order_by(moment).limit(1))
        return None if row is None else int(row[0])


def _below(event: str) -> list[str]:
    """Give an event with all below it: names, which an index answers better than LIKE."""
    below = f"{event}:"
    return [event, *(one.value for one in EventTag if one.value.startswith(below))]


def _columns(table: Any) -> list[Any]:
    return [
        getattr(table, name).label(name)
        for name in table.__mapper__.column_attrs.keys()  # noqa: SIM118 -- no dict
    ]
