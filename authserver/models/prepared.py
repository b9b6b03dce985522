"""Statements that PostgreSQL plans once on a connection, and not each time they run.

To plan the read of a token with its user takes it ten times as long as to run it.  A
statement marked ``execution_options(**PREPARED)`` goes out as PREPARE when a connection
first sees it, and as EXECUTE from then on.  SQLite keeps its own statements.

Behind a pooler that gives every transaction another server process (PgBouncer) this
cannot work.  There the process that answers is not the one that the connection was
told of; such connections send their statements as they are.
"""

import re
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.pool import ConnectionPoolEntry

PREPARED = {"prepared": True}
_PLACEHOLDER = re.compile(r"%\((\w+)\)s")  # as psycopg2 writes them


def listen(engine: Engine) -> None:
    """Let the connections of this engine prepare what is marked.

    ``do_execute`` is an event of the dialect: one of the engine would make every
    step of every connection look for listeners.
    """
    if engine.dialect.name == "postgresql":
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "do_execute", _on_execute)


def _on_connect(connection: Any, entry: ConnectionPoolEntry) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (answering,) = cursor.fetchone()
    connection.rollback()
    is_direct = answering == connection.info.backend_pid
    entry.info["prepared"] = {} if is_direct else None


def _on_execute(cursor: Any, statement: str, parameters: Any, context: Any) -> bool:
    """Run a marked statement; False leaves it to SQLAlchemy."""
    if not context.execution_options.get("prepared"):
        return False
    cursor.execute(ready(cursor, context.root_connection.info, statement), parameters)
    return True


def ready(cursor: Any, info: dict[Any, Any], statement: str) -> str:
    """Give what runs a statement on a connection, where it is prepared from now on.

    Args:
        cursor: Of the connection.
        info: What is kept with the connection as long as it lives.
        statement: With the placeholders of psycopg2.
    """
    known: dict[str, str] | None = info.get("prepared")
    if known is None:
        return statement
    if statement not in known:
        known[statement] = _prepare(cursor, statement, f"s{len(known)}")
    return known[statement]


def _prepare(cursor: Any, statement: str, name: str) -> str:
    """Prepare a statement, and give the one that runs it with the same parameters."""
    params = list(dict.fromkeys(_PLACEHOLDER.findall(statement)))
    numbers = {param: f"${number}" for number, param in enumerate(params, start=1)}
    numbered = _PLACEHOLDER.sub(lambda found: numbers[found[1]], statement)
    cursor.execute(f"PREPARE {name} AS {numbered.replace('%%', '%')}")
    values = ", ".join(f"%({param})s" for param in params)
    return f"EXECUTE {name} ({values})" if params else f"EXECUTE {name}"
