"""Take over the ``auth`` schema of an older service (C20).

First it is compared with what the server expects.  What is missing is added, in one
transaction; nothing is dropped, no type is changed and no value is touched.  What is
wrong stops the adoption, with the SQL that would cure it, for its owner to decide.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, Index, Table, UniqueConstraint
from sqlalchemy.schema import AddConstraint, CreateColumn, CreateIndex, CreateTable
from sqlalchemy.sql.ddl import ExecutableDDLElement

from authserver.config import Settings
from authserver.errors import ConfigError
from authserver.models import migrations
from authserver.models.base import SCHEMA
from authserver.models.differences import Difference, Weight, compare
from authserver.models.state import Kind, connection_to, plainly, state_of
from authserver.models.user import STATUSES

FIRST_STEP = "0001"
EXTENSIONS = ("citext", "uuid-ossp")
DRAWS_ITS_ID = ("users", "sessions", "verification_tokens", "oauth_providers")
"""The seeds' tables, whose ids the database itself can draw."""

FILLED_WITH = {
    ("sessions", "auth_time"): "created_at",
    ("sessions", "absolute_expires_at"): "expires_at",
    # The level of those sign-ins is not known (OIDC Core §2, "0").
    ("sessions", "acr"): "'0'",
    ("sessions", "amr"): "'{}'",
    ("user_roles", "assigned_at"): "now()",
}
"""What older rows get in columns that must not be empty and have no default."""


@dataclass(frozen=True)
class Plan:
    """What an adoption would do: nothing at all while something blocks it."""

    blocked: list[Difference]
    notes: list[Difference]
    steps: list[str]


def look(settings: Settings) -> Plan:
    """Make the plan and change nothing.

    Raises:
        ConfigError: There is nothing that could be adopted.
    """
    with plainly(), connection_to(settings) as connection:
        return plan(connection)


def adopt(settings: Settings) -> Plan:
    """Carry the plan out, unless something blocks it.

    Raises:
        ConfigError: There is nothing that could be adopted, or it did not work;
            then nothing has changed.
    """
    with (
        plainly(),
        migrations.ALONE,
        migrations.locked(settings) as connection,
    ):
        found = plan(connection)
        if found.blocked:
            return found
        for step in found.steps:
            connection.exec_driver_sql(step)
        migrations.mark(connection)
        if left := [d for d in compare(connection) if d.weight is not Weight.NOTE]:
            raise ConfigError(f"The tables could not be completed: {left[0]}")
        return found


def plan(connection: Connection) -> Plan:
    """Compare, and work out what would have to be done.

    Raises:
        ConfigError: There is nothing that could be adopted.
    """
    found = state_of(connection)
    if found.kind is not Kind.FOREIGN:
        raise ConfigError(f"There is nothing to adopt. {found}")
    if connection.dialect.name != "postgresql":
        raise ConfigError("Only a schema `auth` on PostgreSQL can be adopted.")
    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
    differences = compare(connection)
    there = Shape(connection, differences)
    if not there.has("users"):
        raise ConfigError("There is no auth.users: no older service left these tables.")
    wrong = [d for d in differences if d.weight is Weight.WRONG]
    return Plan(
        blocked=[*wrong, *there.rows_at_odds(), *there.unfillable()],
        notes=[d for d in differences if d.weight is Weight.NOTE],
        steps=list(there.steps()),
    )


@dataclass(frozen=True)
class Shape:
    """What the older service left, and what is missing there."""

    connection: Connection
    differences: list[Difference]

    def has(self, table: str, column: str | None = None) -> bool:
        """Whether a table or a column exists."""
        missing = {
            (d.table, d.column)
            for d in self.differences
            if isinstance(d.item, Table | Column)
        }
        return not missing & {(table, None), (table, column)}

    def missing(self) -> Iterator[Difference]:
        """Give what is to be added, in an order that works."""
        return (d for d in self.differences if d.weight is Weight.MISSING)

    def rows_at_odds(self) -> Iterator[Difference]:
        """Find rows that our rules would read wrongly."""
        for table, column, condition, what in (
            # A status we do not know would let somebody in.
            (
                "users",
                "status",
                f"status::text NOT IN {STATUSES}",
                "has unknown values",
            ),
            (
                "roles",
                "permissions",
                "left(ltrim(permissions::text), 1) <> '['",
                "is not a list in some rows",
            ),
        ):
            if not self.has(table, column):
                continue
            name = f"{SCHEMA}.{table}"
            odd = (
                f"SELECT DISTINCT {column}::text FROM {name} WHERE {condition} LIMIT 5"  # noqa: S608 -- constants
            )
            if values := list(self.connection.exec_driver_sql(odd).scalars()):
                shown = f"{what}: {', '.join(values)}"
                yield Difference(Weight.WRONG, table, column, shown)

    def unfillable(self) -> Iterator[Difference]:
        """Find columns that every row needs, where we do not know what to put."""
        for found in self.missing():
            if isinstance(found.item, Column) and self.filling(found.item) is None:
                what = "is missing, and nobody knows its value for the rows there are"
                cure = (
                    f"ALTER TABLE {SCHEMA}.{found.table} RENAME TO {found.table}_old;"
                )
                yield Difference(
                    Weight.WRONG, found.table, found.column, what, cure=cure
                )

    def filling(self, column: Column[Any]) -> str | None:
        """Give what older rows get: "" where nothing is needed, None if unknown."""
        if column.nullable or column.server_default is not None:
            return ""
        name = column.table.fullname
        rows = self.connection.exec_driver_sql(f"SELECT 1 FROM {name} LIMIT 1")  # noqa: S608 -- a constant
        if rows.first() is None:
            return ""
        return FILLED_WITH.get((column.table.name, column.name))

    def steps(self) -> Iterator[str]:
        """Write what has to be done, as SQL."""
        yield from self.extensions()
        for found in self.missing():
            yield from self.step(found)
        first = migrations.step(FIRST_STEP, self.connection)
        held = self.values("roles", "lower(name::text)")
        for name in first.ROLES.keys() - held:
            yield first.role(name, f"{SCHEMA}.roles")
        if "default" not in self.values("institutions", "lower(code::text)"):
            yield first.FIRST_INSTITUTION.format(f"{SCHEMA}.institutions")

    def extensions(self) -> Iterator[str]:
        """Bring in the extensions that are not there."""
        held = self.connection.exec_driver_sql("SELECT extname FROM pg_extension")
        if wanted := sorted(set(EXTENSIONS) - set(held.scalars())):
            yield "CREATE SCHEMA IF NOT EXISTS extensions"
        for name in wanted:
            yield f'CREATE EXTENSION "{name}" SCHEMA extensions'

    def values(self, table: str, expression: str) -> set[str]:
        """Give the values of a column that may be missing with its table."""
        if not self.has(table):
            return set()
        query = f"SELECT {expression} FROM {SCHEMA}.{table}"  # noqa: S608 -- constants
        return set(self.connection.exec_driver_sql(query).scalars())

    def step(self, found: Difference) -> Iterator[str]:
        """Write how one missing thing is added."""
        name, column = f"{SCHEMA}.{found.table}", found.column
        match found.item:
            case Table() as table:
                yield self.ddl(CreateTable(table))
                yield from (self.ddl(CreateIndex(index)) for index in table.indexes)
                if table.name in DRAWS_ITS_ID:
                    drawn = "ALTER COLUMN id SET DEFAULT uuid_generate_v4()"
                    yield f"ALTER TABLE {name} {drawn}"
            case Column() as missing:
                yield from self.column(missing, name)
            case UniqueConstraint() as unique:
                yield self.ddl(AddConstraint(unique))
            case Index() as index:
                yield self.ddl(CreateIndex(index))
            case "null":
                yield f"ALTER TABLE {name} ALTER COLUMN {column} DROP NOT NULL"
            case "counter":
                counting = "ADD GENERATED BY DEFAULT AS IDENTITY"
                yield f"ALTER TABLE {name} ALTER COLUMN {column} {counting}"
                yield (
                    f"SELECT setval(pg_get_serial_sequence('{name}', '{column}'), "  # noqa: S608 -- constants
                    f"(SELECT coalesce(max({column}), 0) + 1 FROM {name}), false)"
                )
            case _:
                first = migrations.step(FIRST_STEP, self.connection)
                tokens = f"{SCHEMA}.verification_tokens"
                yield first.PASSWORD_RESETS.format(view=name, tokens=tokens)

    def column(self, missing: Column[Any], table: str) -> Iterator[str]:
        """Write how a column is added, and filled where it must not be empty."""
        filling = self.filling(missing)
        written = self.ddl(CreateColumn(missing))
        if not filling:
            yield f"ALTER TABLE {table} ADD COLUMN {written}"
            return
        yield f"ALTER TABLE {table} ADD COLUMN {written.replace(' NOT NULL', '')}"
        yield f"UPDATE {table} SET {missing.name} = {filling}"  # noqa: S608 -- constants
        yield f"ALTER TABLE {table} ALTER COLUMN {missing.name} SET NOT NULL"

    def ddl(self, element: ExecutableDDLElement) -> str:
        """Write a statement for this database."""
        written = str(element.compile(dialect=self.connection.dialect))
        return written.strip().replace("\t", "    ").replace(" \n", "\n")
