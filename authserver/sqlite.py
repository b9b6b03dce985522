"""SQLite files that several processes open at once."""

import sqlite3
import time
from typing import Final

PATIENCE_SECONDS: Final = 5.0
PAUSE_SECONDS: Final = 0.01


def set_pragmas(
    connection: sqlite3.Connection, *pragmas: str, patience: float = PATIENCE_SECONDS
) -> None:
    """Set pragmas after write-ahead logging, which stays with the file.

    Two processes that open a new file at one moment both want the whole of it for the
    change.  SQLite refuses one at once, without the wait that the connection was given:
    both might wait for each other.  The one that was refused holds nothing, so it may
    ask again.

    Raises ``sqlite3.OperationalError`` when the file stays taken for ``patience`` seconds.
    Source: https://www.sqlite.org/wal.html, https://www.sqlite.org/rescode.html#busy
    """
    until = time.monotonic() + patience
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            break
        except sqlite3.OperationalError as error:
            is_busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not is_busy or time.monotonic() > until:
                raise
            time.sleep(PAUSE_SECONDS)
    for pragma in pragmas:
        connection.execute(f"PRAGMA {pragma}")
