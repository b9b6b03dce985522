"""Mail waits in the database: queued with the transaction, delivered after it.

A letter is claimed with a lease, sent, and marked.  A process that dies in between
leaves the lease to run out, and the letter goes again under the same Message-ID; a
mailbox of files keeps one copy of it, and mail readers fold it.  The text is sealed
while it waits, since it holds codes and links, and is dropped once it is sent.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from sqlalchemy import ColumnElement, insert, or_, select, update
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.clock import Clock
from authserver.crypto.sealed import Sealer
from authserver.models import OutboxLetter
from authserver.models.engines import Reads
from authserver.models.nothing import nothing_into

LEASE = timedelta(seconds=60)
ENOUGH = timedelta(seconds=30)
"""What a lease must have left for a letter to be begun under it."""
MAX_ATTEMPTS = 12
FIRST_PAUSE_SECONDS = 5
LONGEST_PAUSE_SECONDS = 3600
PURPOSE = b"outbox"


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        OutboxLetter.status == "waiting",
        OutboxLetter.not_before <= now,
        or_(OutboxLetter.claimed_until.is_(None), OutboxLetter.claimed_until < now),
    )


@dataclass(frozen=True)
class Outbox:
    """The queue of letters."""

    db: scoped_session[DbSession]
    reads: Reads
    clock: Clock
    sealer: Sealer

    def queue(
        self, message: EmailMessage, *, letter: str, user_id: uuid.UUID | None
    ) -> None:
        """Put a letter into the transaction of what it tells about."""
        self.db.execute(
            insert(OutboxLetter).values(self._row(message, letter, user_id))
        )

    def pretend(self, message: EmailMessage, *, letter: str) -> None:
        """Do for nobody what ``queue`` does for somebody (C12)."""
        self.db.execute(
            nothing_into(OutboxLetter, self._row(message, letter, uuid.uuid4()))
        )

    def _row(
        self, message: EmailMessage, letter: str, user_id: uuid.UUID | None
    ) -> dict[str, Any]:
        now = self.clock.now()
        return {
            "id": uuid.uuid4(),
            "letter": letter,
            "recipient": message["To"],
            "user_id": user_id,
            "message_sealed": self.sealer.seal(message.as_bytes(), PURPOSE),
            "not_before": now,
            "created_at": now,
        }

    def has_due(self) -> bool:
        """Whether there is anything to claim; takes no lock."""
        now = self.clock.now()
        due = select(OutboxLetter.id).where(*_due(now)).limit(1)
        return self.reads.first(due) is not None

    def claim(self, most: int = 20) -> list[OutboxLetter]:
        """Take due letters for one lease.  Commit before sending them."""
        now = self.clock.now()
        due = (
            select(OutboxLetter.id)
            .where(*_due(now))
            .order_by(OutboxLetter.not_before)
            .limit(most)
            .with_for_update(skip_locked=True)
            .cte("due")
        )
        claimed = self.db.scalars(
            update(OutboxLetter)
            .where(OutboxLetter.id.in_(select(due.c.id)))
            .values(claimed_until=now + LEASE, attempts=OutboxLetter.attempts + 1)
            .returning(OutboxLetter)
            .execution_options(synchronize_session=False, populate_existing=True)
        )
        return list(claimed)

    def may_begin(self, held_until: datetime) -> bool:
        """Whether a letter can be sent before its lease is somebody else's to take."""
        return held_until - self.clock.now() >= ENOUGH

    def give_back(self, rows: Sequence[OutboxLetter], held_until: datetime) -> None:
        """Let others send what was claimed and not begun, as if it never had been."""
        self.db.execute(
            update(OutboxLetter)
            .where(
                OutboxLetter.id.in_([row.id for row in rows]),
                OutboxLetter.claimed_until == held_until,
            )
            .values(claimed_until=None, attempts=OutboxLetter.attempts - 1)
            .execution_options(synchronize_session=False)
        )

    def send(
        self, row: OutboxLetter, deliver: Callable[[EmailMessage], None]
    ) -> str | None:
        """Send one claimed letter and mark the row; give the fault, if there was one.

        A fault of the network or of the other side is expected here, whatever its
        class; the letter is tried again with growing pauses, and at last given up.
        """
        try:
            deliver(self.message(row))
        except Exception as fault:  # noqa: BLE001 -- any fault means "later"
            self._postpone(row, f"{type(fault).__name__}: {fault}"[:500])
            return row.last_error
        row.status, row.sent_at = "sent", self.clock.now()
        row.message_sealed = row.claimed_until = row.last_error = None
        return None

    def message(self, row: OutboxLetter) -> EmailMessage:
        """Open the seal of a waiting letter."""
        raw = self.sealer.open(row.message_sealed or "", PURPOSE)
        return message_from_bytes(raw, policy=policy.default)

    def _postpone(self, row: OutboxLetter, fault: str) -> None:
        row.last_error, row.claimed_until = fault, None
        if row.attempts >= MAX_ATTEMPTS:
            row.status = "failed"
            return
        pause = min(
            FIRST_PAUSE_SECONDS * 2 ** (row.attempts - 1), LONGEST_PAUSE_SECONDS
        )
        row.not_before = self.clock.now() + timedelta(seconds=pause)
