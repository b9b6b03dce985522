"""What all tests share: databases, a live server, an app in this process, a clock.

Everything that touches tables runs twice, on PostgreSQL and on SQLite:
``database_kind`` is the parameter, and the fixtures that hang on it follow.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings as properties

from authserver.clock import FrozenClock
from authserver.config import Settings, load
from tests.support.live import LiveServer, authserver
from tests.support.loopback import stay_at_home
from tests.support.postgres import KINDS, Cluster, cluster

if TYPE_CHECKING:
    # Loaded where they are first asked for: tests of primitives take milliseconds.
    from flask import Flask
    from flask.testing import FlaskClient
    from flask_sqlalchemy import SQLAlchemy

    from authserver.services import Services
    from tests.support.tables import Furnishing

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
EVE = NOON - timedelta(days=1)

# Properties look for new examples at a desk, and repeat themselves in CI; how long
# one takes says nothing on a shared machine.
properties.register_profile("house", deadline=None, derandomize="CI" in os.environ)
properties.load_profile("house")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Share the tests among processes, under `-n 4`."""
    from tests.support.sharing import ByFileAndDatabase

    return ByFileAndDatabase(config, log)


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


# -- A server in a process of its own


@pytest.fixture(scope="session")
def server(
    database_kind: str, make_database: Callable[[str], str]
) -> Iterator[LiveServer]:
    """`authserver serve`; shared, so leave no limits or locks behind."""
    with LiveServer(database_url=make_database(database_kind)) as running:
        yield running


# -- The application in this process


@pytest.fixture(scope="session")
def environment(
    database_kind: str,
    make_database: Callable[[str], str],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, str]:
    """What the application in this process is set to; its database is migrated."""
    environ = {
        "APP_ENV": "test",
        "AUTHSERVER_HOME": str(tmp_path_factory.mktemp("home")),
        "APP_URL": "https://auth.example.test",
        "DATABASE_URL": make_database(database_kind),
        "KEY_ENCRYPTION_KEY": base64.b64encode(os.urandom(32)).decode(),
        "RATE_LIMITS": "off",
        "ARGON2_MEMORY_KIB": "1024",
    }
    authserver("db", "upgrade", env=environ)
    return environ


@pytest.fixture(scope="session")
def settings(environment: dict[str, str]) -> Settings:
    return load(environment)


@pytest.fixture(scope="session")
def stopped_clock() -> FrozenClock:
    return FrozenClock(NOON)


@pytest.fixture(scope="session")
def app(settings: Settings, stopped_clock: FrozenClock) -> Iterator[Flask]:
    """The application on a migrated database; its clock stands still."""
    from sqlalchemy import update

    from authserver.app import create_app
    from authserver.models import StoredKey, db

    application = create_app(settings, clock=stopped_clock)
    with application.app_context():
        # A command has made them, by the clock on the wall.
        db.session.execute(update(StoredKey).values(created_at=EVE))
        signs = StoredKey.activated_at.is_not(None)
        db.session.execute(update(StoredKey).where(signs).values(activated_at=EVE))
        db.session.commit()
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
