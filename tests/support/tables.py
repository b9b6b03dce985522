"""Tables put back to what a migration leaves: some rows, and otherwise nothing.

Every statement of this process is overheard before it is compiled, so that only tables
that were written to are looked at, with those whose rows may have gone with theirs.
Who listens to what goes to a cursor would keep constants off their own way.
"""

import re
from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    Connection,
    Delete,
    Engine,
    Table,
    TextClause,
    UpdateBase,
    event,
    select,
    tuple_,
)

from authserver.models import Base
from authserver.models.constants import Constant

TABLES = Base.metadata.sorted_tables
WRITES = re.compile(r"\b(?:INSERT INTO|UPDATE)\s+(?:\w+\.)?\"?(\w+)", re.IGNORECASE)
REMOVALS = re.compile(r"\bDELETE FROM\s+(?:\w+\.)?\"?(\w+)", re.IGNORECASE)
Row = dict[str, Any]


class Furnishing:
    """The rows that are there before a test; roles and keys, mostly."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.written: set[str] = set()
        self.removed_from: set[str] = set()
        with engine.connect() as connection:
            self.rows = {table: read(connection, table) for table in TABLES}
        event.listen(Engine, "before_execute", self.overhear)
        run = Constant.all

        def run_overheard(constant: Constant, *args: Any) -> Any:
            self.note(constant.statement)
            return run(constant, *args)

        Constant.all = run_overheard  # type: ignore[method-assign]

    def overhear(self, _: Any, statement: Any, *__: Any) -> None:
        """Hear what any engine of this process is given to run."""
        self.note(statement)

    def note(self, statement: Any) -> None:
        """Keep in mind what a statement writes to."""
        if isinstance(statement, Delete):
            self.removed_from.add(statement.table.name)
        elif isinstance(statement, UpdateBase):
            self.written.add(statement.table.name)
        elif isinstance(statement, TextClause):
            self.written.update(WRITES.findall(statement.text))
            self.removed_from.update(REMOVALS.findall(statement.text))

    def put_back(self) -> None:
        """Take out what has come, and put back what has gone or changed."""
        bereft = with_dependants(self.removed_from)
        touched = [t for t in TABLES if t.name in self.written or t in bereft]
        if not touched:
            return
        with self.engine.begin() as connection:
            there = {table: read(connection, table) for table in touched}
            changed = [table for table in touched if there[table] != self.rows[table]]
            for table in reversed(changed):
                kept = [row for row in there[table] if row in self.rows[table]]
                if not kept:
                    connection.execute(table.delete())
                elif gone := [row for row in there[table] if row not in kept]:
                    connection.execute(table.delete().where(keys_in(table, gone)))
            for table in changed:
                # Once more: what referred to a row has gone with it.
                left = read(connection, table)
                missing = [row for row in self.rows[table] if row not in left]
                if missing:
                    connection.execute(table.insert(), missing)
        self.written.clear()
        self.removed_from.clear()


def with_dependants(names: Iterable[str]) -> set[Table]:
    """Give the tables of these names, and all whose rows refer to theirs."""
    found: set[Table] = set()
    for table in TABLES:  # what is referred to comes first
        parents = {key.column.table for key in table.foreign_keys}
        if table.name in names or parents & found:
            found.add(table)
    return found


def keys_in(table: Table, rows: list[Row]) -> Any:
    """Name rows by their keys."""
    columns = list(table.primary_key.columns)
    if len(columns) == 1:
        return columns[0].in_([row[columns[0].name] for row in rows])
    return tuple_(*columns).in_([tuple(row[c.name] for c in columns) for row in rows])


def read(connection: Connection, table: Table) -> list[Row]:
    ordered = select(table).order_by(*table.primary_key.columns)
    return [dict(row) for row in connection.execute(ordered).mappings()]
