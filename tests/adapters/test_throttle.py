"""Limits: every store counts alike, races included, and none fails open or shut."""

import logging
import threading

import pytest

from authserver.adapters import throttle as module
from authserver.adapters.throttle import Throttle
from authserver.clock import Clock
from authserver.errors import ConfigError, TooManyTries
from authserver.models import RateLimit

LIMITS = {"signin": "5/minute;10/15minutes", "public": "20/minute"}
TABLES = ["postgresql", "sqlite"]


@pytest.fixture(params=["local", *TABLES, "redis"])
def store(request):
    """What to hand a Throttle so that it counts there."""
    if request.param in TABLES:
        engine = request.getfixturevalue("open_database")(request.param)
        return {"engine": engine, "table": RateLimit.__table__}
    if request.param == "redis":
        return {"redis_url": request.getfixturevalue("redis_server").url}
    return {}


def tries(throttle, count, *, name="signin", key="ana"):
    """How many of so many tries pass, and the last refusal."""
    passed, refusal = 0, None
    for _ in range(count):
        try:
            throttle.hit(name, key)
            passed += 1
        except TooManyTries as error:
            refusal = error
    return passed, refusal


def test_five_pass_and_the_sixth_is_told_when_to_come_back(store):
    passed, refusal = tries(Throttle(LIMITS, **store), 8)
    assert passed == 5
    assert 1 <= refusal.retry_after <= 60
    assert refusal.status == 429
    assert "signin" in refusal.detail


def test_of_forty_at_one_moment_exactly_five_pass(store):
    """A count that is read and then written lets all forty through."""
    throttle, start, passed = Throttle(LIMITS, **store), threading.Barrier(40), []

    def go():
        start.wait()
        if tries(throttle, 1)[0]:
            passed.append(1)

    racers = [threading.Thread(target=go) for _ in range(40)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert len(passed) == 5
    assert not throttle.degraded


def test_names_and_keys_are_counted_apart(store):
    throttle = Throttle(LIMITS, **store)
    assert tries(throttle, 9)[0] == 5
    assert tries(throttle, 9, key="bia")[0] == 5
    assert tries(throttle, 9, name="public")[0] == 9


def test_a_proof_gives_the_tries_back(store):
    throttle = Throttle(LIMITS, **store)
    tries(throttle, 4)
    assert throttle.remaining("signin", "ana") == 1
    throttle.clear("signin", "ana")
    assert throttle.remaining("signin", "ana") == 5
    assert tries(throttle, 9)[0] == 5


def test_a_look_counts_nothing(store):
    throttle = Throttle(LIMITS, **store)
    assert all(throttle.test("signin", "ana") for _ in range(20))
    assert throttle.resets_in("signin", "ana") == 0
    tries(throttle, 5)
    assert not throttle.test("signin", "ana")
    assert 1 <= throttle.resets_in("signin", "ana") <= 60
    assert throttle.remaining("signin", "ana") == 0


@pytest.mark.parametrize("store", ["local", *TABLES], indirect=True)
def test_both_windows_hold(store, stopped):
    """5 a minute, and 10 in a quarter of an hour: C4."""
    throttle = Throttle(LIMITS, clock=stopped, **store)
    assert tries(throttle, 9)[0] == 5
    stopped.advance(seconds=61)
    assert tries(throttle, 9)[0] == 5
    stopped.advance(seconds=61)
    passed, refusal = tries(throttle, 9)
    assert passed == 0
    assert refusal.retry_after == 900 - 122
    stopped.advance(seconds=900 - 122)
    assert tries(throttle, 9)[0] == 5


@pytest.mark.parametrize("store", ["local", *TABLES], indirect=True)
def test_tries_that_are_refused_do_not_lengthen_the_wait(store, stopped):
    """Else anybody could keep somebody out by trying on and on."""
    throttle = Throttle({"signin": "5/minute"}, clock=stopped, **store)
    tries(throttle, 5)
    for _ in range(6):
        stopped.advance(seconds=9)
        assert tries(throttle, 3)[0] == 0
    stopped.advance(seconds=7)
    assert tries(throttle, 1)[0] == 1


def test_two_processes_share_what_is_shared(store):
    first, second = Throttle(LIMITS, **store), Throttle(LIMITS, **store)
    tries(first, 3)
    assert tries(second, 9)[0] == (2 if store else 5)


def test_keys_may_be_anything_and_are_not_stored(database):
    throttle = Throttle(LIMITS, engine=database, table=RateLimit.__table__)
    for key in ("ana@example.org", "", "\ud800", "x" * 100_000, "a/b", "a\x00b", "é"):
        assert tries(throttle, 7, key=key)[0] == 5
    rows = rows_of(throttle)
    assert rows
    assert all("example" not in row.key and len(row.key) < 100 for row in rows)


def rows_of(throttle):
    storage = throttle.shared.storage
    with storage.engine.connect() as connection:
        return connection.execute(storage.table.select()).all()


def test_expired_counters_are_swept_out(database, stopped):
    throttle = Throttle(
        LIMITS, engine=database, table=RateLimit.__table__, clock=stopped
    )
    for number in range(5):
        tries(throttle, 1, key=f"k{number}")
    assert len(rows_of(throttle)) == 10  # two windows each
    stopped.advance(minutes=2)
    throttle.shared.storage.tries = 998
    tries(throttle, 1, key="last")
    assert len(rows_of(throttle)) == 7  # the long windows, and two new ones


def test_counting_does_not_wait_for_the_request_it_serves(database):
    """On SQLite the request may hold the only write lock; it must not meet itself."""
    throttle = Throttle(LIMITS, engine=database, table=RateLimit.__table__)
    with database.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE busy (x INTEGER)")
        assert tries(throttle, 9)[0] == 5
        throttle.clear("signin", "ana")
    assert not throttle.degraded


def test_without_any_limit_nothing_is_limited(store):
    throttle = Throttle({}, **store)
    assert tries(throttle, 50)[0] == 50
    assert throttle.remaining("signin", "ana") is None
    assert throttle.test("signin", "ana")


def test_a_limit_nobody_wrote_down_is_a_bug():
    with pytest.raises(KeyError):
        Throttle(LIMITS).hit("sing-in", "ana")


@pytest.mark.parametrize("text", ["", "five a minute", "5", "5/fortnight", "-1/minute"])
def test_a_limit_that_cannot_be_read_stops_the_start(text):
    with pytest.raises(ConfigError, match="signin"):
        Throttle({"signin": text})


def test_a_store_nobody_knows_stops_the_start():
    with pytest.raises(ConfigError, match="REDIS_URL"):
        Throttle(LIMITS, redis_url="rodis://somewhere")


# When the store is away


def test_without_redis_limits_go_on_in_this_process(redis_server, stopped, caplog):
    throttle = Throttle(LIMITS, redis_url=redis_server.url, clock=stopped)
    assert tries(throttle, 3)[0] == 3
    redis_server.stop()
    with caplog.at_level(logging.WARNING):
        assert tries(throttle, 40)[0] == 5, "neither everybody nor nobody"
        stopped.advance(seconds=module.PAUSE_SECONDS + 1)
        tries(throttle, 1)
    assert throttle.degraded
    assert len(caplog.records) == 1, "said once, not with every request"
    redis_server.start()
    assert tries(throttle, 1)[0] == 0, "it is left alone for a while"
    stopped.advance(seconds=module.PAUSE_SECONDS + 1)
    assert tries(throttle, 40)[0] == 5, "and then asked again"
    assert not throttle.degraded


def test_a_redis_that_never_was_there_keeps_nobody_waiting():
    throttle = Throttle(LIMITS, redis_url="redis://127.0.0.1:1")
    clock = Clock()
    before = clock.now()
    assert tries(throttle, 40)[0] == 5
    assert (clock.now() - before).total_seconds() < 5
    assert throttle.degraded


def test_without_its_table_limits_go_on_in_this_process(database):
    throttle = Throttle(LIMITS, engine=database, table=RateLimit.__table__)
    tries(throttle, 1)
    with throttle.shared.storage.engine.begin() as connection:
        throttle.shared.storage.table.drop(connection)
    assert tries(throttle, 40, key="bia")[0] == 5
    assert throttle.degraded
    assert not throttle.shared.storage.check()


def test_a_proof_counts_also_for_the_time_without_redis(redis_server, stopped):
    throttle = Throttle(LIMITS, redis_url=redis_server.url, clock=stopped)
    redis_server.stop()
    tries(throttle, 9)
    throttle.clear("signin", "ana")
    assert tries(throttle, 9)[0] == 5
    redis_server.start()
    stopped.advance(seconds=module.PAUSE_SECONDS + 1)
    throttle.clear("signin", "ana")
    assert not throttle.degraded
    redis_server.stop()
    assert tries(throttle, 9)[0] == 5, "nothing is left of the first outage"
    redis_server.start()
