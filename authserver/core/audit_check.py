"""Check the chain of the security log: what was changed, taken, put in, moved?

It reads in pages, so a log of any length needs the memory of one page, and while the
server runs: lines that are sealed meanwhile are left for the next time.  What it cannot
see is a log that was put back whole to an older state; for that, note the last place
and link that it prints somewhere else, and give them along the next time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from authserver.core.audit_seal import NAME, content_of, ends_of
from authserver.crypto.chain import START, Chain, UnknownKey
from authserver.models import AuditChain, SecurityEvent
from authserver.models.engines import Reads

PAGE = 1000
SLACK = timedelta(hours=1)
"""How far clocks and long requests may put lines out of order."""


@dataclass(frozen=True)
class Fault:
    """The first thing that is wrong; ``position`` and ``id`` say where."""

    what: str
    position: int | None = None
    id: int | None = None


@dataclass(frozen=True)
class Verdict:
    """What was found."""

    fault: Fault | None
    checked: int
    waiting: int
    """Lines that are written and not sealed yet."""
    first_position: int
    last_position: int
    last_chain: str


@dataclass
class Walk:
    """How far a check has come."""

    position: int
    link: str
    newest: datetime | None = None
    checked: int = 0


@dataclass(frozen=True)
class AuditCheck:
    """Reads the log from its first line to its last."""

    reads: Reads
    chain: Chain

    def verify(self, *, known: tuple[int, str] | None = None) -> Verdict:
        """Check the whole chain.

        Args:
            known: A place and its link, from an earlier verdict.
        """
        ends = self._ends()
        if ends is None:
            return self._without_ends()
        walk = Walk(ends.first_position, ends.first_chain)
        fault = self._fault_of_ends(ends) or self._fault_of_lines(ends, walk, known)
        if fault is not None and self._has_let_go_since(ends):
            return self.verify(known=known)
        return Verdict(
            fault=fault or self._fault_outside(walk),
            checked=walk.checked,
            waiting=self._count(SecurityEvent.chain.is_(None)),
            first_position=ends.first_position + 1,
            last_position=ends.last_position,
            last_chain=ends.last_chain,
        )

    def _without_ends(self) -> Verdict:
        """Nothing was sealed yet; or somebody has taken the chain's own row."""
        sealed = self._count(SecurityEvent.position.is_not(None))
        fault = Fault("the row with the ends of the chain is gone") if sealed else None
        waiting = self._count(SecurityEvent.chain.is_(None))
        return Verdict(fault, 0, waiting, 1, 0, START)

    def _fault_of_ends(self, ends: Any) -> Fault | None:
        why = self._why_not(ends.seal, START, ends_of(ends))
        return Fault(f"the row with the ends of the chain {why}") if why else None

    def _fault_of_lines(
        self, ends: Any, walk: Walk, known: tuple[int, str] | None
    ) -> Fault | None:
        for row in self._lines(ends):
            if row.position != walk.position + 1:
                return _missing(walk.position + 1, row.position - 1)
            line = content_of(row, row.position)
            if why := self._why_not(row.chain, walk.link, line):
                return Fault(why, *_at(row))
            if known and known[0] == row.position and known[1] != row.chain:
                return Fault("is not the line that was known", *_at(row))
            if walk.newest and row.created_at < walk.newest - SLACK:
                return Fault(
                    "is dated before lines that were sealed earlier", *_at(row)
                )
            walk.newest = max(walk.newest or row.created_at, row.created_at)
            walk.position, walk.link = row.position, row.chain
            walk.checked += 1
        if walk.position != ends.last_position:
            return _missing(walk.position + 1, ends.last_position)
        if known and known[0] > ends.last_position:
            return Fault("was known, and is gone", known[0])
        return None

    def _fault_outside(self, walk: Walk) -> Fault | None:
        """Look at lines that stand in no place of the chain."""
        behind = self._first(
            SecurityEvent.position
            > select(AuditChain.last_position)
            .where(AuditChain.name == NAME)
            .scalar_subquery()
        )
        if behind is not None:
            return Fault("stands behind the end of the chain", *_at(behind))
        before = self._first(
            SecurityEvent.position
            <= select(AuditChain.first_position)
            .where(AuditChain.name == NAME)
            .scalar_subquery()
        )
        if before is not None:
            return Fault("stands before the beginning of the chain", *_at(before))
        nowhere = self._first(
            SecurityEvent.position.is_(None), SecurityEvent.chain.is_not(None)
        )
        if nowhere is not None:
            return Fault("has a link and no place", *_at(nowhere))
        if walk.newest is None:
            return None
        late = self._first(
            SecurityEvent.chain.is_(None),
            SecurityEvent.created_at < walk.newest - SLACK,
        )
        if late is not None:
            return Fault("waits, and is dated before lines that are sealed", *_at(late))
        return None

    def _lines(self, ends: Any) -> Iterator[Any]:
        """Give the lines of the chain in their order, a page at a time."""
        after = ends.first_position
        while page := self._page(after, ends.last_position):
            yield from page
            after = page[-1].position

    def _page(self, after: int, last: int) -> Sequence[Any]:
        return self.reads.all(
            select(SecurityEvent.__table__)
            .where(SecurityEvent.position > after, SecurityEvent.position <= last)
            .order_by(SecurityEvent.position)
            .limit(PAGE)
        )

    def _why_not(
        self, link: str | None, before: str, line: dict[str, Any]
    ) -> str | None:
        try:
            fits = self.chain.fits(link, before, line)
        except UnknownKey:
            return "was sealed with a key that is not here"
        return None if fits else "was changed, moved, or put in"

    def _has_let_go_since(self, ends: Any) -> bool:
        """Whether the oldest lines were deleted by us in the midst of the check."""
        now = self._ends()
        return now is not None and now.first_position != ends.first_position

    def _ends(self) -> Any:
        return self.reads.first(
            select(AuditChain.__table__).where(AuditChain.name == NAME)
        )

    def _first(self, *conditions: Any) -> Any:
        return self.reads.first(
            select(SecurityEvent.id, SecurityEvent.position)
            .where(*conditions)
            .order_by(SecurityEvent.id)
            .limit(1)
        )

    def _count(self, condition: Any) -> int:
        counted = select(func.count()).select_from(SecurityEvent).where(condition)
        row = self.reads.first(counted)
        return int(row[0]) if row else 0


def _at(row: Any) -> tuple[int | None, int]:
    return row.position, row.id


def _missing(first: int, last: int) -> Fault:
    if first == last:
        return Fault("is missing", first)
    return Fault(f"is missing, and all up to {last}", first)
