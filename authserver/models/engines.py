"""Connections to the database: one way to write, one way to read.

Writing goes through Flask-SQLAlchemy's session, one transaction a request.  Reading on
hot paths goes through ``Reads``: single statements on an AUTOCOMMIT engine, which
saves the round trips of BEGIN and ROLLBACK and halves the time of a lookup.
"""

import sqlite3
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import psycopg2
from psycopg2.errors import ForeignKeyViolation
from sqlalchemy import Connection, Engine, Executable, Row, create_engine, event
from sqlalchemy.exc import DBAPIError, DisconnectionError, IntegrityError
from sqlalchemy.orm import Session, scoped_session
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from authserver.models import prepared
from authserver.models.base import SCHEMA
from authserver.models.constants import Constant, connection_of
from authserver.sqlite import set_pragmas

LOCK_WAIT_SECONDS = 10
STATEMENT_SECONDS = 15
REST_SECONDS = 2
SEARCH_PATH = (SCHEMA, "extensions", "public")
"""Without the schema of citext on it, PostgreSQL would compare addresses as text."""


def engine_options(url: str, *, pool_size: int) -> dict[str, Any]:
    """Give the options of ``create_engine`` for a URL.

    Args:
        url: A SQLAlchemy URL.
        pool_size: Connections kept open; at least the threads of a worker.
    """
    if url.startswith("sqlite"):
        return {
            "hide_parameters": True,
            "execution_options": {"schema_translate_map": {SCHEMA: None}},
            "connect_args": {"timeout": LOCK_WAIT_SECONDS, "check_same_thread": False},
        }
    limits = (
        f"-c statement_timeout={STATEMENT_SECONDS}s -c lock_timeout={LOCK_WAIT_SECONDS}s"
        " -c idle_in_transaction_session_timeout=60s"
        f" -c search_path={','.join(SEARCH_PATH)} -c timezone=UTC"
    )
    return {
        "hide_parameters": True,
        "pool_size": pool_size,
        "max_overflow": pool_size,
        "pool_timeout": 5,
        "pool_recycle": 1800,
        "connect_args": {"connect_timeout": 3, "options": limits},
    }


def engine_for_one(url: str, *, patience: int | None = None) -> Engine:
    """Give an engine without a pool, for a command or a look at the start.

    Transactions on SQLite are begun by whoever needs one, and foreign keys are not
    enforced: a step may have to rebuild a table.

    Args:
        url: A SQLAlchemy URL.
        patience: Seconds to wait on SQLite, where all wait for one lock.
    """
    options = engine_options(url, pool_size=1)
    is_sqlite = url.startswith("sqlite")
    if is_sqlite and patience is not None:
        options["connect_args"]["timeout"] = patience
    shared = {"hide_parameters", "execution_options", "connect_args"}
    wanted = shared & options.keys()
    engine = create_engine(
        url, poolclass=NullPool, **{name: options[name] for name in wanted}
    )
    if is_sqlite:
        event.listen(engine, "connect", _plain)
    return engine


def _plain(connection: sqlite3.Connection, entry: ConnectionPoolEntry) -> None:
    del entry
    connection.isolation_level = None


def prepare(engine: Engine) -> None:
    """Make SQLite behave: WAL, foreign keys, and no upgrade from read to write lock.

    A transaction that begins as a reader and then writes fails with "database is
    locked" when another has written in between; ``BEGIN IMMEDIATE`` waits instead.
    """
    prepared.listen(engine)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "begin", _begin_immediate)
    else:
        event.listen(engine, "checkin", _on_checkin)
        event.listen(engine, "checkout", _on_checkout)


def _on_checkin(connection: Any, entry: ConnectionPoolEntry) -> None:
    del connection
    entry.info["rests_since"] = time.monotonic()


def _on_checkout(connection: Any, entry: ConnectionPoolEntry, proxy: Any) -> None:
    """Ask a connection that has rested whether it lives; a busy one has just shown it.

    ``pool_pre_ping`` would ask each time, a round trip in every transaction.
    """
    del proxy
    rested = time.monotonic() - entry.info.get("rests_since", time.monotonic())
    if rested < REST_SECONDS:
        return
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        connection.rollback()
    except psycopg2.Error as error:
        raise DisconnectionError(str(error)) from None


def _on_connect(connection: sqlite3.Connection, entry: ConnectionPoolEntry) -> None:
    del entry
    connection.isolation_level = None
    set_pragmas(connection, "synchronous=NORMAL", "foreign_keys=ON")


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def is_orphaned(error: IntegrityError) -> bool:
    """Whether a row was refused since what it belongs to is gone."""
    cause = error.orig
    if isinstance(cause, sqlite3.IntegrityError):
        return cause.sqlite_errorcode == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY
    return isinstance(cause, ForeignKeyViolation)


class Reads:
    """Single statements outside any transaction.  They see what has been committed.

    To take a connection out of the pool and give it back takes a tenth of a hot request,
    so a few are kept at hand, as many as requests run at a moment.
    """

    def __init__(self, url: str, *, pool_size: int) -> None:
        """Open an engine of our own beside the writing one."""
        options = engine_options(url, pool_size=pool_size)
        if "max_overflow" in options:
            options["max_overflow"] += pool_size  # for those that are kept at hand
        self.engine = create_engine(
            url,
            isolation_level="AUTOCOMMIT",
            skip_autocommit_rollback=True,
            **options,
        )
        self.most_at_hand = pool_size
        self.at_hand: list[Connection] = []
        prepared.listen(self.engine)
        event.listen(self.engine, "engine_disposed", self._let_go)
        if self.engine.dialect.name == "sqlite":
            event.listen(self.engine, "connect", _on_connect)

    def first(
        self, statement: Executable | Constant, params: dict[str, Any] | None = None
    ) -> Row[Any] | None:
        """Give the first row of a statement, or None."""
        rows = self.all(statement, params)
        return rows[0] if rows else None

    def all(
        self, statement: Executable | Constant, params: dict[str, Any] | None = None
    ) -> Sequence[Row[Any]]:
        """Give all rows.  A connection that died while idle is replaced once."""
        try:
            return self._all(statement, params)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            self._let_go()
            return self._all(statement, params)

    def run_alone(
        self,
        statement: Constant,
        params: dict[str, Any],
        db: scoped_session[Session],
    ) -> Sequence[Row[Any]]:
        """Run a statement that is a transaction by itself, in one round trip.

        What it writes is kept at once.  Where the request has begun a transaction, it
        joins that: all is kept or nothing, and SQLite has one writer.
        """
        if db.registry.has() and db().in_transaction():
            return statement.all(connection_of(db()), params)
        return self.all(statement, params)

    def _all(
        self, statement: Executable | Constant, params: dict[str, Any] | None
    ) -> Sequence[Row[Any]]:
        if isinstance(statement, Constant):
            return self._at_hand(statement, params or {})
        with self.engine.connect() as connection:
            return connection.execute(statement, params or {}).all()

    def _at_hand(
        self, statement: Constant, params: dict[str, Any]
    ) -> Sequence[Row[Any]]:
        """Run it on a connection that nobody else uses; one that failed is not kept."""
        try:
            held = self.at_hand.pop()
        except IndexError:
            held = self.engine.connect()
        try:
            rows = statement.all(held, params)
        except BaseException:
            held.close()
            raise
        if len(self.at_hand) < self.most_at_hand:
            self.at_hand.append(held)
        else:
            held.close()
        return rows

    def _let_go(self, engine: Engine | None = None) -> None:
        """Close those at hand: of a database that went away all are dead."""
        del engine
        while self.at_hand:
            with suppress(IndexError):  # another thread was faster
                held = self.at_hand.pop()
                held.invalidate()
                held.close()
