"""A server that may fetch from this machine: what clients lay down lies here."""

from collections.abc import Callable, Iterator

import pytest

from tests.support.cast import (  # noqa: F401 -- fixtures
    ada,
    browser,
    enrol_client,
    folder,
)
from tests.support.key_host import KeyHost
from tests.support.live import LiveServer
from tests.support.objects import CALLBACKS
from tests.support.relying_party import RelyingParty


@pytest.fixture(scope="session")
def server(
    database_kind: str, make_migrated: Callable[[str], str]
) -> Iterator[LiveServer]:
    with LiveServer(
        database_url=make_migrated(database_kind), env={"OUTBOUND_ALLOW": "127.0.0.1"}
    ) as running:
        yield running


@pytest.fixture(scope="session")
def host() -> Iterator[KeyHost]:
    """Where the client lays its request objects."""
    with KeyHost() as running:
        yield running


@pytest.fixture(scope="session")
def jar_rp(
    enrol_client: Callable[..., RelyingParty],  # noqa: F811 -- the fixture
    host: KeyHost,
) -> RelyingParty:
    """A client that has registered keys and one address, with a hash behind it."""
    return enrol_client(
        auth_method="private_key_jwt",
        redirect_uris=CALLBACKS,
        metadata={"request_uris": [f"{host.url}#hash-of-something-else"]},
    )


@pytest.fixture(scope="session")
def sealing_rp(
    enrol_client: Callable[..., RelyingParty],  # noqa: F811 -- the fixture
) -> RelyingParty:
    """A client that has said that it may encrypt what it asks."""
    return enrol_client(
        auth_method="private_key_jwt",
        metadata={"request_object_encryption_alg": "ECDH-ES"},
    )
