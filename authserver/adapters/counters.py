"""Where tries are counted when there is no Redis: a table, or this process.

Both are storages of the ``limits`` package, and can be named to it (and to
Flask-Limiter) as ``table://`` and ``local://``.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from limits.storage import Storage
from sqlalchemy import (
    Connection,
    Engine,
    Table,
    bindparam,
    case,
    create_engine,
    delete,
    event,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.schema import CreateTable

from authserver.clock import Clock
from authserver.sqlite import set_pragmas

MOST_KEYS = 100_000
"""What one process remembers: whoever makes up names must not fill its memory."""

SWEEP_EVERY = 1_000
"""After so many tries what has expired is deleted."""


class LocalStorage(Storage):
    """Counters of this process alone, under one lock.

    The storage in memory of ``limits`` itself loses tries when threads race: it may
    drop a counter between its first try and the moment its end is written down.
    """

    STORAGE_SCHEME = ["local"]  # noqa: RUF012 -- so limits declares it

    def __init__(
        self,
        uri: str | None = None,
        wrap_exceptions: bool = False,  # noqa: FBT001, FBT002 -- limits calls it so
        *,
        clock: Clock | None = None,
    ) -> None:
        """Start empty."""
        super().__init__(uri, wrap_exceptions)
        self.clock = clock or Clock()
        self.lock = threading.Lock()
        self.counters: dict[str, tuple[int, float]] = {}

    @property
    def base_exceptions(self) -> type[Exception]:
        """Nothing fails here that could be expected to."""
        return MemoryError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count; the first try opens the window."""
        now = self.clock.now().timestamp()
        with self.lock:
            count, ends = self.counters.get(key, (0, 0.0))
            if ends <= now:
                count, ends = 0, now + expiry
                self._make_room(now)
            self.counters[key] = count + amount, ends
            return count + amount

    def get(self, key: str) -> int:
        """Give how many tries the open window has seen."""
        with self.lock:
            count, ends = self.counters.get(key, (0, 0.0))
        return count if ends > self.clock.now().timestamp() else 0

    def get_expiry(self, key: str) -> float:
        """Give when the window ends; now, when none is open."""
        now = self.clock.now().timestamp()
        with self.lock:
            return max(now, self.counters.get(key, (0, now))[1])

    def check(self) -> bool:
        """Memory is always there."""
        return True

    def reset(self) -> int:
        """Forget everything."""
        with self.lock:
            forgotten = len(self.counters)
            self.counters.clear()
        return forgotten

    def clear(self, key: str) -> None:
        """Forget one counter."""
        with self.lock:
            self.counters.pop(key, None)

    def _make_room(self, now: float) -> None:
        if len(self.counters) < MOST_KEYS:
            return
        alive = {k: c for k, c in self.counters.items() if c[1] > now}
        if len(alive) >= MOST_KEYS:  # those that end first go first
            kept = sorted(alive, key=lambda key: -alive[key][1])[: MOST_KEYS // 2]
            alive = {key: alive[key] for key in kept}
        self.counters = alive


class TableStorage(Storage):
    """Counters in a table with the columns ``key``, ``count`` and ``expires_at``.

    A try is one statement, so of many at one moment each sees its own number.
    """

    STORAGE_SCHEME = ["table"]  # noqa: RUF012 -- so limits declares it

    def __init__(
        self,
        uri: str | None = None,
        wrap_exceptions: bool = True,  # noqa: FBT001, FBT002 -- limits calls it so
        *,
        engine: Engine,
        table: Table,
        clock: Clock | None = None,
    ) -> None:
        """Count in this table, or on SQLite in its like in a file beside it."""
        if is_in_memory(engine):
            message = "a database without a file is seen by one connection alone"
            raise ValueError(message)
        super().__init__(uri, wrap_exceptions)
        self.table = table
        self.clock = clock or Clock()
        self.is_own_file = engine.dialect.name == "sqlite"
        self.engine = beside(engine, table) if self.is_own_file else engine
        self.is_ready = not self.is_own_file
        self.tries = 0
        self.upsert = self._upsert()

    @property
    def base_exceptions(self) -> type[Exception]:
        """What a database can do to us."""
        return SQLAlchemyError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count; the first try opens the window."""
        now = self.clock.now()
        ends = now + timedelta(seconds=expiry)
        row = {"key": key, "count": amount, "expires_at": ends, "at": now}
        with self._connection() as connection:
            count = connection.execute(self.upsert, row).scalar_one()
        self.tries += 1
        if self.tries % SWEEP_EVERY == 0:
            self.sweep()
        return int(count)

    def get(self, key: str) -> int:
        """Give how many tries the open window has seen."""
        row = self._row(key)
        return row[0] if row else 0

    def get_expiry(self, key: str) -> float:
        """Give when the window ends; now, when none is open."""
        row = self._row(key)
        return row[1].timestamp() if row else self.clock.now().timestamp()

    def check(self) -> bool:
        """Say whether the table can be read."""
        try:
            self._row("")
        except SQLAlchemyError:
            return False
        return True

    def reset(self) -> int:
        """Forget everything."""
        with self._connection() as connection:
            return int(connection.execute(delete(self.table)).rowcount)

    def clear(self, key: str) -> None:
        """Forget one counter."""
        with self._connection() as connection:
            connection.execute(delete(self.table).where(self.table.c.key == key))

    def sweep(self) -> int:
        """Delete what has expired; give how many there were."""
        old = self.table.c.expires_at <= self.clock.now()
        with self._connection() as connection:
            return int(connection.execute(delete(self.table).where(old)).rowcount)

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        """Open a transaction; the file of our own gets its table when first used."""
        with self.engine.begin() as connection:
            if not self.is_ready:
                connection.execute(CreateTable(self.table, if_not_exists=True))
                self.is_ready = True
            yield connection

    def _row(self, key: str) -> tuple[int, datetime] | None:
        counters = self.table.c
        asked = select(counters.count, counters.expires_at).where(
            counters.key == key, counters.expires_at > self.clock.now()
        )
        with self._connection() as connection:
            row = connection.execute(asked).one_or_none()
        return (row[0], row[1].astimezone(UTC)) if row else None

    def _upsert(self) -> Any:
        insert = sqlite.insert if self.is_own_file else postgresql.insert
        counters = self.table.c
        names = ("key", "count", "expires_at")
        statement = insert(self.table).values({n: bindparam(n) for n in names})
        over = counters.expires_at <= bindparam("at", type_=counters.expires_at.type)
        fresh = statement.excluded
        return statement.on_conflict_do_update(
            index_elements=[counters.key],
            set_={
                "count": case((over, fresh.count), else_=counters.count + fresh.count),
                "expires_at": case((over, fresh.expires_at), else_=counters.expires_at),
            },
        ).returning(counters.count)


def is_in_memory(engine: Engine) -> bool:
    """Say whether this is a SQLite database without a file."""
    return engine.dialect.name == "sqlite" and (
        engine.url.database in {None, "", ":memory:"} or "mode" in engine.url.query
    )


def beside(engine: Engine, table: Table) -> Engine:
    """Give an engine on a file of its own beside a SQLite database.

    SQLite has one writer at a time, and the request that wants to count may already
    be that writer: on the same file it would wait for itself.  Nothing in the file
    must survive a power cut, so nothing waits for the disk either.
    """
    own = create_engine(
        engine.url.set(database=f"{engine.url.database}-limits"),
        isolation_level="AUTOCOMMIT",
        connect_args={"timeout": 5, "check_same_thread": False},
        execution_options={"schema_translate_map": {table.schema: None}},
    )
    event.listen(own, "connect", _hurry)
    return own


def _hurry(connection: Any, entry: Any) -> None:
    del entry
    set_pragmas(connection, "synchronous=OFF")
