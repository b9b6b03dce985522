"""What all tests share: databases, a live server, an app in this process, a clock.

Everything that touches tables runs twice, on PostgreSQL and on SQLite:
``database_kind`` is the parameter, and the fixtures that hang on it follow.
"""

from __future__ import annotations

import gc
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings as properties

from authserver.clock import FrozenClock
from authserver.config import Settings, load
from tests.support.live import KEY_ENCRYPTION_KEY, LiveServer, migrate
from tests.support.loopback import stay_at_home
from tests.support.noon import NOON
from tests.support.postgres import KINDS, Cluster, cluster

if TYPE_CHECKING:
    # Loaded where they are first asked for: tests of primitives take milliseconds.
    from flask import Flask
    from flask.testing import FlaskClient
    from flask_sqlalchemy import SQLAlchemy

    from authserver.services import Services
    from tests.support.reader import Reader
    from tests.support.tables import Furnishing

# Properties look for new examples at a desk, and repeat themselves in CI; how long
# one takes says nothing on a shared machine.
properties.register_profile("house", deadline=None, derandomize="CI" in os.environ)
properties.load_profile("house")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Share the tests among processes, under `-n 4`."""
    from tests.support.sharing import ByFileAndDatabase

    return ByFileAndDatabase(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest; pytest has put each database's tests together."""
    from tests.support.sharing import place_of

    items.sort(key=lambda item: place_of(item.nodeid))


def pytest_collection_finish() -> None:
    """Thousands of tests stay; a search for garbage need not walk through them."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)  # as in a worker of ours


@pytest.fixture(scope="session", autouse=True)
def loopback_only() -> Iterator[None]:
    """No test speaks to the world."""
    with pytest.MonkeyPatch.context() as patch:
        stay_at_home(patch)
        yield


# -- Databases


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A PostgreSQL of our own, started when the first test asks."""
    with cluster() as server:
        yield server


@pytest.fixture(scope="session", params=KINDS)
def database_kind(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="session")
def make_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], str]:
    """Give an empty database of a kind: `make_database("sqlite")` is its URL."""

    def make(kind: str) -> str:
        if kind == "sqlite":
            folder: Path = tmp_path_factory.mktemp("database")
            return f"sqlite:///{folder}/authserver.db"
        return request.getfixturevalue("postgres").create_database()

    return make


@pytest.fixture(scope="session")
def make_migrated(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], str]:
    """The same as ``authserver db upgrade`` leaves it: a copy of the first one."""

    @cache
    def template() -> Path:
        path: Path = tmp_path_factory.mktemp("template") / "authserver.db"
        migrate(f"sqlite:///{path}")
        return path

    def make(kind: str) -> str:
        if kind == "sqlite":
            path = tmp_path_factory.mktemp("database") / "authserver.db"
            with closing(sqlite3.connect(template())) as first:
                first.execute("VACUUM INTO ?", [str(path)])  # with what its WAL holds
            return f"sqlite:///{path}"
        return request.getfixturevalue("postgres").create_database(prepare=migrate)

    return make


# -- A server in a process of its own


@pytest.fixture(scope="session")
def server(
    database_kind: str, make_migrated: Callable[[str], str]
) -> Iterator[LiveServer]:
    """`authserver serve`; shared, so leave no limits or locks behind."""
    with LiveServer(database_url=make_migrated(database_kind)) as running:
        yield running


# -- The application in this process


@pytest.fixture(scope="session")
def environment(
    database_kind: str,
    make_migrated: Callable[[str], str],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, str]:
    """What the application in this process is set to; its database is migrated."""
    return {
        "APP_ENV": "test",
        "AUTHSERVER_HOME": str(tmp_path_factory.mktemp("home")),
        "APP_URL": "https://auth.example.test",
        "DATABASE_URL": make_migrated(database_kind),
        "KEY_ENCRYPTION_KEY": KEY_ENCRYPTION_KEY,
        "RATE_LIMITS": "off",
        "ARGON2_MEMORY_KIB": "1024",
    }


@pytest.fixture(scope="session")
def settings(environment: dict[str, str]) -> Settings:
    return load(environment)


@pytest.fixture(scope="session")
def stopped_clock() -> FrozenClock:
    return FrozenClock(NOON)


@pytest.fixture(scope="session")
def app(settings: Settings, stopped_clock: FrozenClock) -> Iterator[Flask]:
    """The application on a migrated database; its clock stands still."""
    from authserver.app import create_app
    from authserver.models import db

    application = create_app(settings, clock=stopped_clock)
    yield application
    with application.app_context():
        application.extensions["services"].reads.engine.dispose()
        db.engine.dispose()


@pytest.fixture(scope="session")
def furnishing(app: Flask) -> Furnishing:
    """What a migration leaves in the tables, so that it can be put back."""
    from authserver.models import db
    from tests.support.tables import Furnishing

    with app.app_context():
        return Furnishing(db.engine)


@pytest.fixture
def clock(stopped_clock: FrozenClock) -> FrozenClock:
    """The application's clock, at noon again: `clock.advance(minutes=5)`."""
    stopped_clock.moment = NOON
    return stopped_clock


@pytest.fixture
def db(app: Flask, furnishing: Furnishing, clock: FrozenClock) -> Iterator[SQLAlchemy]:
    """The tables as after a migration, within an application context.

    Tests commit for real, since half of what is read goes through an engine that
    sees only what is committed; afterwards the tables are put back.
    """
    from authserver.models import db

    try:
        with app.app_context():
            yield db
            db.session.rollback()
    finally:
        furnishing.put_back()


@pytest.fixture
def services(app: Flask, db: SQLAlchemy) -> Services:
    """The core, wired as the server wires it."""
    return app.extensions["services"]


@pytest.fixture
def client(
    app: Flask, furnishing: Furnishing, clock: FrozenClock
) -> Iterator[FlaskClient]:
    """Requests without a socket; https, as behind a proxy that ends TLS."""
    try:
        yield app.test_client()
    finally:
        furnishing.put_back()


@pytest.fixture
def make_reader(
    app: Flask, furnishing: Furnishing, clock: FrozenClock
) -> Iterator[Callable[..., Reader]]:
    """Give browsers; the tables are put back when all are done."""
    from tests.support.reader import Reader

    try:
        yield lambda **more: Reader(app, clock, **more)
    finally:
        app.extensions["services"].clients.cache.clear()
        app.extensions["services"].brands.forget()
        furnishing.put_back()
