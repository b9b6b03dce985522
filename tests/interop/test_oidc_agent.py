"""Debian's oidc-agent registers itself and signs a person in where there is no browser.

RFC 7591 and RFC 8628 by a program in C that many a research centre's people run: the
metadata that it sends are its own.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from tests.interop.oidc_agent import OidcAgent
from tests.support.browser import Browser
from tests.support.enrolment import enrol_person
from tests.support.live import LiveServer
from tests.support.person import Person

pytestmark = [
    pytest.mark.live,
    pytest.mark.interop,
    pytest.mark.skipif(
        os.environ.get("AUTHSERVER_TESTS_WITHOUT_OIDC_AGENT") == "1",
        reason="AUTHSERVER_TESTS_WITHOUT_OIDC_AGENT=1",
    ),
]

SCOPE = "openid profile offline_access"


@pytest.fixture(scope="module")
def door(
    database_kind: str, make_migrated: Callable[[str], str]
) -> Iterator[LiveServer]:
    """Who holds a token registers; a device asks every second."""
    env = {"REGISTRATION": "token", "POLL_INTERVAL": "1"}
    with LiveServer(database_url=make_migrated(database_kind), env=env) as running:
        yield running


@pytest.fixture(scope="module")
def somebody(door: LiveServer, tmp_path_factory: pytest.TempPathFactory) -> Person:
    folder: Path = tmp_path_factory.mktemp("interop")
    return enrol_person(door, folder, claims={})


@pytest.fixture
def agent() -> Iterator[OidcAgent]:
    with OidcAgent() as agent:
        yield agent.start()


def decide(door: LiveServer, somebody: Person, page: str, answer: str) -> None:
    with Browser(door.url) as browser:
        browser.open(page, from_elsewhere=True)
        browser.submit("device-submit")
        browser.fill(username=somebody.username, password=somebody.password)
        browser.submit("login-submit")
        browser.submit(f"device-{answer}")


def name_of(door: LiveServer, token: str) -> str | None:
    """Whom userinfo tells of, if the token is good."""
    with requests.Session() as http:
        http.trust_env = False
        header = {"Authorization": f"Bearer {token}"}
        answer = http.get(f"{door.url}/userinfo", headers=header, timeout=30)
    return answer.json()["name"] if answer.ok else None


@pytest.mark.spec("RFC 7591 §3.1")
@pytest.mark.spec("RFC 8628 §3.4")
def test_it_registers_itself_waits_refreshes_and_leaves(
    door: LiveServer, somebody: Person, agent: OidcAgent
) -> None:
    token = door.cli("client", "initial-token", "create")["token"]
    begun = agent.register(door.url, SCOPE, at=token)
    decide(door, somebody, begun.page(), "allow")
    assert begun.wait() == 0, begun.words

    (made,) = [
        one for one in door.cli("client", "list") if "oidc-agent" in one["client_name"]
    ]
    assert made["client_id"] in agent.log
    first = agent.token()
    assert name_of(door, first) == "Ada Lovelace"
    newer = agent.token("--force-new")
    assert newer != first and name_of(door, newer) == "Ada Lovelace"

    agent.forget()
    assert name_of(door, newer) is None


@pytest.mark.spec("RFC 8628 §3.5")
def test_it_is_told_of_a_person_who_says_no(
    door: LiveServer, somebody: Person, agent: OidcAgent
) -> None:
    token = door.cli("client", "initial-token", "create")["token"]
    begun = agent.register(door.url, SCOPE, at=token)
    decide(door, somebody, begun.page(), "deny")
    assert begun.wait() != 0
    assert "access_denied" in agent.log


@pytest.mark.spec("RFC 7591 §3")
def test_without_a_token_it_is_not_registered(
    door: LiveServer, agent: OidcAgent
) -> None:
    before = len(door.cli("client", "list"))
    begun = agent.register(door.url, SCOPE)
    assert begun.wait() != 0
    assert len(door.cli("client", "list")) == before
