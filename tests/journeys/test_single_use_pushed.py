"""A pushed request is answered once, whoever comes with it at the same moment.

Fifty requests, two worker processes, both databases (RFC 9126 §7.3).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.journeys.crowd import race
from tests.support.browser import Browser, Page
from tests.support.enrolment import enrol_client, enrol_person
from tests.support.live import LiveServer
from tests.support.person import Person
from tests.support.relying_party import RelyingParty

pytestmark = pytest.mark.live

MANY = 50


@pytest.fixture(scope="module")
def server(
    database_kind: str, make_migrated: Callable[[str], str]
) -> Iterator[LiveServer]:
    with LiveServer(
        database_url=make_migrated(database_kind),
        command=("serve", "--workers", "2"),
    ) as server:
        yield server


@pytest.fixture(scope="module")
def client(server: LiveServer, tmp_path_factory) -> RelyingParty:
    return enrol_client(server, tmp_path_factory.mktemp("client"))


@pytest.fixture(scope="module")
def person(server: LiveServer, tmp_path_factory) -> Person:
    return enrol_person(server, tmp_path_factory.mktemp("person"), claims={})


def opening(browser: Browser, url: str) -> Callable[[], str]:
    """Open an address with the cookies of this browser; give the code, or the status."""
    cookies = "; ".join(f"{one.name}={one.value}" for one in browser.cookies)

    def send() -> str:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.get(
                url, headers={"Cookie": cookies}, allow_redirects=False, timeout=60
            )
        place = urlsplit(answer.headers.get("Location", ""))
        return next(
            iter(parse_qs(place.query).get("code", [])), str(answer.status_code)
        )

    return send


def told(answers: list[str]) -> tuple[int, Counter[str]]:
    """How many codes there were, and what the others heard."""
    refusals = Counter(one for one in answers if len(one) == 3)
    return len(answers) - refusals.total(), refusals


def test_fifty_with_one_request_uri(client: RelyingParty, person: Person) -> None:
    """Signed in and with consent: each of them could have had a code."""
    with Browser(client.issuer) as browser:
        client.sign_in(browser, person)
        ask = client.pushed(client.ask(pkce=True))
        codes, refusals = told(race([opening(browser, ask.url)] * MANY))
    assert codes == 1
    assert set(refusals) <= {"400", "404"}, refusals


def test_fifty_that_had_all_been_waiting(client: RelyingParty, person: Person) -> None:
    """Fifty pages of one request, each with an interaction of its own."""
    ask = client.pushed(client.ask(pkce=True, prompt="login"))
    with Browser(client.issuer) as browser:
        pages = [browser.open(ask.url) for _ in range(MANY)]
        person.walk(browser, browser.open("/signin"))
        waiting = [
            f"{client.issuer}/authorize/resume?{urlsplit(page.url).query}"
            for page in pages
            if isinstance(page, Page)
        ]
        assert len(waiting) == MANY
        codes, refusals = told(race([opening(browser, url) for url in waiting]))
    assert codes == 1
    assert set(refusals) <= {"400", "404"}, refusals
