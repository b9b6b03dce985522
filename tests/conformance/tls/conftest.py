"""The cast again, at a server that speaks TLS itself: what FAPI 2.0 is examined on."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.cast import (  # noqa: F401 -- fixtures
    ada,
    browser,
    enrol_client,
    folder,
    grace,
    other_rp,
    public_rp,
    rp,
)
from tests.support.tls_live import TlsServer


@pytest.fixture(scope="session")
def server(
    database_kind: str,
    make_migrated: Callable[[str], str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[TlsServer]:
    """`authserver serve` by TLS, with two workers; shared, so leave nothing behind."""
    where: Path = tmp_path_factory.mktemp("tls")
    command = ("serve", "--workers", "2")
    url = make_migrated(database_kind)
    with TlsServer(where, database_url=url, command=command) as running:
        yield running
