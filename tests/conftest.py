"""What all tests share: databases, a live server, an app in this process, a clock.

Everything that touches tables runs twice, on PostgreSQL and on SQLite: ``kind`` is
the parameter, and the fixtures that hang on it follow.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.live import LiveServer
from tests.support.loopback import stay_at_home
from tests.support.postgres import Cluster, cluster

KINDS = ("postgresql", "sqlite")


@pytest.fixture(scope="session", autouse=True)
def loopback_only() -> Iterator[None]:
    """No test speaks to the world."""
    with pytest.MonkeyPatch.context() as patch:
        stay_at_home(patch)
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A PostgreSQL of our own, started when the first test asks."""
    with cluster() as server:
        yield server


@pytest.fixture(scope="session", params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
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
def server(kind: str, make_database: Callable[[str], str]) -> Iterator[LiveServer]:
    """`authserver serve` in its own process; shared, so leave no limits or locks behind."""
    with LiveServer(database_url=make_database(kind)) as running:
        yield running
