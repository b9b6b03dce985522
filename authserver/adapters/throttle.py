"""Named limits over the ``limits`` package: how often something may be tried.

A limit is written as its windows: ``5/minute;10/15minutes``.  All must have room; the
shortest is asked first, and a try that one refuses is not counted by the longer ones.
Counters live in Redis, else in a table, else in this process.  When the store cannot
be reached limits go on in this process and ``degraded`` is true: neither does
everybody get in, nor does nobody.
"""

import logging
from collections.abc import Callable, Mapping
from math import ceil
from typing import TypeVar, cast

from limits import RateLimitItem, parse_many
from limits.errors import ConfigurationError, StorageError
from limits.storage import Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter
from limits.util import WindowStats
from sqlalchemy import Engine, Table

from authserver.adapters.counters import LocalStorage, TableStorage, is_in_memory
from authserver.clock import Clock
from authserver.crypto import opaque
from authserver.errors import ConfigError, TooManyTries

log = logging.getLogger("authserver.limits")

REDIS_SECONDS = 0.5
PAUSE_SECONDS = 5
"""How long a store that failed is left alone: each request would wait for it."""

T = TypeVar("T")
Who = tuple[str, str]


class Throttle:
    """Counts tries by the name of a limit and a key, such as an account."""

    def __init__(
        self,
        limits: Mapping[str, str],
        *,
        redis_url: str | None = None,
        engine: Engine | None = None,
        table: Table | None = None,
        clock: Clock | None = None,
    ) -> None:
        """Read the limits.  With none at all nothing is limited.

        Raises:
            ConfigError: A limit cannot be read, or Redis is asked for and its
                package is missing.
        """
        self.clock = clock or Clock()
        self.limits = {name: _windows(name, text) for name, text in limits.items()}
        self.local = FixedWindowRateLimiter(LocalStorage(clock=self.clock))
        shared = _shared_storage(redis_url, engine, table, clock=self.clock)
        self.shared = FixedWindowRateLimiter(shared) if shared else None
        self.resting_until = 0.0

    @property
    def degraded(self) -> bool:
        """Whether the shared store failed when it was last asked."""
        return self.resting_until > 0

    def hit(self, name: str, key: str) -> None:
        """Count one try.

        Raises:
            TooManyTries: A window is full; the error says when it opens again.
        """
        who = _who(name, key)
        for window in self._windows(name):
            if not self._takes(window, who):
                wait = self.resets_in(name, key)
                raise TooManyTries(f"{name}: more than {window}", retry_after=wait)

    def test(self, name: str, key: str) -> bool:
        """Say whether another try would pass, without counting one."""
        who = _who(name, key)
        return all(self._has_room(window, who) for window in self._windows(name))

    def remaining(self, name: str, key: str) -> int | None:
        """Give how many tries are left; None where nothing is limited."""
        who, windows = _who(name, key), self._windows(name)
        return min((self._stats(w, who).remaining for w in windows), default=None)

    def resets_in(self, name: str, key: str) -> int:
        """Give the seconds until a try passes; 0 when one would pass now."""
        who = _who(name, key)
        full = (w for w in self._windows(name) if not self._has_room(w, who))
        return max((self._wait(window, who) for window in full), default=0)

    def clear(self, name: str, key: str) -> None:
        """Forget the tries of a key: it has proved itself."""
        who = _who(name, key)
        for window in self._windows(name):
            self.local.clear(window, *who)
            self._forget(window, who)

    def _windows(self, name: str) -> list[RateLimitItem]:
        if not self.limits:
            return []
        return self.limits[name]

    def _takes(self, window: RateLimitItem, who: Who) -> bool:
        return self._ask(lambda counters: counters.hit(window, *who))

    def _has_room(self, window: RateLimitItem, who: Who) -> bool:
        return self._ask(lambda counters: counters.test(window, *who))

    def _stats(self, window: RateLimitItem, who: Who) -> WindowStats:
        return self._ask(lambda counters: counters.get_window_stats(window, *who))

    def _forget(self, window: RateLimitItem, who: Who) -> None:
        self._ask(lambda counters: counters.clear(window, *who))

    def _wait(self, window: RateLimitItem, who: Who) -> int:
        ends = self._stats(window, who).reset_time
        return max(1, ceil(ends - self.clock.now().timestamp()))

    def _ask(self, question: Callable[[FixedWindowRateLimiter], T]) -> T:
        """Ask the shared store, or this process while that one cannot be reached."""
        now = self.clock.now().timestamp()
        if self.shared is None or now < self.resting_until:
            return question(self.local)
        try:
            answer = question(self.shared)
        except StorageError as fault:
            if not self.degraded:
                log.warning("limits hold in each process alone: %s", fault)
            self.resting_until = now + PAUSE_SECONDS
            return question(self.local)
        self.resting_until = 0.0
        return answer


def _windows(name: str, text: str) -> list[RateLimitItem]:
    try:
        windows = parse_many(text)
    except ValueError:
        message = f"{name}: a limit is written 5/minute;10/15minutes."
        raise ConfigError(message) from None
    return sorted(windows, key=lambda window: window.get_expiry())


def _who(name: str, key: str) -> Who:
    """Name the counter.  The key may be an address: its hash is enough, and short."""
    return name, opaque.fingerprint(key)[:40]


def _shared_storage(
    redis_url: str | None, engine: Engine | None, table: Table | None, *, clock: Clock
) -> Storage | None:
    if redis_url:
        try:
            redis = storage_from_string(
                redis_url,
                wrap_exceptions=True,
                socket_timeout=REDIS_SECONDS,
                socket_connect_timeout=REDIS_SECONDS,
            )
        except ConfigurationError as fault:
            message = (
                "REDIS_URL: install the extra `redis`, and use redis:// or rediss://."
            )
            raise ConfigError(message) from fault
        return cast("Storage", redis)
    if engine is not None and table is not None and not is_in_memory(engine):
        return TableStorage(engine=engine, table=table, clock=clock)
    return None
