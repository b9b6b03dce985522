"""Connections for single reads: a few at hand, none shared, none that is dead."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from sqlalchemy import bindparam, func, literal, select, text
from sqlalchemy.exc import DBAPIError

from authserver.models import engines
from authserver.models.constants import Constant
from tests.support.live import until

PID = Constant(select(func.pg_backend_pid().label("pid")))
ECHO = Constant(select(bindparam("word", type_=literal("").type).label("word")))
WAIT = Constant(select(func.pg_sleep(bindparam("seconds")), func.pg_backend_pid()))
BROKEN = Constant(select(literal(1) // bindparam("zero", type_=literal(1).type)))
END = text("SELECT pg_terminate_backend(:pid)")


@pytest.fixture
def other(upgraded):
    with closing(engines.engine_for_one(upgraded.database_url).connect()) as connection:
        yield connection.execution_options(isolation_level="AUTOCOMMIT")


def pid_of(reads):
    return reads.first(PID).pid


def at_once(reads, count):
    """So many reads at one moment; give the connections that they ran on."""
    begin = threading.Barrier(count)

    def read(_):
        begin.wait()
        return reads.first(WAIT, {"seconds": 0.2})[1]

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(read, range(count)))


def test_one_read_after_the_other_takes_the_same_connection(reads):
    assert pid_of(reads) == pid_of(reads)
    assert reads.engine.pool.checkedout() == len(reads.at_hand) == 1


def test_reads_at_one_moment_have_one_each_and_few_are_kept(reads):
    assert len(set(at_once(reads, 4))) == 4
    assert reads.engine.pool.checkedout() == len(reads.at_hand) == 2


def test_everybody_reads_their_own(reads):
    with ThreadPoolExecutor(8) as pool:
        words = [f"word {number}" for number in range(400)]
        rows = pool.map(lambda word: reads.first(ECHO, {"word": word}), words)
        assert [row.word for row in rows] == words


def test_one_that_failed_is_not_kept(reads):
    pid_of(reads)
    with pytest.raises(DBAPIError):
        reads.first(BROKEN, {"zero": 0})
    assert reads.at_hand == []
    assert pid_of(reads)


def test_of_those_at_hand_none_is_dead(reads, other):
    pids = set(at_once(reads, 2))
    for pid in pids:
        other.execute(END, {"pid": pid})
    assert pid_of(reads) not in pids
    assert not pids & set(at_once(reads, 2))


def test_with_the_engine_those_at_hand_are_closed(reads, other):
    pids = set(at_once(reads, 2))
    reads.engine.dispose()
    assert reads.at_hand == []
    alive = text("SELECT pid FROM pg_stat_activity WHERE pid = ANY(:pids)")
    until(
        lambda: not other.execute(alive, {"pids": list(pids)}).all(),
        "closed connections",
    )
