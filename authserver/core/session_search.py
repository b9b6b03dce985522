"""Everybody's sessions, for operators: whose, where, since when; by page.

The newest first, by an index, and on after the last that was shown.
"""

import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from authserver.clock import Clock
from authserver.core import whereabouts
from authserver.core.directory import Page, beyond, matches, page_of
from authserver.models import Session, User
from authserver.models.engines import Reads

_columns = (
    *whereabouts.COLUMNS,
    Session.acr,
    Session.revoked_because,
    User.email,
    User.full_name,
)


@dataclass(frozen=True)
class SessionsWanted:
    """What a list of sessions is narrowed to.

    Attributes:
        query: Part of their owner's address, name, user name or number, or a whole id:
            of the owner, or of the session.
        ip: Where it was begun.
        kind: ``browser`` or ``api``.
        with_ended: Whether those that are over are shown too.
    """

    query: str | None = None
    ip: str | None = None
    kind: str | None = None
    with_ended: bool = False


@dataclass(frozen=True)
class SessionSearch:
    """Reads; never a handle, a hash or a secret."""

    reads: Reads
    clock: Clock

    def find(
        self, wanted: SessionsWanted, *, limit: int, after: list[Any] | None = None
    ) -> Page:
        """List sessions, the newest first.

        Args:
            wanted: What to narrow to.
            limit: How many at most.
            after: Sort keys of the last row that was shown.
        """
        found = (
            select(*_columns)
            .join(User, User.id == Session.user_id)
            .where(*self._narrow(wanted))
        )
        if after is not None:
            found = found.where(beyond(Session.created_at, Session.id, after))
        found = found.order_by(Session.created_at.desc(), Session.id.desc())
        rows = self.reads.all(found.limit(limit + 1))
        return page_of(rows, limit, lambda row: [row.created_at.isoformat(), row.id])

    def _narrow(self, wanted: SessionsWanted) -> list[ColumnElement[bool]]:
        rules: list[ColumnElement[bool]] = []
        if not wanted.with_ended:
            rules += [
                Session.is_active.is_(True),
                Session.expires_at > self.clock.now(),
            ]
        if wanted.ip:
            rules.append(Session.ip_address == wanted.ip)
        if wanted.kind:
            rules.append(Session.kind == wanted.kind)
        if wanted.query:
            rules.append(_of_whom(wanted.query))
        return rules


def _of_whom(query: str) -> ColumnElement[bool]:
    try:
        asked = uuid.UUID(query)
    except ValueError:
        return matches(query)
    return or_(Session.user_id == asked, Session.id == asked)
