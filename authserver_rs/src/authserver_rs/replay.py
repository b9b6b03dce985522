"""Remember what may come once: the ``jti`` of proofs (RFC 9449 §11.1).

In memory for one process; in a file, or wherever ``spend`` can be one atomic step, for
several.
"""

import sqlite3
import threading
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

MOST = 100_000


class Replays(Protocol):
    """Where spent names are kept."""

    def spend(self, name: str, *, ends: float, now: float) -> bool:
        """Take a name; False when it was taken before, and has not ended.

        It must be one step: of many at once one wins.

        Args:
            name: A hash; it says nothing.
            ends: Until when to remember it, in seconds of Unix time.
            now: The time.
        """
        ...


@dataclass
class MemoryReplays:
    """Kept by one process.  When it is full it refuses: it never forgets early."""

    most: int = MOST
    _known: dict[str, float] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def spend(self, name: str, *, ends: float, now: float) -> bool:
        """Take a name."""
        with self._lock:
            if self._known.get(name, 0) > now:
                return False
            if len(self._known) >= self.most:
                self._known = {n: e for n, e in self._known.items() if e > now}
            if len(self._known) >= self.most:
                return False
            self._known[name] = ends
            return True


@dataclass
class FileReplays:
    """Kept in an SQLite file that the processes of one machine share."""

    path: Path
    _swept_at: float = 0

    def __post_init__(self) -> None:
        """Make the file."""
        with closing(self._connect()) as db, db:
            db.execute(
                "CREATE TABLE IF NOT EXISTS spent (name TEXT PRIMARY KEY, ends REAL)"
            )

    def spend(self, name: str, *, ends: float, now: float) -> bool:
        """Take a name, by one insert of a unique value."""
        with closing(self._connect()) as db, db:
            if now - self._swept_at > 60:
                self._swept_at = now
                db.execute("DELETE FROM spent WHERE ends <= ?", (now,))
            taken = db.execute(
                "INSERT INTO spent (name, ends) VALUES (?, ?) "
                "ON CONFLICT (name) DO UPDATE SET ends = excluded.ends "
                "WHERE spent.ends <= ?",
                (name, ends, now),
            )
            return taken.rowcount == 1

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.path, timeout=5)
        db.execute("PRAGMA journal_mode = WAL")
        return db
