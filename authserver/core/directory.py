"""Find people: keyset paging, so page 10,000 is as fast as 1.

Every list is ordered by a column that has an index, and goes on after the last row that
was shown.  Nothing is counted that grows with the table.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Text,
    cast,
    func,
    literal,
    select,
    tuple_,
)
from sqlalchemy.orm import InstrumentedAttribute

from authserver.core import subjects
from authserver.core.subjects import Subject
from authserver.models import (
    Institution,
    Role,
    User,
    UserInstitution,
    UserRole,
)
from authserver.models.engines import Reads

Moment = InstrumentedAttribute[datetime]
Key = InstrumentedAttribute[uuid.UUID]

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
class Directory:
    """Finds people for operators."""

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
            found = found.where(beyond(User.created_at, User.id, after))
        found = found.order_by(User.created_at.desc(), User.id.desc())
        rows = self.reads.all(found.limit(limit + 1))
        shown = [Listed(subjects.of(r), r.created_at, r.last_login_at) for r in rows]
        return page_of(shown, limit, lambda one: [one.created_at.isoformat(), one.id])

    def names_of(self, ids: Iterable[uuid.UUID | None]) -> dict[uuid.UUID, str]:
        """Give the addresses of some people, deleted ones too, in one read."""
        wanted = {one for one in ids if one is not None}
        if not wanted:
            return {}
        rows = self.reads.all(select(User.id, User.email).where(User.id.in_(wanted)))
        return {row.id: row.email for row in rows}


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


def beyond(moment: Moment, key: Key, after: Sequence[Any]) -> ColumnElement[bool]:
    """Say which rows come after the last one that was shown, the newest first.

    The two are compared as one pair: then an index leads there.  Said with ``OR``, every
    row before it would be read first, and page 10,000 would be the slower for it.

    Args:
        moment: The column that sorts.
        key: The column that sorts what is of one moment.
        after: The values of both in that row, as a cursor holds them.
    """
    last = (datetime.fromisoformat(after[0]), uuid.UUID(after[1]))
    values = (literal(last[0], moment.type), literal(last[1], key.type))
    return tuple_(moment, key) < tuple_(*values)


def page_of(rows: Sequence[Any], limit: int, key: Any) -> Page:
    """Give a page of rows, of which one more was read than is shown."""
    shown = list(rows[:limit])
    return Page(shown, key(shown[-1]) if len(rows) > limit else None)
