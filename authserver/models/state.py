"""Where the database is: current, behind, empty, somebody else's, out of reach.

Looking changes nothing and loads no Alembic, so that a server starts quickly.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sqlalchemy import Connection, make_url, text
from sqlalchemy import inspect as look_at
from sqlalchemy.exc import SQLAlchemyError

from authserver.config import Settings
from authserver.errors import ConfigError
from authserver.models.base import SCHEMA
from authserver.models.engines import engine_for_one

PACKAGE = Path(__file__).parents[1]
VERSION_TABLE = "authserver_version"
INSUFFICIENT_PRIVILEGE, LOCK_NOT_AVAILABLE = "42501", "55P03"


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
    "{reason}let DATABASE_URL name an empty database.",
    Kind.AHEAD: "The database was upgraded by a newer release: run that release.",
    Kind.UNREACHABLE: "The database {reason}",
}
REFUSES = "refuses ({}): let its owner run what `authserver db sql` prints."
IS_HELD = "is held by another process ({}): try again when that has ended."
IS_OUT_OF_REACH = "cannot be used ({}): check DATABASE_URL."


@dataclass(frozen=True)
class State:
    """Where the database is.

    ``revision`` is the step it has reached, ``waiting`` those to come, ``reason`` what
    there is to be said of this database alone.
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
    if at is None and not tables:
        return State(Kind.EMPTY, waiting=steps)
    if at is None:
        # Only what an older service left on PostgreSQL can be taken over.
        can_adopt = schema is not None and "users" in tables
        cure = "run `authserver db adopt`, or " if can_adopt else ""
        return State(Kind.FOREIGN, waiting=steps, reason=cure)
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


@contextmanager
def connection_to(
    settings: Settings, *, patience: int | None = None
) -> Iterator[Connection]:
    """Open one connection and close it again."""
    engine = engine_for_one(settings.database_url, patience=patience)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def sqlite_path(settings: Settings) -> Path | None:
    """Give the file of an embedded database; None when there is none."""
    url = make_url(settings.database_url)
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    return Path(url.database)


def is_own_file(settings: Settings) -> bool:
    """Whether the database is the embedded one in this node's own folder."""
    path, own = sqlite_path(settings), settings.home / "authserver.db"
    return path is not None and path.absolute() == own.absolute()


@contextmanager
def plainly() -> Iterator[None]:
    """Say in one line what the database said, as a fault of the settings."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as fault:
        unusable = State(Kind.UNREACHABLE, reason=reason_of(fault))
        raise ConfigError(str(unusable)) from fault


def reason_of(fault: SQLAlchemyError | sqlite3.Error) -> str:
    """Give what the driver said, on one line without the statement, and the cure."""
    original = getattr(fault, "orig", None)
    said = " ".join(str(original or fault).split())
    code = getattr(original, "pgcode", None)
    if code == INSUFFICIENT_PRIVILEGE:
        return REFUSES.format(said)
    if code == LOCK_NOT_AVAILABLE or "database is locked" in said:
        return IS_HELD.format(said)
    return IS_OUT_OF_REACH.format(said)
