"""Seal the lines of the security log, one after the other, outside of any request.

A request writes its line and goes.  A moment later the lines that wait get a place and
a link (``crypto/chain``), in batches, by whichever process holds the chain's own row.
Places follow the order in which lines are met: a slow request's line may have a lower
id than one that is sealed already, and that is no fault.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Text,
    column,
    delete,
    literal,
    select,
    update,
    values,
)
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.clock import Clock
from authserver.crypto.chain import START, Chain, UnknownKey
from authserver.models import AuditChain, SecurityEvent
from authserver.models.engines import Reads
from authserver.models.inserts import insert_into

NAME = "security_events"
BATCH = 500

CONTENT = (
    *("id", "event", "user_id", "actor_id", "client_id", "ip_address", "user_agent"),
    *("trace_id", "reason", "facts", "created_at"),
)
"""The columns that a link answers for: all that a line says."""

ENDS = ("name", "first_position", "first_chain", "last_position", "last_chain")


class ChainBroken(Exception):
    """The row that holds the ends of the chain is not as it was written."""


def content_of(row: Any, position: int) -> dict[str, Any]:
    """Give what a link answers for."""
    return {"position": position, **{name: getattr(row, name) for name in CONTENT}}


def ends_of(row: Any) -> dict[str, Any]:
    """Give what the seal of the chain's own row answers for."""
    return {name: getattr(row, name) for name in ENDS}


@dataclass(frozen=True)
class AuditSeal:
    """Seals what waits, and lets go what is old."""

    db: scoped_session[DbSession]
    reads: Reads
    clock: Clock
    chain: Chain

    def has_waiting(self) -> bool:
        """Whether any line waits; takes no lock."""
        waiting = select(literal(1)).where(SecurityEvent.chain.is_(None)).limit(1)
        return self.reads.first(waiting) is not None

    def seal(self, most: int = BATCH) -> int:
        """Seal one batch; give how many lines.  Another process at it: none.

        Raises:
            ChainBroken: Somebody has changed the chain's own row: what they did must
                not be sealed over.
        """
        ends = self._ends()
        if ends is None:
            return 0
        waiting = self.db.execute(
            select(SecurityEvent.__table__)
            .where(SecurityEvent.chain.is_(None))
            .order_by(SecurityEvent.id)
            .limit(most)
        ).all()
        if not waiting:
            return 0
        self._link(ends, waiting)
        self._write(ends)
        return len(waiting)

    def _link(self, ends: AuditChain, waiting: Sequence[Any]) -> None:
        place, link, links = ends.last_position, ends.last_chain, []
        for row in waiting:
            place += 1
            link = self.chain.link(link, content_of(row, place))
            links.append((row.id, place, link))
        linked = (
            values(
                column("line", BigInteger),
                column("place", BigInteger),
                column("link", Text),
                name="linked",
            )
            .data(links)
            .cte("linked")
        )
        # One statement for all of them: a round trip each would take a second.
        self.db.execute(
            update(SecurityEvent)
            .where(SecurityEvent.id == linked.c.line)
            .values(position=linked.c.place, chain=linked.c.link)
            .execution_options(synchronize_session=False)
        )
        ends.last_position, ends.last_chain = place, link

    def let_go(self, before: datetime, most: int = BATCH) -> int:
        """Delete one batch of the oldest lines; give how many.

        The chain begins behind them from then on, and says so under its seal: what is
        missing otherwise was not taken by us.

        Raises:
            ChainBroken: As above.
        """
        ends = self._ends()
        if ends is None:
            return 0
        oldest = self.db.execute(
            select(
                SecurityEvent.position, SecurityEvent.chain, SecurityEvent.created_at
            )
            .where(
                SecurityEvent.position > ends.first_position,
                SecurityEvent.position <= ends.last_position,
            )
            .order_by(SecurityEvent.position)
            .limit(most)
        ).all()
        gone = 0
        for row in oldest:
            if row.created_at >= before:
                break
            ends.first_position, ends.first_chain = row.position, row.chain
            gone += 1
        if gone:
            self.db.execute(
                delete(SecurityEvent)
                .where(SecurityEvent.position <= ends.first_position)
                .execution_options(synchronize_session=False)
            )
            self._write(ends)
        return gone

    def has_old(self, before: datetime) -> bool:
        """Whether any line's time is over."""
        old = select(SecurityEvent.id).where(SecurityEvent.created_at < before)
        return self.db.scalar(old.limit(1)) is not None

    def _ends(self) -> AuditChain | None:
        """Take the chain's own row; None while another process holds it."""
        row = self._taken()
        if row is None and self.db.get(AuditChain, NAME) is None:
            if self._is_begun():
                raise ChainBroken("the ends of the chain are gone")
            self._begin()
            row = self._taken()
        if row is None:
            return None
        try:
            is_ours = self.chain.fits(row.seal, START, ends_of(row))
        except UnknownKey as key:
            raise ChainBroken(f"sealed with a key that is not here: {key}") from None
        if not is_ours:
            raise ChainBroken("the ends of the chain are not as they were written")
        return row

    def _taken(self) -> AuditChain | None:
        return self.db.scalar(
            select(AuditChain)
            .where(AuditChain.name == NAME)
            .with_for_update(skip_locked=True)
            .execution_options(populate_existing=True)
        )

    def _is_begun(self) -> bool:
        sealed = select(SecurityEvent.id).where(SecurityEvent.position.is_not(None))
        return self.db.scalar(sealed.limit(1)) is not None

    def _begin(self) -> None:
        """Make the row; of two processes one does."""
        ends: dict[str, Any] = {
            "name": NAME,
            "first_position": 0,
            "first_chain": START,
            "last_position": 0,
            "last_chain": START,
        }
        seal = self.chain.link(START, ends)
        made = insert_into(self.db, AuditChain).values(
            **ends, seal=seal, updated_at=self.clock.now()
        )
        self.db.execute(made.on_conflict_do_nothing())

    def _write(self, ends: AuditChain) -> None:
        ends.updated_at = self.clock.now()
        ends.seal = self.chain.link(START, ends_of(ends))
        self.db.flush()
