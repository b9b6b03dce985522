"""Our server beside two providers: npm's oidc-provider, and one in GitHub's shape."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.interop.somebody_else import SomebodyElse
from tests.interop.traveller import FRONT_END, Traveller
from tests.support.browser import Browser
from tests.support.enrolment import enrol_person
from tests.support.hub import Hub
from tests.support.live import LiveServer
from tests.support.person import Person
from tests.support.ports import free_port

GOOGLE = {
    "client_id": "at-google",
    "client_secret": "google-secret",
    "token_endpoint_auth_method": "client_secret_post",
}
CORP = {
    "client_id": "at corp",
    "client_secret": "s3cret+/=%&",
    "token_endpoint_auth_method": "client_secret_basic",
}
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def hub():
    with Hub("at-hub", "hub-secret") as hub:
        yield hub


@pytest.fixture(scope="session")
def world(database_kind, make_migrated, hub):
    """Our server beside its two providers."""
    server = LiveServer(database_url=make_migrated(database_kind))
    server.port = free_port()
    place = f"{server.url}/v1/auth/oauth"
    clients = (
        GOOGLE | {"redirect_uris": [f"{place}/google/callback"]},
        CORP | {"redirect_uris": [f"{place}/corp/callback"]},
    )
    with SomebodyElse(*clients) as google:
        corp = {name: CORP[name] for name in ("client_id", "client_secret")}
        corp |= {"name": "corp", "title": "Corp ID", "issuer": google.issuer}
        server.more |= {
            "GOOGLE_CLIENT_ID": GOOGLE["client_id"],
            "GOOGLE_CLIENT_SECRET": GOOGLE["client_secret"],
            "GOOGLE_ISSUER": google.issuer,
            "GITHUB_CLIENT_ID": "at-hub",
            "GITHUB_CLIENT_SECRET": "hub-secret",
            "GITHUB_URL": hub.url,
            "GITHUB_API_URL": f"{hub.url}/api",
            "OIDC_PROVIDERS": json.dumps([corp]),
            "OUTBOUND_ALLOW": "127.0.0.1",
            "CORS_ORIGINS": FRONT_END,
        }
        with server:
            server.google = google
            yield server


@pytest.fixture
def google(world):
    return world.google


@pytest.fixture
def somebody(world):
    """A browser, and an address that nobody has."""
    traveller = Traveller(world.url)
    traveller.number = next(_numbers)
    traveller.email = f"ada{traveller.number}@elsewhere.example"
    yield traveller
    traveller.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("interop")


@pytest.fixture(scope="module")
def person(server: LiveServer, folder: Path) -> Person:
    """Somebody who lets every app in."""
    return enrol_person(server, folder, claims={})


@pytest.fixture
def browser(server: LiveServer) -> Iterator[Browser]:
    with Browser(server.url) as browser:
        yield browser
