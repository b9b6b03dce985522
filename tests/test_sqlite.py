"""Files that several processes open at once."""

import sqlite3
import threading

import pytest

from authserver.sqlite import set_pragmas


@pytest.fixture
def taken(tmp_path):
    """A new file in the middle of somebody's transaction."""
    with sqlite3.connect(tmp_path / "new.db", check_same_thread=False) as holder:
        holder.execute("CREATE TABLE one (a)")
        holder.execute("BEGIN EXCLUSIVE")
        yield holder
    holder.close()


def opened(tmp_path):
    """One connection that waits for nobody."""
    return sqlite3.connect(tmp_path / "new.db", timeout=0)


def test_who_finds_a_new_file_taken_asks_again(taken, tmp_path):
    threading.Timer(0.2, taken.rollback).start()
    mine = opened(tmp_path)
    set_pragmas(mine, "synchronous=OFF")
    assert mine.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert mine.execute("PRAGMA synchronous").fetchone() == (0,)
    mine.close()


def test_patience_ends(taken, tmp_path):
    mine = opened(tmp_path)
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        set_pragmas(mine, patience=0.05)
    mine.close()


def test_what_is_no_database_is_told_at_once(tmp_path):
    (tmp_path / "new.db").write_bytes(b"not a database, though of some length" * 9)
    mine = opened(tmp_path)
    with pytest.raises(sqlite3.DatabaseError, match="not a database"):
        set_pragmas(mine, patience=60)
    mine.close()
