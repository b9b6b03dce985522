"""The outbox as operators see it: which letters wait, which were given up, and why.

Never a subject or a text: they hold codes and links.  The newest first, by an index, and
on after the last that was shown.
"""

import re
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from authserver.clock import Clock
from authserver.core.directory import Page, page_of
from authserver.errors import NotFound, PermissionMissing
from authserver.models import OutboxLetter
from authserver.models.engines import Reads

LATE = timedelta(minutes=10)
"""Letters go within seconds; one that is so late does not go at all."""

STATES = ("waiting", "late", "sending", "failed", "refused", "sent")
"""``late`` waits too; ``sending`` is in the hands of a process at this moment; ``failed``
was tried too often, ``refused`` is for an address that there is not."""

_ADDRESS = re.compile(r"[^\s@<>{}'\",;:]+@[\w.-]+")
_columns = (
    OutboxLetter.id,
    OutboxLetter.letter,
    OutboxLetter.recipient,
    OutboxLetter.user_id,
    OutboxLetter.status,
    OutboxLetter.attempts,
    OutboxLetter.created_at,
    OutboxLetter.not_before,
    OutboxLetter.claimed_until,
    OutboxLetter.sent_at,
    OutboxLetter.last_error,
)


@dataclass(frozen=True)
class LettersWanted:
    """What a list of letters is narrowed to.

    Attributes:
        state: One of ``STATES``.
        letter: Which kind, such as ``reset_password``.
        recipient: A whole address.
    """

    state: str | None = None
    letter: str | None = None
    recipient: str | None = None


@dataclass(frozen=True)
class QueuedLetter:
    """A letter in the outbox, without what it says.

    Attributes:
        state: One of ``STATES``.
        recipient: The address, or as much of it as the reader may see.
        attempts: How often it was tried.
        next_try_at: None once it is sent or given up.
        fault: What came of the last try, in the words of the mail server.
    """

    id: uuid.UUID
    letter: str
    recipient: str
    user_id: uuid.UUID | None
    state: str
    attempts: int
    created_at: datetime
    next_try_at: datetime | None
    sent_at: datetime | None
    fault: str | None


@dataclass(frozen=True)
class OutboxSearch:
    """Reads the outbox; opens no letter."""

    reads: Reads
    clock: Clock

    def find(
        self,
        wanted: LettersWanted,
        *,
        limit: int,
        after: list[Any] | None = None,
        is_whole: bool,
    ) -> Page:
        """List letters, the newest first.

        Args:
            wanted: What to narrow to.
            limit: How many at most.
            after: Sort keys of the last row that was shown.
            is_whole: Whether the reader may see people's addresses; else they are
                masked, and nothing is found by one.

        Raises:
            PermissionMissing: An address is asked for by whoever may not see any.
        """
        if wanted.recipient and not is_whole:
            raise PermissionMissing("letters by the address of somebody")
        now = self.clock.now()
        found = select(*_columns).where(*_narrow(wanted, now))
        if after is not None:
            moment, last = datetime.fromisoformat(after[0]), uuid.UUID(after[1])
            found = found.where(
                or_(
                    OutboxLetter.created_at < moment,
                    and_(OutboxLetter.created_at == moment, OutboxLetter.id < last),
                )
            )
        newest = found.order_by(OutboxLetter.created_at.desc(), OutboxLetter.id.desc())
        rows = self.reads.all(newest.limit(limit + 1))
        page = page_of(rows, limit, lambda row: [row.created_at.isoformat(), row.id])
        shown = [_seen(row, now, is_whole=is_whole) for row in page.rows]
        return Page(shown, page.after)

    def get(self, letter_id: uuid.UUID, *, is_whole: bool) -> QueuedLetter:
        """Give one letter.

        Raises:
            NotFound: There is none, or it was removed.
        """
        row = self.reads.first(select(*_columns).where(OutboxLetter.id == letter_id))
        if row is None:
            raise NotFound(f"no letter {letter_id} in the outbox")
        return _seen(row, self.clock.now(), is_whole=is_whole)


def in_nobodys_hands(now: datetime) -> ColumnElement[bool]:
    """Say of which letters no process is trying to send them at this moment."""
    held = OutboxLetter.claimed_until
    return or_(held.is_(None), held < now)


def is_late(now: datetime) -> ColumnElement[bool]:
    """Say which letters should have been tried, and are not."""
    return and_(OutboxLetter.status == "waiting", OutboxLetter.not_before < now - LATE)


def masked(address: str) -> str:
    """Show enough of an address to know it again: ``a•••@example.com``."""
    name, at, host = address.partition("@")
    return f"{name[:1]}•••{at}{host}" if at else ""


def _narrow(wanted: LettersWanted, now: datetime) -> list[ColumnElement[bool]]:
    rules: list[ColumnElement[bool]] = []
    if wanted.state == "late":
        rules.append(is_late(now))
    elif wanted.state == "sending":
        rules += [OutboxLetter.status == "waiting", OutboxLetter.claimed_until >= now]
    elif wanted.state:
        rules.append(OutboxLetter.status == wanted.state)
    if wanted.letter:
        rules.append(OutboxLetter.letter == wanted.letter)
    if wanted.recipient:
        rules.append(OutboxLetter.recipient == wanted.recipient.strip().lower())
    return rules


def _seen(row: Any, now: datetime, *, is_whole: bool) -> QueuedLetter:
    fault, recipient = row.last_error, row.recipient
    if not is_whole:
        recipient = masked(recipient)
        fault = fault and _ADDRESS.sub(lambda found: masked(found[0]), fault)
    return QueuedLetter(
        id=row.id,
        letter=row.letter,
        recipient=recipient,
        user_id=row.user_id if is_whole else None,
        state=_state(row, now),
        attempts=row.attempts,
        created_at=row.created_at,
        next_try_at=row.not_before if row.status == "waiting" else None,
        sent_at=row.sent_at,
        fault=fault,
    )


def _state(row: Any, now: datetime) -> str:
    if row.status != "waiting":
        return str(row.status)
    if row.claimed_until is not None and row.claimed_until >= now:
        return "sending"
    return "late" if row.not_before < now - LATE else "waiting"
