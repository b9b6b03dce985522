"""How often, at /v1: by network and by account, in both windows (C4).

A server of two processes, so that a count is one count wherever it is made.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from tests.support.caller import PASSWORD
from tests.support.live import LiveServer

pytestmark = pytest.mark.live

WRONG = "not the right one"
networks = itertools.count(1)
people = itertools.count(1)


@pytest.fixture(scope="module")
def limited(
    database_kind: str, make_migrated: Callable[[str], str]
) -> Iterator[LiveServer]:
    """As in production: limits hold. The test plays the proxy in front of it."""
    with LiveServer(
        database_url=make_migrated(database_kind),
        command=("serve", "--workers", "2"),
        env={"RATE_LIMITS": "on", "TRUSTED_PROXIES": "127.0.0.1"},
    ) as server:
        yield server


@pytest.fixture
def post(limited: LiveServer) -> Callable[..., requests.Response]:
    """Call from a network of one's own; `network=` says which."""
    own = f"203.0.113.{next(networks)}"

    def go(path: str, given: Any, network: str = own) -> requests.Response:
        return requests.post(
            f"{limited.url}/v1{path}",
            json=given,
            headers={"X-Forwarded-For": network},
            timeout=30,
        )

    return go


@pytest.fixture
def person(limited: LiveServer) -> str:
    """Somebody verified."""
    email = f"person{next(people)}@example.test"
    limited.cli(
        "user", "create", "--email", email, "--password", PASSWORD, "--verified"
    )
    return email


def fresh_networks() -> Iterator[str]:
    return (
        f"198.51.{n // 250}.{n % 250 + 1}" for n in itertools.count(next(networks) * 60)
    )


def test_five_a_minute_from_one_network(post: Callable[..., Any]) -> None:
    """Sign-in and sign-up share one count, by whatever path (S0, S3)."""
    paths = ["/auth/signin", "/auth/login", "/auth/signup", "/auth/register"]
    answers = [
        post(paths[n % 4], {"email": f"nobody{n}@example.test", "password": WRONG})
        for n in range(7)
    ]
    assert [a.status_code == 429 for a in answers] == [False] * 5 + [True] * 2
    lefts = [a.headers["RateLimit-Remaining"] for a in answers]
    assert lefts == ["4", "3", "2", "1", "0", "0", "0"]
    last = answers[-1]
    assert last.headers["RateLimit-Limit"] == "5"
    assert last.headers["RateLimit-Policy"].startswith("5;w=60")
    wait = int(last.headers["Retry-After"])
    assert 0 < wait <= 60
    assert int(last.headers["RateLimit-Reset"]) == wait
    body = last.json()
    assert (body["success"], body["code"]) == (False, "AUTH_006")


def test_the_address_of_an_ipv6_customer_is_their_network(
    post: Callable[..., Any],
) -> None:
    """A /64 is one customer; RFC 6177."""
    base = f"2001:db8:{next(networks):x}::"
    for n in range(5):
        given = {"email": f"six{n}@example.test", "password": WRONG}
        assert post("/auth/signin", given, f"{base}{n + 1:x}").status_code == 401
    given = {"email": "six@example.test", "password": WRONG}
    assert post("/auth/signin", given, f"{base}ffff").status_code == 429


def test_five_a_minute_for_one_account_from_everywhere(
    post: Callable[..., Any], person: str
) -> None:
    """And every spelling of the address is the same account; unknown ones too."""
    for email in (person, f"unknown{next(people)}@example.test"):
        spellings = itertools.cycle([email, email.upper(), f" {email} "])
        answers = [
            post(
                "/auth/signin",
                {"email": next(spellings), "password": WRONG},
                next(others),
            )
            for others in [fresh_networks()]
            for _ in range(7)
        ]
        assert [a.status_code for a in answers] == [401] * 5 + [429] * 2
        assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
        assert answers[-1].headers["RateLimit-Remaining"] == "0"


def test_other_public_calls_twenty_a_minute(post: Callable[..., Any]) -> None:
    answers = [
        post("/auth/forgot-password", {"email": f"n{n}@example.test"})
        for n in range(21)
    ]
    assert [a.status_code for a in answers] == [200] * 20 + [429]
    assert answers[0].headers["RateLimit-Policy"] == "20;w=60"


def test_questions_are_limited_too(limited: LiveServer) -> None:
    """Else check-availability would list the accounts."""
    network = {"X-Forwarded-For": f"203.0.113.{next(networks)}"}
    url = f"{limited.url}/v1/auth/check-availability?username=somebody"
    found = [requests.get(url, headers=network, timeout=30) for _ in range(21)]
    assert [a.status_code for a in found] == [200] * 20 + [429]


def test_forty_at_one_moment_are_five_tries(
    post: Callable[..., Any], person: str, limited: LiveServer
) -> None:
    """Each from another network, all at once, over two processes."""
    others = fresh_networks()
    start, answers = threading.Barrier(40), []

    def go(network: str) -> None:
        start.wait()
        given = {"email": person, "password": WRONG}
        answers.append(post("/auth/signin", given, network).status_code)

    racers = [threading.Thread(target=go, args=(next(others),)) for _ in range(40)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert sorted(answers) == [401] * 5 + [429] * 35


def test_a_right_password_gives_the_tries_back(
    post: Callable[..., Any], person: str
) -> None:
    others = fresh_networks()
    for password in [WRONG] * 4 + [PASSWORD] + [WRONG] * 4 + [PASSWORD]:
        given = {"email": person, "password": password}
        answer = post("/auth/signin", given, next(others))
        assert answer.status_code == (200 if password == PASSWORD else 401)
