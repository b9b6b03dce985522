"""The cast of the conformance tests."""

import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.adapters.authority import Authority
from tests.support import enrolment
from tests.support.cast import (  # noqa: F401 -- fixtures
    ada,
    browser,
    client,
    enrol_client,
    fapi_rp,
    folder,
    grace,
    other_rp,
    par_rp,
    post_client,
    post_rp,
    public_rp,
    rp,
)
from tests.support.listener import Listener
from tests.support.live import LiveServer
from tests.support.receiver import Receiver
from tests.support.registering import (  # noqa: F401 -- fixtures
    guest,
    open_server,
    register,
    site,
    visitor,
)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Signs the certificates of clients' servers; ours trusts it."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def outgoing(
    database_kind: str, make_migrated: Callable[[str], str], authority: Authority
) -> Iterator[LiveServer]:
    """A server that may call clients on this machine, and lets them watch sessions."""
    settings = {
        "OUTBOUND_ALLOW": "127.0.0.1",
        "FETCH_CA_FILE": str(authority.bundle),
        "SESSION_MANAGEMENT": "on",
    }
    url = make_migrated(database_kind)
    with LiveServer(database_url=url, env=settings) as running:
        yield running


@pytest.fixture
def enrol_receiver(outgoing: LiveServer, folder: Path) -> Callable[..., Receiver]:  # noqa: F811
    """Make clients that receive security events."""
    grants = ("authorization_code", "refresh_token", "client_credentials")
    scope = "openid offline_access ssf.manage"
    return lambda *more: Receiver(
        enrolment.enrol_client(
            outgoing, folder, scope=scope, grant_types=grants, more=more
        )
    )


@pytest.fixture
def receiver(enrol_receiver: Callable[..., Receiver]) -> Receiver:
    """One of them."""
    return enrol_receiver()


@pytest.fixture
def shop(authority: Authority) -> Iterator[Listener]:
    """A client's own server, by https."""
    with Listener(context=tls(authority)) as listener:
        yield listener


@pytest.fixture
def desk(authority: Authority) -> Iterator[Listener]:
    """Another client's."""
    with Listener(context=tls(authority)) as listener:
        yield listener


def tls(authority: Authority) -> ssl.SSLContext:
    """What a server on 127.0.0.1 shows."""
    certificate = authority.issue("127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.chain, Path(certificate.key))
    return context
