"""Pings (OpenID CIBA §10.2): once, with the app's token, whatever the app answers."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.ciba import GRANTS, ask, begin, decide, poll
from tests.support import answer_rules
from tests.support.answer_rules import refused
from tests.support.browser import Browser
from tests.support.enrolment import enrol_client, enrol_person
from tests.support.live import LiveServer, until
from tests.support.person import Person
from tests.support.relying_party import RelyingParty

TOKEN = "8d67dc78-7faa-4d41-aabd-67707b374255"
QUIET_SECONDS = 2.5
"""Longer than the pause between two looks at what is due."""


@dataclass
class Desk:
    """Where an app is pinged; it notes everything and answers as it is told."""

    answers: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    heard: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        desk = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {k.lower(): v for k, v in self.headers.items()}
                desk.heard.append((self.path, headers, body))
                status, more, said = desk.answers.get(self.path, (204, {}, b""))
                self.send_response(status)
                for name, value in more.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            def do_GET(self) -> None:
                desk.heard.append((f"GET {self.path}", {}, b""))
                self.send_error(404)

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def at(self, path: str) -> list[tuple[str, dict[str, str], bytes]]:
        return [one for one in self.heard if one[0] == path]


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.server.shutdown()
    desk.server.server_close()


@pytest.fixture(scope="module")
def server(database_kind: str, make_migrated: Any) -> Iterator[LiveServer]:
    """One that may call this machine, with two workers: each looks for what is due."""
    with LiveServer(
        database_url=make_migrated(database_kind),
        command=("serve", "--workers", "2"),
        env={"OUTBOUND_ALLOW": "127.0.0.1"},
    ) as running:
        yield running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ping")


@pytest.fixture(scope="module")
def ada(server: LiveServer, folder: Path) -> Person:
    return enrol_person(server, folder, claims={})


@pytest.fixture
def browser(server: LiveServer) -> Iterator[Browser]:
    with Browser(server.url) as browser:
        yield browser


def pinged_at(server: LiveServer, folder: Path, url: str) -> RelyingParty:
    return enrol_client(
        server,
        folder,
        grant_types=GRANTS,
        redirect_uris=(),
        metadata={
            "backchannel_token_delivery_mode": "ping",
            "backchannel_client_notification_endpoint": url,
        },
    )


@pytest.fixture(scope="module")
def app(server: LiveServer, folder: Path, desk: Desk) -> RelyingParty:
    return pinged_at(server, folder, f"{desk.url}/cb")


@pytest.mark.spec("OpenID CIBA §10.2")
@pytest.mark.parametrize("decision", ["allow", "deny"])
def test_an_app_is_told_that_its_person_has_decided(
    app: RelyingParty, desk: Desk, browser: Browser, ada: Person, decision: str
) -> None:
    """By its own token and the name of the request, and nothing else."""
    desk.heard.clear()
    told = begin(app, ada, client_notification_token=TOKEN)
    assert desk.heard == []
    decide(browser, ada, decision)
    until(lambda: desk.at("/cb"), "a ping")
    time.sleep(QUIET_SECONDS)
    ((_, headers, body),) = desk.heard
    assert headers["authorization"] == f"Bearer {TOKEN}"
    assert headers["content-type"] == "application/json"
    assert json.loads(body) == {"auth_req_id": told["auth_req_id"]}
    if decision == "allow":
        answer_rules.token_answer(poll(app, told))
    else:
        refused(poll(app, told), "access_denied")


ODD: dict[str, tuple[int, dict[str, str], bytes]] = {
    "200-with-a-body": (200, {"Content-Type": "text/html"}, b"<h1>thanks</h1>" * 9),
    "401": (401, {"WWW-Authenticate": "Bearer"}, b"{}"),
    "403": (403, {}, b""),
    "500": (500, {}, b"oops"),
    "a-large-body": (200, {}, b"x" * 200_000),
    "a-redirect": (302, {"Location": "/elsewhere"}, b""),
    "a-redirect-that-keeps": (307, {"Location": "/elsewhere"}, b""),
}


@pytest.mark.spec("OIDF fapi-ciba-id1 ping notification-endpoint")
@pytest.mark.parametrize("kind", ODD)
def test_whatever_the_app_answers_it_is_told_once(
    server: LiveServer,
    folder: Path,
    desk: Desk,
    browser: Browser,
    ada: Person,
    kind: str,
) -> None:
    """Bodies are ignored, redirects not followed, nothing is sent again."""
    desk.heard.clear()
    desk.answers[f"/{kind}"] = ODD[kind]
    app = pinged_at(server, folder, f"{desk.url}/{kind}")
    told = begin(app, ada, client_notification_token=TOKEN)
    decide(browser, ada, "allow")
    until(lambda: desk.heard, "a ping")
    time.sleep(QUIET_SECONDS)
    assert [one[0] for one in desk.heard] == [f"/{kind}"]
    answer_rules.token_answer(poll(app, told))


def test_an_app_that_is_away_harms_nobody(
    server: LiveServer, folder: Path, browser: Browser, ada: Person
) -> None:
    """The answer waits at the token endpoint; letters go out meanwhile."""
    app = pinged_at(server, folder, "http://127.0.0.1:9/nobody")
    told = begin(app, ada, client_notification_token=TOKEN)
    decide(browser, ada, "allow")
    until(lambda: "ping failed" in server.log, "the failure in the log")
    answer_rules.token_answer(poll(app, told))
    assert TOKEN not in server.log and told["auth_req_id"] not in server.log


TOKENS = {
    "missing": None,
    "short": "a" * 21,
    "long": "a" * 1025,
    "spaces": "a b" * 20,
    "header": "a" * 30 + "\r\nX: y",
    "letters": "é" * 40,
}


@pytest.mark.spec("OpenID CIBA §7.1")
@pytest.mark.parametrize("kind", TOKENS)
def test_a_token_that_would_not_do_is_refused(
    app: RelyingParty, ada: Person, kind: str
) -> None:
    """128 bits, 1024 characters at most, and such that stand in a header."""
    answer = ask(app, login_hint=ada.email, client_notification_token=TOKENS[kind])
    refused(answer, "invalid_request")


def test_the_letter_says_who_asks_and_leads_to_the_page(
    server: LiveServer, app: RelyingParty, folder: Path
) -> None:
    """What the app says stands on the page alone."""
    person = enrol_person(server, folder, claims={})
    begin(app, person, client_notification_token=TOKEN, binding_message="W4SCT")
    letter = server.wait_for_mail(person.email, "approve_request")
    body = letter.get_body(("plain",))
    assert body is not None
    text = body.get_content()
    assert f"{server.url}/account/requests" in text and "W4SCT" not in text
