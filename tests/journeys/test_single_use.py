"""What may be used once is used once, whoever comes at the same moment.

Fifty threads, two worker processes, both databases; eight where a page is in the way.  A
replay takes the family down,
and that outlives the refusal (RFC 6749 §4.1.2, RFC 9700 §2.1.1 and §4.14.2).
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.crowd import PASSWORD, press, race
from tests.support.browser import Browser, Page
from tests.support.enrolment import enrol_client, enrol_person
from tests.support.live import LiveServer
from tests.support.person import Person
from tests.support.relying_party import RelyingParty, SignedIn

pytestmark = pytest.mark.live

RACERS, MANY = 8, 50
TWO_WORKERS = ("serve", "--workers", "2")
OFFLINE = "openid offline_access"


@pytest.fixture(scope="module")
def server(database_kind, make_migrated) -> Iterator[LiveServer]:
    with LiveServer(
        database_url=make_migrated(database_kind), command=TWO_WORKERS
    ) as server:
        yield server


@pytest.fixture(scope="module")
def graceless(database_kind, make_migrated) -> Iterator[LiveServer]:
    """The same without the grace for a lost answer: a replay is a replay at once."""
    with LiveServer(
        database_url=make_migrated(database_kind),
        command=TWO_WORKERS,
        env={"REFRESH_GRACE": "0"},
    ) as server:
        yield server


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("single-use")


@pytest.fixture(scope="module")
def client(server, folder) -> RelyingParty:
    return enrol_client(server, folder)


@pytest.fixture(scope="module")
def strict_client(graceless, folder) -> RelyingParty:
    return enrol_client(graceless, folder)


@pytest.fixture(scope="module")
def person(server, folder) -> Person:
    return enrol_person(server, folder, claims={})


@pytest.fixture(scope="module")
def strict_person(graceless, folder) -> Person:
    return enrol_person(graceless, folder, claims={})


def signed_in(client: RelyingParty, person: Person) -> SignedIn:
    with Browser(client.issuer) as browser:
        return client.sign_in(browser, person, scope=OFFLINE)


def copies(client: RelyingParty, number: int = MANY) -> list[RelyingParty]:
    """As many processes of one client, each with its own connection."""
    made = []
    for _ in range(number):
        copy = RelyingParty(client.issuer, client.registration)
        copy.metadata = client.metadata
        made.append(copy)
    return made


def is_active(client: RelyingParty, token: str) -> bool:
    return client.introspect(token).json()["active"]


def test_fifty_with_one_code(client, person):
    ask = client.ask(scope=OFFLINE, pkce=True)
    with Browser(client.issuer) as browser:
        walk = person.walk(browser, browser.open(ask.url))
    code = client.receive(ask, walk.departure)["code"]

    answers = race([lambda c=c: c.redeem(ask, code) for c in copies(client)])

    assert sorted(a.status_code for a in answers) == [200] + [400] * (MANY - 1)
    refusals = {a.json()["error"] for a in answers if a.status_code == 400}
    assert refusals == {"invalid_grant"}
    won = next(a.json() for a in answers if a.status_code == 200)
    assert not is_active(client, won["access_token"])
    assert not is_active(client, won["refresh_token"])
    assert client.userinfo(won["access_token"]).status_code == 401
    assert client.refresh(won["refresh_token"]).status_code == 400


def test_fifty_with_one_refresh_token_and_no_grace(strict_client, strict_person):
    tokens = signed_in(strict_client, strict_person).tokens
    spent = tokens["refresh_token"]

    answers = race([lambda c=c: c.refresh(spent) for c in copies(strict_client)])

    assert sorted(a.status_code for a in answers) == [200] + [400] * (MANY - 1)
    won = next(a.json() for a in answers if a.status_code == 200)
    assert not is_active(strict_client, won["access_token"])
    assert not is_active(strict_client, won["refresh_token"])
    assert not is_active(strict_client, tokens["access_token"])


def test_fifty_with_one_refresh_token_within_the_grace(client, person):
    """One successor, told to each of them: as if one answer had been lost (C9)."""
    spent = signed_in(client, person).tokens["refresh_token"]

    answers = race([lambda c=c: c.refresh(spent) for c in copies(client)])

    assert [a.status_code for a in answers] == [200] * MANY
    successors = {a.json()["refresh_token"] for a in answers}
    assert len(successors) == 1
    assert spent not in successors
    assert is_active(client, successors.pop())
    assert all(is_active(client, a.json()["access_token"]) for a in answers)


def test_a_replayed_refresh_token_takes_its_family_down(strict_client, strict_person):
    first = signed_in(strict_client, strict_person).tokens
    second = strict_client.refresh(first["refresh_token"]).json()
    assert is_active(strict_client, second["refresh_token"])

    replay = strict_client.refresh(first["refresh_token"])

    assert (replay.status_code, replay.json()["error"]) == (400, "invalid_grant")
    for token in (second["refresh_token"], second["access_token"]):
        assert not is_active(strict_client, token)
    assert strict_client.refresh(second["refresh_token"]).status_code == 400


def test_a_replayed_code_takes_its_family_down(client, person):
    done = signed_in(client, person)
    newer = client.refresh(done.tokens["refresh_token"]).json()

    replay = client.redeem(done.ask, done.reply["code"])

    assert (replay.status_code, replay.json()["error"]) == (400, "invalid_grant")
    for token in (newer["refresh_token"], newer["access_token"]):
        assert not is_active(client, token)


def test_eight_end_one_token_that_has_no_grant_behind_it(server, folder):
    """A revocation that comes twice is none the less one (RFC 7009 §2.2)."""
    machine = enrol_client(
        server, folder, redirect_uris=(), grant_types=["client_credentials"], scope=""
    )
    racers = copies(machine, RACERS)
    for _ in range(5):
        answer = machine.post("token_endpoint", grant_type="client_credentials")
        token = answer.json()["access_token"]
        answers = race([lambda c=c, t=token: c.revoke(t) for c in racers])
        assert {answer.status_code for answer in answers} == {200}
        assert not is_active(machine, token)


@pytest.mark.spec("RFC 7523 §3")
def test_fifty_with_one_assertion(server, folder):
    """Its ``jti`` is taken once, in whichever process it comes first."""
    machine = enrol_client(
        server,
        folder,
        auth_method="private_key_jwt",
        key_algorithm="ES256",
        redirect_uris=(),
        grant_types=["client_credentials"],
        scope="",
    )
    form = machine.credentials()[1] | {"grant_type": "client_credentials"}
    place = machine.metadata["token_endpoint"]

    answers = race([lambda c=c: c.http.post(place, form) for c in copies(machine)])

    assert sorted(a.status_code for a in answers) == [200] + [401] * (MANY - 1)
    refusals = {a.json()["error"] for a in answers if a.status_code == 401}
    assert refusals == {"invalid_client"}


def test_a_client_deleted_by_another_process_is_refused_in_our_words(server, folder):
    """Two workers know it for some seconds more; none of them fails over it."""
    gone = enrol_client(server, folder)
    push = {n: v for n, v in gone.ask().params.items() if n != "client_id"}
    par = "pushed_authorization_request_endpoint"
    racers = copies(gone, RACERS)
    assert {
        a.status_code for a in race([lambda c=c: c.post(par, **push) for c in racers])
    } == {201}
    server.cli("client", "delete", gone.registration.client_id)

    answers = race([lambda c=c: c.post(par, **push) for c in racers])

    said = {(a.status_code, a.json()["error"]) for a in answers}
    assert said == {(401, "invalid_client")}


@pytest.fixture
def waiting(server) -> Iterator[Browser]:
    """Somebody who has signed up and waits for the letter."""
    with Browser(server.url) as browser:
        browser.open("/signup")
        browser.email = f"race-{secrets.token_hex(5)}@example.org"
        browser.fill(full_name="Race", email=browser.email, password=PASSWORD)
        page = browser.submit("signup-submit")
        assert isinstance(page, Page)
        assert page.has("verify-submit"), page.words
        yield browser


def test_eight_with_one_verification_link(server, waiting):
    letter = server.wait_for_mail(waiting.email, "verify_email").get_body(("plain",))
    link = re.search(r"https?://\S+/verify/link\?token=\S+", letter.get_content())
    assert link
    waiting.open(link[0])

    answers = race([press(waiting, "verify-link-confirm")] * RACERS)

    statuses = sorted(a.status_code for a in answers)
    assert statuses[0] == 303
    assert all(400 <= status < 500 for status in statuses[1:]), statuses
    assert who_is(server, waiting.email)["is_email_verified"] is True


def test_eight_with_one_verification_code(server, waiting):
    letter = server.wait_for_mail(waiting.email, "verify_email").get_body(("plain",))
    code = re.search(r"^\s*(\d{6})\s*$", letter.get_content(), re.MULTILINE)
    assert code
    waiting.fill(code=code[1])

    answers = race([press(waiting, "verify-submit")] * RACERS)

    statuses = sorted(a.status_code for a in answers)
    assert statuses[0] == 303
    assert all(400 <= status < 500 for status in statuses[1:]), statuses
    assert who_is(server, waiting.email)["is_email_verified"] is True


def who_is(server: LiveServer, email: str) -> dict[str, object]:
    return next(user for user in server.cli("user", "list") if user["email"] == email)
