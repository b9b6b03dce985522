"""A queue in a table: claimed with a lease, tried, tried again later, given up.

What is queued goes into the transaction of what it tells about.  A process that dies
with rows in its hands leaves their lease to run out, and another takes them.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.clock import Clock
from authserver.models.engines import Reads

LEASE = timedelta(seconds=60)
ENOUGH = timedelta(seconds=30)
"""What a lease must have left for a row to be begun under it."""
MAX_ATTEMPTS = 12
FIRST_PAUSE_SECONDS = 5
LONGEST_PAUSE_SECONDS = 3600


def pause_after(attempts: int) -> timedelta:
    """Say how long to wait after so many tries: twice as long each time."""
    seconds = FIRST_PAUSE_SECONDS * 2 ** (attempts - 1)
    return timedelta(seconds=min(seconds, LONGEST_PAUSE_SECONDS))


@dataclass(frozen=True)
class Queue:
    """Rows that wait.

    ``table`` has the columns ``status``, ``attempts``, ``not_before`` and
    ``claimed_until``, and an index over the first and the third.
    """

    table: ClassVar[Any]

    db: scoped_session[DbSession]
    reads: Reads
    clock: Clock

    def _due(self, now: datetime) -> tuple[ColumnElement[bool], ...]:
        held = self.table.claimed_until
        return (
            self.table.status == "waiting",
            self.table.not_before <= now,
            or_(held.is_(None), held < now),
        )

    def has_due(self) -> bool:
        """Whether there is anything to claim; takes no lock."""
        now = self.clock.now()
        due = select(self.table.id).where(*self._due(now)).limit(1)
        return self.reads.first(due) is not None

    def claim(self, most: int = 20, *which: ColumnElement[bool]) -> list[Any]:
        """Take due rows for one lease.  Commit before anything is done with them.

        Args:
            most: How many at most.
            which: Only those.
        """
        now = self.clock.now()
        due = (
            select(self.table.id)
            .where(*self._due(now), *which)
            .order_by(self.table.not_before)
            .limit(most)
            .with_for_update(skip_locked=True)
            .cte("due")
        )
        claimed = self.db.scalars(
            update(self.table)
            .where(self.table.id.in_(select(due.c.id)))
            .values(claimed_until=now + LEASE, attempts=self.table.attempts + 1)
            .returning(self.table)
            .execution_options(synchronize_session=False, populate_existing=True)
        )
        return list(claimed)

    def may_begin(self, held_until: datetime) -> bool:
        """Whether a row can be tried before its lease is somebody else's to take."""
        return held_until - self.clock.now() >= ENOUGH

    def give_back(self, ids: Sequence[uuid.UUID], held_until: datetime) -> None:
        """Let others try what was claimed and not begun, as if it never had been."""
        self.db.execute(
            update(self.table)
            .where(self.table.id.in_(ids), self.table.claimed_until == held_until)
            .values(claimed_until=None, attempts=self.table.attempts - 1)
            .execution_options(synchronize_session=False)
        )
