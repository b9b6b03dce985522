"""The stores by themselves: bounded, and known to the package by name."""

import multiprocessing

import pytest
from limits.storage import storage_from_string
from sqlalchemy import create_engine

from authserver.adapters import counters
from authserver.adapters.counters import LocalStorage, TableStorage
from authserver.models import RateLimit

TABLE = RateLimit.__table__


def test_the_package_knows_them_by_name(database):
    local = storage_from_string("local://")
    table = storage_from_string("table://", engine=database, table=TABLE)
    for storage in (local, table):
        assert storage.check()
        assert [storage.incr("k", 60) for _ in range(3)] == [1, 2, 3]
        assert storage.get("k") == 3
        assert storage.get("other") == 0
        storage.clear("k")
        assert storage.get("k") == 0
        storage.incr("k", 60, 4)
        assert storage.get("k") == 4
        assert storage.reset() == 1
        assert storage.get("k") == 0


def test_a_window_ends_when_it_was_said_to(stopped, database):
    for storage in (
        LocalStorage(clock=stopped),
        TableStorage(engine=database, table=TABLE, clock=stopped),
    ):
        assert storage.get_expiry("k") == stopped.now().timestamp()
        storage.incr("k", 60)
        stopped.advance(seconds=20)
        storage.incr("k", 60)
        assert storage.get_expiry("k") == stopped.now().timestamp() + 40
        stopped.advance(seconds=40)
        assert storage.get("k") == 0
        assert storage.incr("k", 60) == 1


def test_made_up_names_do_not_fill_the_memory(monkeypatch, stopped):
    monkeypatch.setattr(counters, "MOST_KEYS", 100)
    storage = LocalStorage(clock=stopped)
    storage.incr("victim", 900)
    for number in range(1_000):
        storage.incr(f"made up {number}", 60)
        assert len(storage.counters) <= 100
    assert storage.get("victim") == 1, "what ends last is kept longest"


def test_what_has_expired_makes_room_first(monkeypatch, stopped):
    monkeypatch.setattr(counters, "MOST_KEYS", 100)
    storage = LocalStorage(clock=stopped)
    for number in range(90):
        storage.incr(f"old {number}", 60)
    stopped.advance(seconds=61)
    for number in range(60):
        storage.incr(f"new {number}", 60)
    assert all(storage.get(f"new {number}") == 1 for number in range(60))


def test_a_database_in_memory_is_no_store():
    """Each connection would count for itself."""
    with pytest.raises(ValueError, match="without a file"):
        TableStorage(engine=create_engine("sqlite://"), table=TABLE)


def _count(url, start, answers):
    storage = TableStorage(engine=create_engine(url), table=TABLE)
    start.wait()
    answers.put([storage.incr("k", 60) for _ in range(25)])


def test_processes_that_start_together_share_one_file(tmp_path):
    """They also race for making the file and its table."""
    context = multiprocessing.get_context("spawn")
    start, answers = context.Barrier(4), context.Queue()
    url = f"sqlite:///{tmp_path}/authserver.db"
    racers = [
        context.Process(target=_count, args=(url, start, answers)) for _ in range(4)
    ]
    for racer in racers:
        racer.start()
    seen = [number for _ in racers for number in answers.get(timeout=60)]
    for racer in racers:
        racer.join()
    assert sorted(seen) == list(range(1, 101))
    assert not (tmp_path / "authserver.db").exists()
