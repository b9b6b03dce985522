"""Statements that never change: compiled once, and run on the driver's own cursor.

What SQLAlchemy does for each run, to find the compiled form of a statement and to make
a result of its rows, takes longer than PostgreSQL takes to answer one of ours, and the
hot requests do little else.  A ``Constant`` is looked up by nothing, and gives the same
rows.  While somebody listens to what is sent, it goes the ordinary way.
"""

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Dialect, Row, Select, UpdateBase
from sqlalchemy.engine import result_tuple
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, scoped_session
from sqlalchemy.types import TypeEngine

from authserver.models import prepared

Statement = Select[*tuple[Any, ...]] | UpdateBase
Params = Mapping[str, Any]
Process = Callable[[Any], Any]
_HELD = "connection of the transaction"


class Constant:
    """A statement with bound parameters, the same each time it runs."""

    def __init__(self, statement: Statement) -> None:
        """Take a statement of SQLAlchemy's Core."""
        self.statement = statement.execution_options(**prepared.PREPARED)
        self._compiled: dict[tuple[str, ...], _Compiled] = {}

    def first(self, db: scoped_session[Session], params: Params) -> Row[Any] | None:
        """Run it in the transaction of this request; give its first row, or None."""
        rows = self.all(connection_of(db()), params)
        return rows[0] if rows else None

    def run(self, db: scoped_session[Session], params: Params) -> None:
        """Run it in the transaction of this request, for what it does."""
        self.all(connection_of(db()), params)

    def all(self, connection: Connection, params: Params) -> Sequence[Row[Any]]:
        """Run it on a connection; give all rows, none where it gives none.

        Raises:
            DBAPIError: As SQLAlchemy would raise it.
        """
        if not connection.engine.dispatch.before_cursor_execute:
            rows = self._directly(connection, params)
            if rows is not None:
                return rows
        result = connection.execute(self.statement, dict(params))
        return result.all() if result.returns_rows else []

    def _directly(
        self, connection: Connection, params: Params
    ) -> Sequence[Row[Any]] | None:
        """Run it on a cursor of the driver; None when the connection is dead.

        Then SQLAlchemy shall find it so, for it lets go of the whole pool.
        """
        key = (connection.dialect.name, *params)
        compiled = self._compiled.get(key)
        if compiled is None:
            compiled = _compile(self.statement, connection, tuple(params))
            self._compiled[key] = compiled
        held = connection.connection
        cursor = held.cursor()
        try:
            text = prepared.ready(cursor, held.info, compiled.text)
            cursor.execute(text, compiled.bound(params))
            return compiled.rows(cursor.fetchall()) if cursor.description else []
        except connection.dialect.loaded_dbapi.Error as fault:
            if getattr(held.driver_connection, "closed", False):
                return None
            raise _wrapped(fault, compiled.text, connection) from fault
        finally:
            cursor.close()


@dataclass(frozen=True)
class _Compiled:
    """A statement as the driver takes it, and what becomes of values on both ways."""

    text: str
    fixed: dict[str, Any]
    """Values that stand in the statement itself, such as a LIMIT."""
    binders: tuple[tuple[str, Process], ...]
    readers: tuple[tuple[int, Process], ...]
    row: Callable[[Sequence[Any]], Row[Any]]
    """Make a row of SQLAlchemy's: a result around each few takes longer than they do."""

    def bound(self, params: Params) -> dict[str, Any]:
        values = {**self.fixed, **params}
        for name, process in self.binders:
            values[name] = process(values[name])
        return values

    def rows(self, found: Sequence[tuple[Any, ...]]) -> Sequence[Row[Any]]:
        if self.readers:
            found = [self._read(row) for row in found]
        return [self.row(values) for values in found]

    def _read(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        values = list(row)
        for place, process in self.readers:
            values[place] = process(values[place])
        return tuple(values)


def connection_of(session: Session) -> Connection:
    """Give the connection of a transaction; to ask for it costs as much as to use it."""
    held: Connection | None = session.info.get(_HELD)
    if held is None or held.closed or not session.in_transaction():
        held = session.info[_HELD] = session.connection()
    return held


def _compile(
    statement: Statement, connection: Connection, names: tuple[str, ...]
) -> _Compiled:
    """Compile it as it runs with parameters of these names.

    Raises:
        TypeError: It is not constant: a value is missing, or made as it runs.
    """
    dialect, moved = _named(connection.dialect), connection.get_execution_options()
    compiled: Any = statement.compile(
        dialect=dialect,
        column_keys=sorted(names),
        schema_translate_map=moved.get("schema_translate_map"),
        render_schema_translate="schema_translate_map" in moved,
    )
    binds = compiled.binds
    missing = {name for name, bind in binds.items() if bind.required} - set(names)
    is_made_later = compiled.prefetch or compiled.post_compile_params
    if missing or is_made_later or set(names) - set(binds):
        raise TypeError(f"no constant: {sorted(missing or names)} of {statement}")
    fixed = {name: bind.value for name, bind in binds.items() if not bind.required}
    told = list(statement.exported_columns)
    return _Compiled(
        text=str(compiled),
        fixed=fixed,
        binders=tuple(
            (name, process)
            for name, bind in binds.items()
            if (process := _impl(bind.type, dialect).bind_processor(dialect))
        ),
        readers=tuple(
            (place, process)
            for place, column in enumerate(told)
            if (process := _impl(column.type, dialect).result_processor(dialect, None))
        ),
        row=result_tuple([column.key for column in told]),
    )


def _named(dialect: Dialect) -> Dialect:
    """Give the dialect with parameters that go by their names."""
    if dialect.paramstyle == "pyformat":
        return dialect
    named = copy.copy(dialect)
    named.paramstyle, named.positional = "named", False
    return named


def _impl(kind: TypeEngine[Any], dialect: Dialect) -> TypeEngine[Any]:
    return kind.dialect_impl(dialect)


def _wrapped(fault: Exception, text: str, connection: Connection) -> BaseException:
    return DBAPIError.instance(
        text,
        None,
        fault,
        connection.dialect.loaded_dbapi.Error,
        hide_parameters=True,
        dialect=connection.dialect,
    )
