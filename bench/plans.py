"""What a statement of a list took, and which way the database went for it."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

SLOW_MS = 20


@contextmanager
def noting(engine: Any, statements: list[Any]) -> Iterator[None]:
    """Note every statement with its parameters and its time."""
    begun: list[float] = []

    def before(*_: Any) -> None:
        begun.append(time.perf_counter())

    def after(_c: Any, _cursor: Any, sql: str, given: Any, *_: Any) -> None:
        statements.append(((time.perf_counter() - begun.pop()) * 1000, sql, given))

    event.listen(engine, "before_cursor_execute", before)
    event.listen(engine, "after_cursor_execute", after)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", before)
        event.remove(engine, "after_cursor_execute", after)


def explain(engine: Any, statements: list[Any], *, slower_than: float) -> None:
    """Print the plans of what took more milliseconds than that, each once."""
    slow = {sql: given for ms, sql, given in statements if ms > slower_than}
    for sql, given in slow.items():
        if not sql.lstrip().upper().startswith("SELECT"):
            continue
        with engine.connect() as connection:
            rows = connection.exec_driver_sql(f"EXPLAIN ANALYZE {sql}", given)
            for row in rows:
                say(f"             {row[0]}")


def say(words: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()
