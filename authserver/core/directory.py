"""Find people and look through the logs: keyset paging, so page 10,000 is as fast as 1.

Every list is ordered by a column that has an index, and goes on after the last row that
was shown.  Nothing is counted that grows with the table.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    and_,
    cast,
    func,
    literal,
    or_,
    select,
)

from authserver.core import subjects
from authserver.core.subjects import Subject
from authserver.models import (
    Institution,
    LoginRecord,
    Role,
    SecurityEvent,
    User,
    UserInstitution,
    UserRole,
)
from authserver.models.engines import Reads

SEARCHED = (
    func.lower(cast(User.email, Text))
    + " "
    + func.lower(func.coalesce(User.full_name, ""))
    + " "
    + func.lower(func.coalesce(cast(User.username, Text), ""))
    + " "
    + func.coalesce(User.phone, "")
)
"""What a search looks into; PostgreSQL has a trigram index over this very text."""


@dataclass(frozen=True)
class Page:
    """Some rows, and the sort keys to go on after; None on the last page."""

    rows: Sequence[Any]
    after: list[Any] | None


@dataclass(frozen=True)
class Wanted:
    """What a list of people is narrowed to."""

    query: str | None = None
    status: str | None = None
    role: str | None = None
    institution: str | None = None
    with_deleted: bool = False


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


@dataclass(frozen=True)
class Directory:
    """Reads lists for operators."""

    reads: Reads

    def subject(self, user_id: uuid.UUID) -> Subject | None:
        """Find a user as tokens see one; outside of any transaction."""
        row = self.reads.first(select(*subjects.columns).where(User.id == user_id))
        return None if row is None else subjects.of(row)

    def people(
        self, wanted: Wanted, *, limit: int, after: list[Any] | None = None
    ) -> Page:
        """List people, the newest first.

        Args:
            wanted: What to narrow to; ``query`` is part of an address, name, user
                name or number, or a whole id.
            limit: How many at most.
            after: Sort keys of the last row that was shown.
        """
        found = select(*subjects.columns, User.created_at, User.last_login_at).where(
            *_narrow(wanted)
        )
        if after is not None:
            moment, last = datetime.fromisoformat(after[0]), uuid.UUID(after[1])
            found = found.where(
                or_(
                    User.created_at < moment,
                    and_(User.created_at == moment, User.id < last),
                )
            )
        found = found.order_by(User.created_at.desc(), User.id.desc())
        rows = self.reads.all(found.limit(limit + 1))
        shown = [Listed(subjects.of(r), r.created_at, r.last_login_at) for r in rows]
        return page_of(shown, limit, lambda one: [one.created_at.isoformat(), one.id])

    def sign_ins(
        self, wanted: LogWanted, *, limit: int, after: list[Any] | None = None
    ) -> Page:
        """List tries to sign in, the newest first."""
        own = [LoginRecord.status == wanted.status] if wanted.status else []
        return self._log(LoginRecord, wanted, own, limit=limit, after=after)

    def events(
        self, wanted: LogWanted, *, limit: int, after: list[Any] | None = None
    ) -> Page:
        """List security events, the newest first; ``user:mfa`` means all below it."""
        own: list[ColumnElement[bool]] = []
        if wanted.event:
            below = f"{wanted.event}:%"
            own.append(
                or_(
                    SecurityEvent.event == wanted.event,
                    SecurityEvent.event.like(below),
                )
            )
        if wanted.trace_id:
            own.append(SecurityEvent.trace_id == wanted.trace_id)
        return self._log(SecurityEvent, wanted, own, limit=limit, after=after)

    def _log(
        self,
        table: type[LoginRecord] | type[SecurityEvent],
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
        if wanted.since:
            found = found.where(table.created_at >= wanted.since)
        if wanted.until:
            found = found.where(table.created_at < wanted.until)
        if after is not None:
            found = found.where(table.id < int(after[0]))
        found = found.order_by(table.id.desc())
        rows = self.reads.all(found.limit(limit + 1))
        return page_of(rows, limit, lambda row: [row.id])


@dataclass(frozen=True)
class Listed:
    """A user in a list."""

    subject: Subject
    created_at: datetime
    last_login_at: datetime | None

    @property
    def id(self) -> uuid.UUID:
        """The user's id."""
        return self.subject.id


def _narrow(wanted: Wanted) -> list[ColumnElement[bool]]:
    rules: list[ColumnElement[bool]] = []
    if not wanted.with_deleted:
        rules.append(User.deleted_at.is_(None))
    if wanted.status:
        rules.append(User.status == wanted.status)
    if wanted.role:
        rules.append(
            select(literal(1))
            .select_from(UserRole)
            .join(Role, Role.id == UserRole.role_id)
            .where(
                UserRole.user_id == User.id,
                func.lower(Role.name) == wanted.role.lower(),
            )
            .exists()
        )
    if wanted.institution:
        rules.append(
            select(literal(1))
            .select_from(UserInstitution)
            .join(Institution, Institution.id == UserInstitution.institution_id)
            .where(
                UserInstitution.user_id == User.id,
                func.lower(Institution.code) == wanted.institution.lower(),
            )
            .exists()
        )
    if wanted.query:
        rules.append(matches(wanted.query))
    return rules


def matches(query: str) -> ColumnElement[bool]:
    """Say which users a search means: a whole id, or part of what is searched."""
    try:
        return User.id == uuid.UUID(query)
    except ValueError:
        plain = query.lower().replace("\\", "\\\\")
        plain = plain.replace("%", "\\%").replace("_", "\\_")
        return SEARCHED.like(f"%{plain}%", escape="\\")


def _columns(table: Any) -> list[Any]:
    return [
        getattr(table, name).label(name)
        for name in table.__mapper__.column_attrs.keys()  # noqa: SIM118 -- no dict
    ]


def page_of(rows: Sequence[Any], limit: int, key: Any) -> Page:
    """Give a page of rows, of which one more was read than is shown."""
    shown = list(rows[:limit])
    return Page(shown, key(shown[-1]) if len(rows) > limit else None)
