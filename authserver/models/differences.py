"""The tables as they are, beside the tables as the server expects them.

Each difference has a weight: what can be added, what is wrong and has to be changed by
whoever owns the rows, and what is worth a note but does no harm.
"""

import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Inspector,
    Integer,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    func,
    inspect,
    select,
)
from sqlalchemy.exc import SAWarning
from sqlalchemy.types import NullType

from authserver.models.base import SCHEMA, Base
from authserver.models.column_types import LOOKED_UP_IN_LOWER_CASE, verdict
from authserver.models.state import VERSION_TABLE

VIEW = "password_resets"


class Weight(StrEnum):
    """What a difference asks for."""

    NOTE = "note"
    MISSING = "missing"
    WRONG = "wrong"


@dataclass(frozen=True)
class Difference:
    """One place where the database is not as expected.

    ``item`` is what is missing there; ``cure`` is SQL for somebody who decides to run
    it, since it changes rows or types.
    """

    weight: Weight
    table: str
    column: str | None
    what: str
    cure: str = ""
    item: Any = field(default=None, repr=False, compare=False)

    def __str__(self) -> str:
        """Say it in a line."""
        place = f"{self.table}.{self.column}" if self.column else self.table
        cure = f"; cure: {self.cure}" if self.cure else ""
        return f"{self.weight}: {place}: {self.what}{cure}"


def compare(connection: Connection) -> list[Difference]:
    """Compare every table, column, unique constraint and index."""
    with warnings.catch_warnings():
        # A type or an index that SQLAlchemy does not know is none of ours.
        warnings.simplefilter("ignore", SAWarning)
        return list(_compare(connection, inspect(connection)))


def _compare(connection: Connection, inspector: Inspector) -> Iterator[Difference]:
    schema = schema_of(connection)
    there = set(inspector.get_table_names(schema=schema)) - {VERSION_TABLE}
    for wanted in Base.metadata.sorted_tables:
        if wanted.name in there:
            yield from Comparison(connection, inspector, wanted).all()
        else:
            what = "the table is missing"
            yield Difference(Weight.MISSING, wanted.name, None, what, item=wanted)
    if VIEW not in {*there, *inspector.get_view_names(schema=schema)}:
        yield Difference(Weight.MISSING, VIEW, None, "the view is missing", item=VIEW)
    for name in sorted(there - {wanted.name for wanted in Base.metadata.sorted_tables}):
        yield Difference(Weight.NOTE, name, None, "the table is not ours")


def schema_of(connection: Connection) -> str | None:
    """Give the schema that holds the tables; SQLite has none."""
    return SCHEMA if connection.dialect.name == "postgresql" else None


@dataclass(frozen=True)
class Comparison:
    """One table that exists, beside the one that is expected."""

    connection: Connection
    inspector: Inspector
    wanted: Table

    def all(self) -> Iterator[Difference]:
        """Compare columns, then what holds them together."""
        schema = schema_of(self.connection)
        found = {
            column["name"]: column
            for column in self.inspector.get_columns(self.wanted.name, schema=schema)
        }
        for column in self.wanted.columns:
            if column.name in found:
                yield from self.column(column, found[column.name])
            else:
                what = f"the column is missing ({self.spelled(column.type)})"
                yield self.difference(Weight.MISSING, column, what, item=column)
        for name in sorted(found.keys() - self.wanted.columns.keys()):
            yield self.not_ours(name, found[name])
        yield from self.uniques(found)
        yield from self.indexes()

    def column(self, wanted: Column[Any], found: Mapping[str, Any]) -> Iterator[Any]:
        """Compare one column: type, NULL, and how a counting key counts."""
        expected, is_there = self.spelled(wanted.type), self.spelled(found["type"])
        judged = verdict(wanted, expected, is_there)
        if judged is not None:
            weight = Weight.WRONG if judged.is_wrong else Weight.NOTE
            yield self.difference(weight, wanted, judged.what, cure=judged.cure)
            if (wanted.table.name, wanted.name) in LOOKED_UP_IN_LOWER_CASE:
                yield from self.alike(wanted)
        if wanted.primary_key:
            if self.counts(wanted) and not (found["default"] or found.get("identity")):
                what = "the key does not count by itself"
                yield self.difference(Weight.MISSING, wanted, what, item="counter")
        elif wanted.nullable and not found["nullable"]:
            what = "NULL is refused, but may come"
            yield self.difference(Weight.MISSING, wanted, what, item="null")
        elif found["nullable"] and not wanted.nullable:
            yield self.nulls(wanted)

    def alike(self, wanted: Column[Any]) -> Iterator[Difference]:
        """Find names that differ only by case: whose would be found is luck."""
        lower = func.lower(wanted)
        twice = select(lower).where(wanted.is_not(None)).group_by(lower)
        found = self.connection.scalar(twice.having(func.count() > 1).limit(1))
        if found is not None:
            what = f"differs only by case in some rows, such as {found!r}"
            yield self.difference(Weight.WRONG, wanted, what)

    def counts(self, wanted: Column[Any]) -> bool:
        """Whether the database has to draw the number; SQLite always does."""
        is_number = isinstance(wanted.type, Integer) and not wanted.foreign_keys
        return is_number and self.connection.dialect.name == "postgresql"

    def nulls(self, wanted: Column[Any]) -> Difference:
        """Judge a column that may be NULL by whether it is."""
        place, name = self.wanted, wanted.name
        holds = select(place.c[name]).where(place.c[name].is_(None)).limit(1)
        if self.connection.execute(holds).first() is None:
            return self.difference(Weight.NOTE, wanted, "may be NULL, but is not")
        default = getattr(wanted.server_default, "arg", "...")
        value = f"'{default}'" if isinstance(default, str) else str(default)
        cure = f"UPDATE {place.fullname} SET {name} = {value} WHERE {name} IS NULL;"  # noqa: S608 -- printed, never run
        return self.difference(Weight.WRONG, wanted, "is NULL in some rows", cure=cure)

    def not_ours(self, name: str, found: Mapping[str, Any]) -> Difference:
        """Judge a column that is not ours by whether our rows can leave it out."""
        fills_itself = (
            found["default"] or found.get("computed") or found.get("identity")
        )
        if found["nullable"] or fills_itself:
            return self.difference(Weight.NOTE, name, "the column is not ours")
        cure = f"ALTER TABLE {self.wanted.fullname} ALTER COLUMN {name} DROP NOT NULL;"
        what = "the column is not ours and needs a value"
        return self.difference(Weight.WRONG, name, what, cure=cure)

    def uniques(self, found: Mapping[str, Any]) -> Iterator[Difference]:
        """Find what must be unique and is not: single use hangs on it."""
        held = set(map(frozenset, self.keys()))
        for constraint in sorted(self.wanted.constraints, key=lambda c: str(c.name)):
            if not isinstance(constraint, UniqueConstraint | PrimaryKeyConstraint):
                continue
            columns = [column.name for column in constraint.columns]
            if frozenset(columns) in held:
                continue
            if isinstance(constraint, PrimaryKeyConstraint):
                what = f"the primary key is not ({', '.join(columns)})"
                yield self.difference(Weight.WRONG, None, what)
            else:
                yield self.lacking(constraint, columns, found)

    def lacking(
        self, constraint: UniqueConstraint, columns: list[str], found: Iterable[str]
    ) -> Difference:
        """Judge a missing unique constraint by whether the rows would bear it."""
        named = ", ".join(columns)
        if set(columns) <= set(found):
            place = [self.wanted.c[name] for name in columns]
            present = [column.is_not(None) for column in place]
            twice = select(place[0]).where(*present).group_by(*place)
            twice = twice.having(func.count() > 1).limit(1)
            if self.connection.execute(twice).first() is not None:
                what = f"({named}) must be unique, and some rows are alike"
                return self.difference(Weight.WRONG, None, what)
        what = f"({named}) is not held unique"
        return self.difference(Weight.MISSING, None, what, item=constraint)

    def indexes(self) -> Iterator[Difference]:
        """Find the indexes that reads and cleaning hang on."""
        name, schema = self.wanted.name, schema_of(self.connection)
        held = [list(key) for key in self.keys()]
        held += [
            index["column_names"]
            for index in self.inspector.get_indexes(name, schema=schema)
        ]
        for index in sorted(self.wanted.indexes, key=lambda i: str(i.name)):
            columns = [column.name for column in index.columns]
            if not any(other[: len(columns)] == columns for other in held):
                what = f"the index on ({', '.join(columns)}) is missing"
                yield self.difference(Weight.MISSING, None, what, item=index)

    def keys(self) -> Iterator[tuple[str, ...]]:
        """Give every list of columns that the database holds unique."""
        name, schema = self.wanted.name, schema_of(self.connection)
        key = self.inspector.get_pk_constraint(name, schema=schema)
        yield tuple(key["constrained_columns"])
        for unique in self.inspector.get_unique_constraints(name, schema=schema):
            yield tuple(unique["column_names"])
        for index in self.inspector.get_indexes(name, schema=schema):
            is_partial = "postgresql_where" in index.get("dialect_options", {})
            if index["unique"] and not is_partial and None not in index["column_names"]:
                yield tuple(filter(None, index["column_names"]))

    def spelled(self, type_: Any) -> str:
        """Write a type as the database spells it."""
        if isinstance(type_, NullType):
            return "a type of its own"
        spelled = type_.compile(dialect=self.connection.dialect)
        return str(spelled).partition(" COLLATE")[0]

    def difference(
        self,
        weight: Weight,
        column: Column[Any] | str | None,
        what: str,
        **more: Any,
    ) -> Difference:
        """Name the place."""
        name = column.name if isinstance(column, Column) else column
        return Difference(weight, self.wanted.name, name, what, **more)
