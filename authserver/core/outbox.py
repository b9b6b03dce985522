"""Mail waits in the database: queued with the transaction, delivered after it.

A letter is claimed with a lease, sent, and marked.  A process that dies in between
leaves the lease to run out, and the letter goes again under the same Message-ID; a
mailbox of files keeps one copy of it, and mail readers fold it.  The text is sealed
while it waits, since it holds codes and links, and is dropped once it is sent.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from sqlalchemy import insert

from authserver.adapters.mailer import RecipientRefused
from authserver.core.queue import LEASE, MAX_ATTEMPTS, Queue, pause_after
from authserver.crypto.sealed import Sealer
from authserver.models import OutboxLetter
from authserver.models.nothing import nothing_into

__all__ = ["LEASE", "MAX_ATTEMPTS", "Outbox"]
PURPOSE = b"outbox"


@dataclass(frozen=True)
class Outbox(Queue):
    """The queue of letters."""

    table = OutboxLetter

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

    def send(
        self, row: OutboxLetter, deliver: Callable[[EmailMessage], None]
    ) -> str | None:
        """Send one claimed letter and mark the row; give the fault, if there was one.

        A fault of the network or of the other side is expected here, whatever its
        class; the letter is tried again with growing pauses, and at last given up.
        Where there is nobody at the address it is not (RFC 5321 §4.2.1): whoever writes
        to such addresses over and over is taken for a sender of spam.
        """
        try:
            deliver(self.message(row))
        except RecipientRefused as fault:
            row.status, row.claimed_until = "refused", None
            row.last_error = f"The address was refused for good: {fault}"[:500]
            return row.last_error
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
        row.not_before = self.clock.now() + pause_after(row.attempts)
