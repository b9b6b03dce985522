"""Figures for the administration: counts now, and a daily series.

Counting grows with the tables, so figures are kept for half a minute and every count
uses an index or a short window of time.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Executable, func, select

from authserver.clock import Clock, is_fresh
from authserver.models import (
    Client,
    LoginRecord,
    OutboxLetter,
    Session,
    TokenFamily,
    User,
)
from authserver.models.engines import Reads

KEEP = timedelta(seconds=30)
DAYS = 30
COUNTED_BY_DAY: dict[str, Any] = {
    "signUps": User,
    "sessions": Session,
    "grants": TokenFamily,
    "letters": OutboxLetter,
}
"""What is counted by the day it was made.  Access tokens have no row; what is counted in
their place is the grants that they come from."""


@dataclass
class Overview:
    """Counts things."""

    reads: Reads
    clock: Clock
    _kept: tuple[datetime, dict[str, Any]] | None = field(default=None, repr=False)

    def figures(self) -> dict[str, Any]:
        """Give the figures of the home page; at most half a minute old."""
        now = self.clock.now()
        if self._kept is not None and is_fresh(self._kept[0], now, KEEP):
            return self._kept[1]
        found = self._count(now)
        self._kept = (now, found)
        return found

    def _count(self, now: datetime) -> dict[str, Any]:
        alive = (Session.is_active.is_(True), Session.expires_at > now)
        by_status = self._pairs(
            select(User.status, func.count())
            .where(User.deleted_at.is_(None))
            .group_by(User.status)
        )
        day_ago = now - timedelta(days=1)
        tries = self._pairs(
            select(LoginRecord.status, func.count())
            .where(LoginRecord.created_at > day_ago)
            .group_by(LoginRecord.status)
        )
        return {
            "users": sum(by_status.values()),
            "usersByStatus": by_status,
            "activeSessions": self._one(
                select(func.count()).select_from(Session).where(*alive)
            ),
            "activeGrants": self._one(
                select(func.count())
                .select_from(TokenFamily)
                .where(TokenFamily.revoked_at.is_(None), TokenFamily.expires_at > now)
            ),
            "clients": self._one(select(func.count()).select_from(Client)),
            "signInsLastDay": tries.get("success", 0),
            "refusedLastDay": tries.get("failure", 0),
            "lettersWaiting": self._letters("waiting"),
            "lettersFailed": self._letters("failed"),
            "daily": self._daily(now),
            "at": now,
        }

    def _daily(self, now: datetime) -> list[dict[str, Any]]:
        since = now - timedelta(days=DAYS - 1)
        begin = since.replace(hour=0, minute=0, second=0, microsecond=0)
        day = func.date(LoginRecord.created_at)
        rows: Any = self.reads.all(
            select(day, LoginRecord.status, func.count())
            .where(LoginRecord.created_at >= begin)
            .group_by(day, LoginRecord.status)
        )
        tries = {(str(one), status): count for one, status, count in rows}
        series = {
            name: self._by_day(table.created_at, begin)
            for name, table in COUNTED_BY_DAY.items()
        }
        days = [(begin + timedelta(days=n)).date().isoformat() for n in range(DAYS)]
        return [
            {
                "date": one,
                "signIns": tries.get((one, "success"), 0),
                "refused": tries.get((one, "failure"), 0),
            }
            | {name: counts.get(one, 0) for name, counts in series.items()}
            for one in days
        ]

    def _by_day(self, moment: Any, begin: datetime) -> dict[str, int]:
        day = func.date(moment)
        return self._pairs(
            select(day, func.count()).where(moment >= begin).group_by(day)
        )

    def _letters(self, status: str) -> int:
        return self._one(
            select(func.count())
            .select_from(OutboxLetter)
            .where(OutboxLetter.status == status)
        )

    def _one(self, statement: Executable) -> int:
        row = self.reads.first(statement)
        return int(next(iter(row))) if row is not None else 0

    def _pairs(self, statement: Executable) -> dict[str, int]:
        return {str(a): int(b) for a, b in map(tuple, self.reads.all(statement))}
