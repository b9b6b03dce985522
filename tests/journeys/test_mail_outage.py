"""A thousand letters, a mail server on a bad day, and workers that are killed.

SMTP knows no commit in two phases: between the server's 250 and our mark there is a
moment in which whoever dies cannot tell whether the letter was taken (RFC 5321
§4.1.1.4, §6.1).  Such a letter goes again, under the same Message-ID.  So of each
worker that is killed one letter may arrive twice; none of any other, and none is lost.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator

import psutil
import pytest

from tests.journeys.storm import FAIR, KINDS, STORM, Letters, PostOffice
from tests.support.live import LiveServer, until
from tests.support.node import Node

# The mail server of this test drops connections: what it leaves unclosed is the point.
pytestmark = [
    pytest.mark.live,
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

THREADS = 4
PEOPLE = 25  # of each thread
EACH = 10  # letters to each of them
ALL = THREADS * PEOPLE * EACH
# Each worker once; see test_kill_nine.
KILLS_AT = (ALL // 3, ALL * 2 // 3)
CLAIMED_AT_ONCE = 20
ENOUGH_STORM = 60  # letters that met one kind of weather or another


@pytest.fixture
def office() -> Iterator[PostOffice]:
    office = PostOffice()
    try:
        yield office
    finally:
        office.shut()


@pytest.fixture
def server(database_kind, make_migrated, office) -> Iterator[LiveServer]:
    url = make_migrated(database_kind)
    env = {"MAIL_HOST": "127.0.0.1", "MAIL_PORT": str(office.port)}
    command = ("serve", "--workers", "2")
    with LiveServer(database_url=url, command=command, env=env) as server:
        yield server


def test_every_letter_arrives_whatever_the_mail_server_does(server, office):
    letters, weather = Letters(), office.weather
    crowd = [
        threading.Thread(
            target=letters.cause,
            args=(server.url,),
            kwargs={"people": PEOPLE, "each": EACH},
        )
        for _ in range(THREADS)
    ]
    for one in crowd:
        one.start()
    until(lambda: "ConnectionRefusedError" in server.log, "a server that is away")
    weather.now = STORM
    office.open()
    for number in KILLS_AT:
        until(lambda: letters.asked >= number, f"{number} requests", patience=120)  # noqa: B023
        kill_one_that_sends(server, office)
    for one in crowd:
        one.join()
    node = Node(server.database_url, server.home)
    pauses_end(node)
    until(lambda: weather.met >= ENOUGH_STORM, "the worst of the storm")
    office.shut()
    weather.now = FAIR
    office.open()
    # What is still claimed when the living have ended in order, the dead have claimed.
    server.stop(keep_home=True)
    assert claimed(node) <= len(KILLS_AT) * CLAIMED_AT_ONCE
    leases_end(node)
    pauses_end(node)
    server.start(migrate=False)
    until(lambda: not waiting(node), "the last letter", patience=60)

    print(f"{letters.promised.total()} promised, {weather.seen}")
    assert letters.refused == [], "mail is no reason to refuse anybody"
    assert letters.promised.total() > 0.9 * ALL
    assert all(weather.seen[kind] for kind in KINDS)
    each_letter_arrived(node, letters, weather.taken)
    assert "Traceback" not in server.log


def each_letter_arrived(
    node: Node, letters: Letters, taken: list[tuple[str, str]]
) -> None:
    written = Counter(
        dict(node.sql("SELECT recipient, count(*) FROM {}outbox GROUP BY recipient"))
    )
    # A request without an answer may have done its work.
    assert letters.promised <= written <= letters.promised + letters.unanswered
    assert Counter(to for _, to in set(taken)) == written
    copies = Counter(name for name, _ in taken)
    assert len(copies) == written.total()
    print(f"{written.total()} letters, {len(taken)} arrived")
    assert copies.total() - len(copies) <= len(KILLS_AT)


def kill_one_that_sends(server: LiveServer, office: PostOffice) -> None:
    """`kill -9` the oldest worker while letters go out."""
    before, taken = {one.pid for one in server.workers()}, len(office.weather.taken)
    until(lambda: len(office.weather.taken) > taken, "a letter on its way")
    min(server.workers(), key=psutil.Process.create_time).kill()
    until(lambda: {one.pid for one in server.workers()} - before, "another worker")


def claimed(node: Node) -> int:
    asked = "SELECT count(*) FROM {}outbox WHERE claimed_until IS NOT NULL"
    return node.sql(asked)[0][0]


def waiting(node: Node) -> int:
    return node.sql("SELECT count(*) FROM {}outbox WHERE status <> 'sent'")[0][0]


def pauses_end(node: Node) -> None:
    """Let what was refused be due again, as after minutes; what is claimed stays so."""
    node.sql(
        "UPDATE {}outbox SET not_before = created_at "
        "WHERE status = 'waiting' AND claimed_until IS NULL"
    )


def leases_end(node: Node) -> None:
    """Let what the dead have claimed be anybody's, as after a minute."""
    node.sql("UPDATE {}outbox SET claimed_until = NULL WHERE status = 'waiting'")
