"""What wants somebody to look: letters that do not go, limits that do not count, keys."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from authserver.adapters.throttle import Throttle
from authserver.clock import Clock
from authserver.core.client_survey import ClientSurvey
from authserver.core.keys import Keys
from authserver.core.outbox_search import is_late
from authserver.core.overview import Overview
from authserver.errors import Unavailable
from authserver.models import StoredKey
from authserver.models.engines import Reads
from authserver.models.state import state_of

KEY_LIFE = timedelta(days=365)
"""How long one key should sign (NIST SP 800-57 part 1 §5.3.6: one to three years)."""

SOON = timedelta(days=30)
"""How long before that it is said."""


@dataclass(frozen=True)
class Concern:
    """One thing, by a word that the faces put into sentences.

    Attributes:
        what: ``database-behind``, ``keys-missing``, ``key-old``, ``key-due``,
            ``letters-failed``, ``letters-late``, ``limits-degraded``,
            ``clients-may-move`` or ``clients-weak``.
        count: How many, or how many days; None where there is nothing to count.
        is_bad: Whether something does not work, rather than will not for long.
        is_advice: Whether all works, and could be better.
    """

    what: str
    count: int | None = None
    is_bad: bool = True
    is_advice: bool = False


@dataclass(frozen=True)
class Attention:
    """Looks around; changes nothing."""

    reads: Reads
    clock: Clock
    throttle: Throttle
    keys: Keys
    overview: Overview
    survey: ClientSurvey

    def concerns(self) -> list[Concern]:
        """Give what wants somebody to look, the worst first."""
        found = [*self._of_the_database(), *self._of_keys(), *self._of_letters()]
        if self.throttle.degraded:
            found.append(Concern("limits-degraded"))
        found += self._of_clients()
        return sorted(found, key=lambda one: (not one.is_bad, one.is_advice))

    def _of_the_database(self) -> list[Concern]:
        try:
            with self.reads.engine.connect() as connection:
                is_current = state_of(connection).is_current
        except SQLAlchemyError:
            return [Concern("database-behind")]
        return [] if is_current else [Concern("database-behind")]

    def _of_keys(self) -> list[Concern]:
        try:
            self.keys.signer()
        except Unavailable:
            return [Concern("keys-missing")]
        row = self.reads.first(
            select(func.min(StoredKey.activated_at)).where(StoredKey.state == "active")
        )
        since = row[0] if row is not None else None
        age = self.clock.now() - since if since else timedelta()
        if age > KEY_LIFE:
            return [Concern("key-old", age.days, is_bad=False)]
        left = KEY_LIFE - age
        return [Concern("key-due", left.days, is_bad=False)] if left <= SOON else []

    def _of_clients(self) -> list[Concern]:
        found = self.survey.figures()
        counts = {"clients-may-move": found.may_move, "clients-weak": found.are_weak}
        return [
            Concern(what, count, is_bad=False, is_advice=True)
            for what, count in counts.items()
            if count
        ]

    def _of_letters(self) -> list[Concern]:
        failed = self.overview.figures()["lettersFailed"]
        row = self.reads.first(select(func.count()).where(is_late(self.clock.now())))
        late = int(row[0]) if row is not None else 0
        found = [("letters-failed", failed), ("letters-late", late)]
        return [Concern(what, count) for what, count in found if count]
