"""`kill -9` in the middle of a busy hour: what was acknowledged is true.

Two workers serve a thousand sign-ups and token requests; one after the
other is killed outright, and the server starts another in its place.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.journeys.crowd import Ledger, ask_for_tokens, sign_up_people
from tests.support.browser import Browser
from tests.support.enrolment import enrol_client, enrol_person
from tests.support.live import LiveServer, until
from tests.support.relying_party import RelyingParty

pytestmark = pytest.mark.live

THREADS = 8
EACH = 125  # a thousand requests in all
# Each worker once: of one that dies again within seconds the server says "crash loop"
# and ends, so that whoever watches over it starts it anew.
KILLS_AT = (200, 500)
LEASE = 60  # seconds that a dead worker's letters wait, see core/outbox.py


@pytest.fixture
def server(database_kind, make_migrated) -> Iterator[LiveServer]:
    url = make_migrated(database_kind)
    with LiveServer(database_url=url, command=("serve", "--workers", "2")) as server:
        yield server


@pytest.fixture
def machine(server: LiveServer, tmp_path: Path) -> RelyingParty:
    grants = ("authorization_code", "refresh_token", "client_credentials")
    return enrol_client(server, tmp_path, grant_types=grants)


def test_nothing_acknowledged_is_lost(server, machine, tmp_path):
    ledger = Ledger()
    families = begin_families(server, machine, tmp_path, count=THREADS // 2)
    last: dict[str, str] = {}

    def rotate(refresh_token: str) -> None:
        own = RelyingParty(machine.issuer, machine.registration)
        own.metadata = machine.metadata
        last[refresh_token] = ask_for_tokens(
            own, ledger, times=EACH, refresh_token=refresh_token
        )

    crowd = [threading.Thread(target=rotate, args=(token,)) for token in families]
    crowd += [
        threading.Thread(
            target=sign_up_people, args=(server.url, ledger), kwargs={"times": EACH}
        )
        for _ in range(THREADS - len(families))
    ]
    for one in crowd:
        one.start()
    kill_on_the_way(server, ledger)
    for one in crowd:
        one.join()
    print(f"{ledger.acknowledged} acknowledged, {ledger.unanswered} without an answer")

    assert ledger.refused == [], "a worker's death is silence, never a refusal"
    assert ledger.acknowledged + ledger.unanswered == THREADS * EACH
    assert ledger.acknowledged > THREADS * EACH * 0.8
    assert ledger.unanswered, "the workers died in the middle of something"
    every_acknowledged_person_exists_and_has_one_letter(server, ledger)
    every_token_is_active(machine, ledger.access + list(last.values()))
    assert "Traceback" not in server.log


def begin_families(server, machine, tmp_path, *, count: int) -> list[str]:
    """Sign somebody in so many times; give the refresh tokens."""
    person = enrol_person(server, tmp_path, claims={})
    with Browser(server.url) as browser:
        machine.metadata  # noqa: B018 -- discovered while nothing is being killed
        signed_in = [
            machine.sign_in(browser, person, scope="openid offline_access")
            for _ in range(count)
        ]
    return [each.tokens["refresh_token"] for each in signed_in]


def kill_on_the_way(server: LiveServer, ledger: Ledger) -> None:
    for number in KILLS_AT:
        until(
            lambda: ledger.acknowledged + ledger.unanswered >= number,  # noqa: B023
            f"{number} requests",
            patience=120,
        )
        before = {worker.pid for worker in server.workers()}
        oldest = min(server.workers(), key=psutil.Process.create_time)
        oldest.kill()
        until(
            lambda: {worker.pid for worker in server.workers()} - before,  # noqa: B023
            f"another worker in the place of {oldest.pid}",
        )


def every_acknowledged_person_exists_and_has_one_letter(server, ledger) -> None:
    crowd = {
        user["email"]
        for user in server.cli("user", "list", "--limit", "5000")
        if user["email"].startswith("crowd-")
    }
    assert set(ledger.signed_up) <= crowd

    # Of who got no answer some exist all the same; their letter was due with them.
    def written_to() -> Counter[str]:
        return Counter(
            mail["To"] for mail in server.mails() if mail["To"].startswith("crowd-")
        )

    until(
        lambda: set(written_to()) >= crowd,
        f"a letter to each of {len(crowd)}",
        patience=LEASE + 30,
    )
    server.run("mail", "deliver")
    assert written_to() == Counter(dict.fromkeys(crowd, 1))
    # The mailbox keeps one copy of a letter; the log tells of each that went out.
    assert server.log.count('"letter sent"') <= len(crowd)


def every_token_is_active(machine: RelyingParty, tokens: list[str]) -> None:
    dead = [
        token
        for token in tokens
        if machine.introspect(token).json().get("active") is not True
    ]
    assert dead == []
