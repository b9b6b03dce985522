"""A server where clients register themselves, and the clients that do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from joserfc.jwk import OctKey

from tests.support import enrolment
from tests.support.answer_rules import json_of
from tests.support.browser import Browser
from tests.support.live import LiveServer
from tests.support.person import Person
from tests.support.relying_party import Registration, RelyingParty
from tests.support.site import Site

CALLBACK = "https://rp.example/callback"


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Where apps put their logos, keys and lists."""
    with Site(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture(scope="session")
def open_server(
    database_kind: str, make_migrated: Callable[[str], str], site: Site
) -> Iterator[LiveServer]:
    """As for an examination: anybody may register, and is trusted."""
    env = {
        "REGISTRATION": "open",
        "REGISTERED_CLIENTS": "trusted",
        "OUTBOUND_ALLOW": "127.0.0.1",
        "FETCH_CA_FILE": site.bundle,
    }
    url = make_migrated(database_kind)
    with LiveServer(database_url=url, env=env) as running:
        yield running


@pytest.fixture(scope="session")
def register(open_server: LiveServer) -> Callable[..., RelyingParty]:
    """Register a client as the suite does; `registration.told` is what was answered."""
    return lambda **wishes: register_client(open_server.url, **wishes)


@pytest.fixture(scope="session")
def guest(open_server: LiveServer, folder: Path) -> Person:
    """Somebody with an account at the open server."""
    return enrolment.enrol_person(open_server, folder)


@pytest.fixture
def visitor(open_server: LiveServer) -> Iterator[Browser]:
    """A browser at home at the open server."""
    with Browser(open_server.url) as browser:
        yield browser


def post(issuer: str, given: Any, token: str | None = None) -> requests.Response:
    """Ask to be registered."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    url = f"{issuer}/register"
    return requests.post(url, json=given, headers=headers, timeout=30)


def register_client(
    issuer: str, *, key: Any = None, key_algorithm: str = "RS256", **wishes: Any
) -> RelyingParty:
    """Register, and give the relying party that plays the client."""
    given = {"redirect_uris": [CALLBACK]} | wishes
    told = json_of(post(issuer, given), status=201)
    method = told["token_endpoint_auth_method"]
    if method == "client_secret_jwt":
        key, key_algorithm = OctKey.import_key(told["client_secret"]), "HS256"
    after_logout = told.get("post_logout_redirect_uris", [])
    registration = Registration(
        told["client_id"],
        told.get("client_secret"),
        auth_method=method,
        redirect_uri=next(iter(told["redirect_uris"]), ""),
        post_logout_redirect_uri=next(iter(after_logout), ""),
        key=key,
        key_algorithm=key_algorithm,
        told=told,
    )
    return RelyingParty(issuer, registration)


def at_own_address(
    told: dict[str, Any], method: str = "GET", **more: Any
) -> requests.Response:
    """Speak to the client's own address, with its own token (RFC 7592)."""
    token = more.pop("token", told["registration_access_token"])
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    url = more.pop("url", told["registration_client_uri"])
    return requests.request(method, url, headers=headers, timeout=30, **more)
