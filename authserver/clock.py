"""The only place that asks for the time, so that tests can stop it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


class Clock:
    """The wall clock, in UTC."""

    def now(self) -> datetime:
        """Give the present moment, aware, in UTC."""
        return datetime.now(UTC)

    def timestamp(self) -> int:
        """Give the present moment as JWTs write it: whole seconds (RFC 7519 §2)."""
        return int(self.now().timestamp())


@dataclass
class FrozenClock(Clock):
    """A clock that a test moves by hand."""

    moment: datetime

    def now(self) -> datetime:
        """Give the moment the test chose."""
        return self.moment

    def advance(self, **amount: float) -> None:
        """Move on by a timedelta's keywords: ``advance(minutes=5)``."""
        self.moment += timedelta(**amount)


def is_fresh(at: datetime | None, now: datetime, age: timedelta) -> bool:
    """Whether something read at a moment may still be used.

    What seems to come from the future is not: the clock was set back, and would
    otherwise keep it for as long as that.
    """
    return at is not None and timedelta(0) <= now - at < age
