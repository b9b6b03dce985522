"""Connections of PostgreSQL that have rested are asked whether they live."""

from contextlib import closing

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from authserver.models import engines

PID = text("SELECT pg_backend_pid()")
END = text("SELECT pg_terminate_backend(:pid)")
LAST = text("SELECT query FROM pg_stat_activity WHERE pid = :pid")


@pytest.fixture
def engine(upgraded):
    """The writing engine, with one connection."""
    url = upgraded.database_url
    engine = create_engine(url, **engines.engine_options(url, pool_size=1))
    engines.prepare(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def other(upgraded):
    with closing(engines.engine_for_one(upgraded.database_url).connect()) as connection:
        yield connection


def ask(engine, statement=PID, **params):
    with engine.begin() as connection:
        return connection.scalar(statement, params)


def test_one_that_died_while_it_rested_is_replaced(engine, other, monkeypatch):
    monkeypatch.setattr(engines, "REST_SECONDS", 0)
    before = ask(engine)
    other.execute(END, {"pid": before})
    assert ask(engine) != before


def test_a_busy_one_is_not_asked(engine, other):
    pid = ask(engine)
    with engine.connect():  # taken, and nothing said
        last = other.scalar(LAST, {"pid": pid})
    assert last == "COMMIT"


def test_a_busy_one_that_dies_fails_once(engine, other):
    """In production that is a 503; whoever comes next gets a new connection."""
    before = ask(engine)
    other.execute(END, {"pid": before})
    with pytest.raises(OperationalError):
        ask(engine)
    assert ask(engine) != before
