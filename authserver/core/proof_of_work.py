"""Proof of work: who signs up by the thousand pays for each (pages and /v1 alike).

Nobody else is asked about anybody: the browser solves a puzzle of ours.  With
``PROOF_OF_WORK=auto`` only where it is due: a network, or all of them together, has begun
more accounts than people do.  It is checked before a password is hashed, and spent by one
insert of a unique value.

On pages it is asked, too, of a network that has had its share of sign-ins that failed, or
of letters: who guesses or writes by the thousand pays likewise.
"""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.clock import Clock
from authserver.config import Settings
from authserver.core.limiter import Limiter
from authserver.crypto import opaque, work
from authserver.errors import ProofOfWorkNeeded, TooManyTries
from authserver.models.inserts import insert_into
from authserver.models.token import SpentProof

LIFE = timedelta(hours=2)
"""A page may stand open for a while before it is sent."""
OF_NETWORK, OF_ALL, ALL = "work:network", "work:all", "all"
FAILURES, LETTERS = "work:failures", "work:letters"
"""What a network has a share of: failed sign-ins, and letters that it asks for."""
MOST_KNOWN = 10_000
"""Networks that a process keeps in mind; what counts is the counters."""


@dataclass(frozen=True)
class Shown:
    """What a caller has shown: an answer, and the network that it came from."""

    answer: str = ""
    network: str = "unknown"


@dataclass(frozen=True)
class ProofOfWork:
    """Says when work is due, and judges it."""

    db: scoped_session[DbSession]
    clock: Clock
    settings: Settings
    limiter: Limiter
    key: bytes
    full: dict[tuple[str, str], datetime] = field(
        init=False, compare=False, default_factory=dict
    )
    """Who has had a share, as far as this process knows, and until when."""

    def puzzle_for(self, network: str) -> str | None:
        """Give a puzzle where work would be due; None where it would not."""
        return self._puzzle() if self._is_due(network) else None

    def require(self, shown: Shown) -> None:
        """Let somebody go on who need not work, or has.

        Raises:
            ProofOfWorkNeeded: Work is due, and the answer is none, or was used before.
        """
        if not self._is_free(shown.network):
            self._judge(shown)

    def puzzle_after(self, share: str, network: str) -> str | None:
        """Give a puzzle to a network that is known to have had its share; else None.

        Asks nothing: a page that only waits to be filled in costs no more for it.

        Args:
            share: ``FAILURES`` or ``LETTERS``.
            network: Whose.
        """
        return self._puzzle() if self.free_in(share, network) else None

    def free_in(self, share: str, network: str) -> int:
        """Give the seconds until nobody there need work: the way for who cannot."""
        ends_at = self.full.get((share, network))
        left = (ends_at - self.clock.now()).total_seconds() if ends_at else 0
        return max(0, ceil(left))

    def require_after(self, share: str, shown: Shown) -> None:
        """Let somebody go on whose network has not had its share, or who has worked.

        Raises:
            ProofOfWorkNeeded: Work is due, and the answer is none, or was used before.
        """
        if self._has_had(share, shown.network):
            self._judge(shown)

    def count(self, share: str, network: str) -> None:
        """Count one of these, and know when it was the last that is free."""
        if self.settings.proof_of_work != "off":
            with suppress(TooManyTries):
                self.limiter.hit(share, network)
            self._has_had(share, network)

    def _has_had(self, share: str, network: str) -> bool:
        if self.settings.proof_of_work == "off":
            return False
        wait = self.limiter.resets_in(share, network)
        if wait:
            if len(self.full) >= MOST_KNOWN:
                self.full.clear()
            self.full[share, network] = self.clock.now() + timedelta(seconds=wait)
        return wait > 0

    def _judge(self, shown: Shown) -> None:
        if not work.is_answered(shown.answer, now=self.clock.now(), key=self.key):
            raise ProofOfWorkNeeded("no work, or not done", puzzle=self._puzzle())
        self._spend(work.puzzle_of(shown.answer))

    def _spend(self, puzzle: str) -> None:
        """Of many with one answer one wins; the others wait for what becomes of it."""
        taken = self.db.scalar(
            insert_into(self.db, SpentProof)
            .values(
                fingerprint=opaque.fingerprint(f"work|{puzzle}"),
                expires_at=self.clock.now() + LIFE,
            )
            .on_conflict_do_nothing()
            .returning(SpentProof.fingerprint)
        )
        if taken is None:
            raise ProofOfWorkNeeded("the work was used before", puzzle=self._puzzle())

    def _puzzle(self) -> str:
        ends_at = self.clock.now() + LIFE
        return work.make(
            self.settings.proof_of_work_bits, ends_at=ends_at, key=self.key
        )

    def _is_due(self, network: str) -> bool:
        if self.settings.proof_of_work != "auto":
            return self.settings.proof_of_work == "always"
        tested = (
            self.limiter.test(OF_NETWORK, network),
            self.limiter.test(OF_ALL, ALL),
        )
        return not all(tested)

    def _is_free(self, network: str) -> bool:
        """Count a try against what is free."""
        if self.settings.proof_of_work != "auto":
            return self.settings.proof_of_work == "off"
        try:
            self.limiter.hit(OF_NETWORK, network)
            self.limiter.hit(OF_ALL, ALL)
        except TooManyTries:
            return False
        return True
