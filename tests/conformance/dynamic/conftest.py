"""The server as it is set up for the plans beyond Basic: older flows are on.

Two workers, so that what one of them has learnt is not what all know.
"""

from collections.abc import Callable, Iterator

import pytest

from tests.support.cast import (  # noqa: F401 -- fixtures
    ada,
    browser,
    enrol_client,
    faultless,
    folder,
    other_rp,
    rp,
)
from tests.support.key_host import KeyHost
from tests.support.live import LiveServer
from tests.support.older_flows import HYBRID, IMPLICIT, OlderFlow
from tests.support.relying_party import RelyingParty

EVERY = (*IMPLICIT, *HYBRID)
"""The response types that are off by default."""
ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")


@pytest.fixture(scope="session")
def server(
    database_kind: str, make_migrated: Callable[[str], str]
) -> Iterator[LiveServer]:
    chosen = {
        "LEGACY_RESPONSE_TYPES": "on",
        "OUTBOUND_ALLOW": "127.0.0.1",
        "SIGNING_ALGORITHMS": ",".join(ALGORITHMS),
    }
    server = LiveServer(
        database_url=make_migrated(database_kind),
        command=("serve", "--workers", "2"),
        env=chosen,
    )
    try:
        yield server.start()  # as `db upgrade` leaves it: with a key of each algorithm
    finally:
        server.stop()


@pytest.fixture
def key_host() -> Iterator[KeyHost]:
    """Where a client publishes its keys."""
    with KeyHost() as host:
        yield host


@pytest.fixture(scope="session")
def older_rp(
    enrol_client: Callable[..., RelyingParty],  # noqa: F811 -- the fixture
) -> RelyingParty:
    """A client that has registered every response type there is."""
    return enrol_client(
        grant_types=("authorization_code", "implicit", "refresh_token"),
        metadata={"response_types": ["code", *EVERY]},
    )


@pytest.fixture(params=[None, "form_post"], ids=["fragment", "form_post"])
def mode(request: pytest.FixtureRequest) -> str | None:
    return request.param


@pytest.fixture(params=EVERY, ids=[one.replace(" ", "+") for one in EVERY])
def flow(
    older_rp: RelyingParty, request: pytest.FixtureRequest, mode: str | None
) -> OlderFlow:
    return OlderFlow(older_rp, request.param, mode)


@pytest.fixture(params=HYBRID, ids=[one.replace(" ", "+") for one in HYBRID])
def hybrid(
    older_rp: RelyingParty, request: pytest.FixtureRequest, mode: str | None
) -> OlderFlow:
    return OlderFlow(older_rp, request.param, mode)
