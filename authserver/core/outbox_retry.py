"""Send letters again that were given up, or give up on them; each in an operator's name.

Nothing is written anew: what was in the letter is in it still, and its codes and links
may have run out meanwhile.
"""

import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.clock import Clock
from authserver.core.audit import Audit, EventTag
from authserver.core.outbox_search import in_nobodys_hands
from authserver.errors import Conflict, NotFound
from authserver.models import OutboxLetter

OVER = ("failed", "refused")
"""The states in which nothing is tried any more."""


@dataclass(frozen=True)
class OutboxRetry:
    """Puts letters back into the queue, or takes them out."""

    db: scoped_session[DbSession]
    clock: Clock
    audit: Audit

    def again(
        self, letter_id: uuid.UUID, *, by: uuid.UUID, reason: str | None = None
    ) -> None:
        """Try a letter at once, and as often as a new one.

        One statement: a letter that is sent, or that a process holds, stays as it is,
        whoever asks at the same moment.  So nobody gets it twice.

        Raises:
            NotFound: There is none.
            Conflict: It was sent, or is being sent.
        """
        row = self.db.execute(
            update(OutboxLetter)
            .where(
                OutboxLetter.id == letter_id,
                OutboxLetter.status.in_(("waiting", *OVER)),
                in_nobodys_hands(self.clock.now()),
            )
            .values(self._anew())
            .returning(OutboxLetter.letter, OutboxLetter.user_id)
            .execution_options(synchronize_session=False)
        ).first()
        if row is None:
            raise self._why_not(
                letter_id, "This letter was sent, or is being sent at this moment."
            )
        self.audit.record(
            EventTag.LETTER_RETRIED,
            user_id=row.user_id,
            actor_id=by,
            reason=reason,
            letter=row.letter,
            outbox_id=str(letter_id),
        )

    def all_failed(self, *, by: uuid.UUID, reason: str | None = None) -> int:
        """Try every letter that was given up; give how many there are.

        Not those for addresses that there are not: each of them is asked for by itself.
        """
        count: int = self.db.execute(  # type: ignore[attr-defined]
            update(OutboxLetter)
            .where(OutboxLetter.status == "failed")
            .values(self._anew())
            .execution_options(synchronize_session=False)
        ).rowcount
        self.audit.record(
            EventTag.LETTERS_RETRIED, actor_id=by, reason=reason, count=count
        )
        return count

    def drop(
        self, letter_id: uuid.UUID, *, by: uuid.UUID, reason: str | None = None
    ) -> None:
        """Remove a letter that was given up; nobody will get it.

        Raises:
            NotFound: There is none.
            Conflict: It was not given up.
        """
        row = self.db.execute(
            delete(OutboxLetter)
            .where(OutboxLetter.id == letter_id, OutboxLetter.status.in_(OVER))
            .returning(OutboxLetter.letter, OutboxLetter.user_id)
            .execution_options(synchronize_session=False)
        ).first()
        if row is None:
            raise self._why_not(letter_id, "This letter was not given up.")
        self.audit.record(
            EventTag.LETTER_DROPPED,
            user_id=row.user_id,
            actor_id=by,
            reason=reason,
            letter=row.letter,
            outbox_id=str(letter_id),
        )

    def _anew(self) -> dict[str, Any]:
        return {
            "status": "waiting",
            "attempts": 0,
            "not_before": self.clock.now(),
            "claimed_until": None,
        }

    def _why_not(self, letter_id: uuid.UUID, public: str) -> Conflict | NotFound:
        there = select(exists().where(OutboxLetter.id == letter_id))
        if not self.db.scalar(there):
            return NotFound(f"no letter {letter_id} in the outbox")
        return Conflict(f"letter {letter_id} is in another state", public=public)
