"""The state of the database, and the one way to change its tables.

Alembic runs the steps of ``migrations_disabled/versions``, without an ``alembic.ini``
and only when somebody asks.  All steps of an upgrade are one transaction under one
lock: whoever comes second waits and finds nothing left to do.  Looking at the state
loads no Alembic, so that a server starts quickly.
"""

import io
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, make_url, text
from sqlalchemy import inspect as look_at
from sqlalchemy.exc import SQLAlchemyError

from authserver.config import Settings
from authserver.errors import ConfigError
from authserver.models.base import SCHEMA, Base
from authserver.models.engines import LOCK_WAIT_SECONDS, engine_for_one

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import URL

PACKAGE = Path(__file__).parents[1]
VERSION_TABLE = "authserver_version"
LOCK_NUMBER = 0x61757468  # any number, the same for all nodes: "auth"
UPGRADE_WAIT_SECONDS = 300

_alone = threading.Lock()
"""Alembic keeps the migration that runs in module variables."""


class Kind(StrEnum):
    """What was found where DATABASE_URL points."""

    CURRENT = "current"
    BEHIND = "behind"
    EMPTY = "empty"
    FOREIGN = "foreign"
    AHEAD = "ahead"
    UNREACHABLE = "unreachable"


SAID = {
    Kind.CURRENT: "The database is current.",
    Kind.BEHIND: "The database is behind this release: run `authserver db upgrade`.",
    Kind.EMPTY: "The database is empty: run `authserver db upgrade`.",
    Kind.FOREIGN: "The database holds tables that this server did not make: "
    "run `authserver db adopt`, or let DATABASE_URL name an empty database.",
    Kind.AHEAD: "The database was upgraded by a newer release: run that release.",
    Kind.UNREACHABLE: "The database cannot be used ({reason}): check DATABASE_URL, "
    "then run `authserver db status`.",
}


@dataclass(frozen=True)
class State:
    """Where the database is.

    ``revision`` is the step it has reached, ``waiting`` those to come, ``reason`` what
    the driver said when it could not be asked.
    """

    kind: Kind
    revision: str | None = None
    waiting: tuple[str, ...] = ()
    reason: str = ""

    def __str__(self) -> str:
        """Say it in one line, with the cure."""
        return SAID[self.kind].format(reason=self.reason)

    @property
    def is_current(self) -> bool:
        """Whether the server may start."""
        return self.kind is Kind.CURRENT


def folder() -> Path:
    """Find the steps: inside an installed wheel, or beside the package."""
    inside = PACKAGE / "_migrations"
    return inside if inside.is_dir() else PACKAGE.parent / "migrations_disabled"


def revisions() -> tuple[str, ...]:
    """Give the numbers of all steps in order; a file is named ``0001_what.py``."""
    steps = (folder() / "versions").glob("[0-9]*_*.py")
    return tuple(sorted(path.name.partition("_")[0] for path in steps))


def state(settings: Settings) -> State:
    """Look where the database is; nothing is changed and nothing is made."""
    path = sqlite_path(settings)
    if path is not None and not path.exists():
        return State(Kind.EMPTY, waiting=revisions())
    try:
        with connection_to(settings) as connection:
            return state_of(connection)
    except SQLAlchemyError as fault:
        return State(Kind.UNREACHABLE, reason=reason_of(fault))


def state_of(connection: Connection) -> State:
    """Look where the database of an open connection is."""
    schema = SCHEMA if connection.dialect.name == "postgresql" else None
    tables = set(look_at(connection).get_table_names(schema=schema))
    steps, at = revisions(), None
    if VERSION_TABLE in tables:
        name = f"{schema}.{VERSION_TABLE}" if schema else VERSION_TABLE
        at = connection.scalar(text(f"SELECT version_num FROM {name}"))  # noqa: S608 -- two constants
        tables.discard(VERSION_TABLE)
    if at is None:
        kind = Kind.FOREIGN if tables else Kind.EMPTY
        return State(kind, waiting=steps)
    if at not in steps:
        return State(Kind.AHEAD, at)
    waiting = steps[steps.index(at) + 1 :]
    return State(Kind.BEHIND if waiting else Kind.CURRENT, at, waiting)


def require_current(settings: Settings) -> None:
    """Let a server start only on tables it knows.

    Raises:
        ConfigError: It may not; the message is one line with the cure.
    """
    found = state(settings)
    if not found.is_current:
        raise ConfigError(str(found))


def upgrade(settings: Settings) -> list[str]:
    """Run the steps that wait; give their numbers.

    Raises:
        ConfigError: The tables belong to somebody else, or cannot be changed.
    """
    try:
        with _alone, locked(settings) as connection:
            found = state_of(connection)
            if found.kind in (Kind.FOREIGN, Kind.AHEAD):
                raise ConfigError(str(found))
            if found.waiting:
                run_steps(connection)
            return list(found.waiting)
    except SQLAlchemyError as fault:
        unusable = State(Kind.UNREACHABLE, reason=reason_of(fault))
        raise ConfigError(str(unusable)) from fault


def run_steps(connection: Connection) -> None:
    """Run all steps that wait on a connection that holds the lock."""
    from alembic import command

    command.upgrade(alembic_config(connection), "head")


def mark(connection: Connection) -> None:
    """Write down that the tables are at the last step, without running any."""
    from alembic import command

    command.stamp(alembic_config(connection), "head")


def script(settings: Settings, start: str | None) -> str:
    """Write the steps after ``start`` as SQL; all of them when it is None."""
    from alembic import command

    out = io.StringIO()
    config = alembic_config(out=out, dialect=make_url(settings.database_url))
    with _alone:
        command.upgrade(config, f"{start or 'base'}:head", sql=True)
    return out.getvalue()


def alembic_config(
    connection: Connection | None = None,
    *,
    out: io.StringIO | None = None,
    dialect: "URL | None" = None,
) -> "Config":
    """Tell Alembic what an ``alembic.ini`` would; see ``env.py`` beside the steps."""
    from alembic.config import Config

    is_postgres = (dialect or connection.engine.url).get_backend_name() == "postgresql"
    options = {
        "target_metadata": Base.metadata,
        "version_table": VERSION_TABLE,
        "version_table_schema": SCHEMA if is_postgres else None,
        # SQLite's DDL is transactional too, once the driver does not interfere.
        "transactional_ddl": True,
    }
    if connection is None:
        options |= {"dialect_name": "postgresql" if is_postgres else "sqlite"}
        options |= {"literal_binds": True}
    else:
        options |= {"connection": connection}
    config = Config(output_buffer=out, stdout=io.StringIO())
    config.set_main_option("script_location", str(folder()).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes.update(options=options, is_postgres=is_postgres)
    return config


@contextmanager
def connection_to(
    settings: Settings, *, patience: int = LOCK_WAIT_SECONDS
) -> Iterator[Connection]:
    """Open one connection and close it again."""
    engine = engine_for_one(settings.database_url, patience=patience)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


@contextmanager
def locked(settings: Settings) -> Iterator[Connection]:
    """Give a transaction that no other upgrade runs beside; kept if all goes well."""
    make_file(settings)
    waiting = connection_to(settings, patience=UPGRADE_WAIT_SECONDS)
    with waiting as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            lock_postgres(connection)
            yield connection
        else:
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            connection.exec_driver_sql("BEGIN EXCLUSIVE")
            yield connection
            check_references(connection)


def check_references(connection: Connection) -> None:
    """Find on SQLite, before it is kept, what foreign keys would have refused."""
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise ConfigError(f"Rows of {broken[0]} refer to rows that do not exist.")


def take_turn(connection: Connection) -> None:
    """Let no other process pass here until this transaction ends.

    On SQLite the transaction holds the database since its BEGIN IMMEDIATE.
    """
    if connection.dialect.name == "postgresql":
        lock_postgres(connection)


def lock_postgres(connection: Connection) -> None:
    """Wait long for other upgrades, but briefly for tables that are in use.

    A change of a table that waits makes everybody wait behind it.
    """
    for setting in (
        "statement_timeout = 0",
        "idle_in_transaction_session_timeout = 0",
        f"lock_timeout = '{UPGRADE_WAIT_SECONDS}s'",
    ):
        connection.exec_driver_sql(f"SET LOCAL {setting}")
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK_NUMBER})")
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_WAIT_SECONDS}s'")


def sqlite_path(settings: Settings) -> Path | None:
    """Give the file of an embedded database; None when there is none."""
    url = make_url(settings.database_url)
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    return Path(url.database)


def make_file(settings: Settings) -> None:
    """Make the file of an embedded database so that only its owner may read it."""
    path = sqlite_path(settings)
    if path is None or path.exists():
        return
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as fault:
        unusable = State(Kind.UNREACHABLE, reason=f"{path}: {fault.strerror}")
        raise ConfigError(str(unusable)) from fault


def reason_of(fault: SQLAlchemyError) -> str:
    """Give what the driver said, on one line, without the statement."""
    said = str(getattr(fault, "orig", None) or fault)
    return " ".join(said.split())
