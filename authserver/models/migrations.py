"""The one way to change the tables; ``state`` says whether that is needed.

Alembic runs the steps of ``migrations_disabled/versions``, without an ``alembic.ini``
and only when somebody asks.  All steps of an upgrade are one transaction under one
lock: whoever comes second waits and finds nothing left to do.
"""

import io
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING, cast

from sqlalchemy import Connection

from authserver.config import Settings
from authserver.errors import ConfigError
from authserver.models.base import SCHEMA, Base
from authserver.models.engines import LOCK_WAIT_SECONDS
from authserver.models.state import (
    IS_OUT_OF_REACH,
    VERSION_TABLE,
    Kind,
    State,
    connection_to,
    folder,
    is_own_file,
    plainly,
    require_current,
    revisions,
    sqlite_path,
    state,
    state_of,
)
from authserver.sqlite import set_pragmas

__all__ = [
    "Kind",
    "is_own_file",
    "require_current",
    "revisions",
    "script",
    "state",
    "upgrade",
]

if TYPE_CHECKING:
    from alembic.config import Config

LOCK_NUMBER = 0x61757468  # any number, the same for all nodes: "auth"
UPGRADE_WAIT_SECONDS = 300

ALONE = threading.Lock()
"""Held while Alembic runs: it keeps the step that runs in module variables."""


def upgrade(settings: Settings) -> list[str]:
    """Run the steps that wait; give their numbers.

    Raises:
        ConfigError: The tables belong to somebody else, or cannot be changed.
    """
    with plainly(), ALONE, locked(settings) as connection:
        found = state_of(connection)
        if found.kind in (Kind.FOREIGN, Kind.AHEAD):
            raise ConfigError(str(found))
        if found.waiting:
            run_steps(connection)
        return list(found.waiting)


def run_steps(connection: Connection) -> None:
    """Run all steps that wait on a connection that holds the lock."""
    from alembic import command

    command.upgrade(alembic_config(connection), "head")


def mark(connection: Connection) -> None:
    """Write down that the tables are at the last step, without running any."""
    from alembic import command

    command.stamp(alembic_config(connection), "head")


def step(number: str, connection: Connection) -> ModuleType:
    """Give a step's module, for what stands in it."""
    from alembic.script import ScriptDirectory

    found = ScriptDirectory.from_config(alembic_config(connection))
    return found.get_revision(number).module


def script(dialect: str, *, start: str | None = None) -> str:
    """Write the steps after ``start`` as SQL; all of them when it is None."""
    from alembic import command

    out = io.StringIO()
    config = alembic_config(out=out, dialect=dialect)
    with ALONE:
        command.upgrade(config, f"{start or 'base'}:head", sql=True)
    return "\n".join(map(str.rstrip, out.getvalue().splitlines())).rstrip() + "\n"


def alembic_config(
    connection: Connection | None = None,
    *,
    out: io.StringIO | None = None,
    dialect: str = "",
) -> "Config":
    """Tell Alembic what an ``alembic.ini`` would; see ``env.py`` beside the steps."""
    from alembic.config import Config

    dialect = connection.dialect.name if connection else dialect
    is_postgres = dialect == "postgresql"
    options = {
        "target_metadata": Base.metadata,
        "version_table": VERSION_TABLE,
        "version_table_schema": SCHEMA if is_postgres else None,
        # SQLite's DDL is transactional too, once the driver does not interfere.
        "transactional_ddl": True,
    }
    if connection is None:
        options |= {"dialect_name": dialect, "literal_binds": True}
    else:
        options |= {"connection": connection}
    config = Config(output_buffer=out, stdout=io.StringIO())
    config.set_main_option("script_location", str(folder()).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes.update(options=options, is_postgres=is_postgres)
    return config


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
            file = cast("sqlite3.Connection", connection.connection.driver_connection)
            set_pragmas(file, patience=UPGRADE_WAIT_SECONDS)
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


def make_file(settings: Settings) -> None:
    """Make the file of an embedded database so that only its owner may read it."""
    path = sqlite_path(settings)
    if path is None or path.exists():
        return
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as fault:
        unusable = State(Kind.UNREACHABLE, reason=IS_OUT_OF_REACH.format(fault))
        raise ConfigError(str(unusable)) from fault
