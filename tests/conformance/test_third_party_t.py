"""T1, T2: a sign-in that somebody else begins (OIDC Core §4)."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.support.browser import Browser, Page
from tests.support.enrolment import enrol_client
from tests.support.live import LiveServer
from tests.support.person import Person
from tests.support.relying_party import RelyingParty

START = "https://rp.example/start?via=portal"
HOME = "https://rp.example/home"


@pytest.fixture
def started(server: LiveServer, folder: Path) -> RelyingParty:
    options = ("--initiate-login-uri", START, "--client-uri", HOME)
    return enrol_client(server, folder, more=options)


@pytest.mark.spec("OIDF T1")
@pytest.mark.spec("OIDC Core §4")
def test_t1_a_portal_starts_the_sign_in(
    started: RelyingParty, browser: Browser, ada: Person
) -> None:
    """oidcc-3rd_party-init-login: the page of one's apps calls it with `iss`."""
    started.sign_in(browser, ada)
    page = browser.open("/account/apps")
    assert isinstance(page, Page)
    (link,) = [
        one.get("href")
        for one in page.document.all("a")
        if one.get("href").startswith(START)
    ]
    said = dict(parse_qsl(urlsplit(link).query))
    assert said == {"via": "portal", "iss": started.issuer, "target_link_uri": HOME}
    # What the client does then: an ordinary request, to the issuer that it was told.
    flow = started.sign_in(browser, ada)
    assert flow.pages == (), "the person is known already"


@pytest.mark.spec("OIDF T1")
def test_t1_a_link_for_a_letter_names_the_issuer_and_the_person(
    server: LiveServer, started: RelyingParty
) -> None:
    link = server.cli(
        *("client", "login-link", started.registration.client_id),
        *("--target-link-uri", HOME, "--login-hint", "ada@people.example"),
    )["url"]
    assert link.startswith(f"{START}&")
    assert dict(parse_qsl(urlsplit(link).query)) == {
        "via": "portal",
        "iss": started.issuer,
        "target_link_uri": HOME,
        "login_hint": "ada@people.example",
    }


@pytest.mark.spec("OIDF T2")
@pytest.mark.parametrize("uri", ["http://rp.example/start", "http://localhost/start"])
def test_t2_without_https_it_is_refused(server: LiveServer, uri: str) -> None:
    """oidcc-3rd_party-init-login-nohttps."""
    made = server.run(
        *("client", "create", "--name", "Open", "--initiate-login-uri", uri),
        *("--redirect-uri", "https://rp.example/callback"),
        check=False,
    )
    assert made.returncode == 1
    assert "https" in made.stderr
