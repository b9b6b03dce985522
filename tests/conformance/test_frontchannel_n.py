"""N1, N2: Front-Channel Logout 1.0, read as a page, and in Chromium across two sites."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.support.browser import Browser, Page
from tests.support.chromium import chromium
from tests.support.enrolment import enrol_client, enrol_person
from tests.support.listener import Listener, Reply
from tests.support.live import LiveServer
from tests.support.person import Person
from tests.support.relying_party import RelyingParty, SignedIn

pytestmark = pytest.mark.live

LEAVE = "/leave"
CALLBACK, GONE = "/callback", "/signed-out"


@pytest.fixture
def ada(outgoing: LiveServer, folder: Path) -> Person:
    return enrol_person(outgoing, folder, claims={})


@pytest.fixture
def browser(outgoing: LiveServer) -> Iterator[Browser]:
    with Browser(outgoing.url) as browser:
        yield browser


@pytest.fixture
def enrol(outgoing: LiveServer, folder: Path) -> Callable[..., RelyingParty]:
    """A client that is told by a frame, at an address of its own site."""

    def make(site: str, *, query: str = "", leave: bool = True) -> RelyingParty:
        told = ("--frontchannel-logout-uri", f"{site}{LEAVE}{query}") if leave else ()
        return enrol_client(
            outgoing,
            folder,
            redirect_uris=(f"{site}{CALLBACK}",),
            more=(*told, "--post-logout-redirect-uri", f"{site}{GONE}"),
        )

    return make


def leave(rp: RelyingParty, browser: Browser, flow: SignedIn, home: str | None) -> Page:
    url = rp.logout_url(
        id_token_hint=flow.tokens["id_token"], post_logout_redirect_uri=home, state="s"
    )
    page = browser.open(url)
    assert isinstance(page, Page) and page.status == 200
    return page


def frames_of(page: Page) -> list[tuple[str, dict[str, str]]]:
    found = [urlsplit(one.get("src")) for one in page.document.all("iframe")]
    return [
        (f"{one.scheme}://{one.netloc}{one.path}", dict(parse_qsl(one.query)))
        for one in found
    ]


def sources_of_frames(page: Page) -> set[str]:
    policy = page.headers["Content-Security-Policy"]
    (directive,) = re.findall(r"frame-src ([^;]*)", policy)
    return set(directive.split())


@pytest.mark.spec("OIDF N1")
@pytest.mark.spec("Front-Channel Logout §3")
def test_n1_front_channel_logout_is_advertised(rp: RelyingParty) -> None:
    """oidcc-frontchannel-logout-discovery-endpoint-verification."""
    assert rp.metadata["frontchannel_logout_supported"] is True
    assert rp.metadata["frontchannel_logout_session_supported"] is True


@pytest.mark.spec("OIDF N2")
@pytest.mark.spec("Front-Channel Logout §2")
def test_n2_the_page_loads_every_clients_frame_and_goes_on(
    enrol: Any, outgoing: LiveServer, browser: Browser, ada: Person
) -> None:
    """oidcc-frontchannel-rp-initiated-logout: iss, sid, and a policy that lets them."""
    first = enrol("https://a.example", query="?tenant=7")
    second, third = enrol("https://b.example:8443"), enrol("https://c.example")
    enrolled_without = enrol("https://d.example", leave=False)
    flow = first.sign_in(browser, ada)
    second.sign_in(browser, ada)
    enrolled_without.sign_in(browser, ada)
    with Browser(outgoing.url) as elsewhere:
        third.sign_in(elsewhere, ada)  # in a session that goes on
    page = leave(first, browser, flow, f"https://a.example{GONE}")
    sid = {"iss": first.issuer, "sid": flow.claims["sid"]}
    assert frames_of(page) == [
        (f"https://a.example{LEAVE}", {"tenant": "7"} | sid),
        (f"https://b.example:8443{LEAVE}", sid),
    ]
    assert sources_of_frames(page) == {"https://a.example", "https://b.example:8443"}
    home = f"https://a.example{GONE}?state=s"
    assert page.document.get("signed-out-next").get("href") == home
    (refresh,) = [
        one.get("content")
        for one in page.document.all("meta")
        if one.get("http-equiv") == "refresh"
    ]
    assert re.fullmatch(rf"[1-9];url={re.escape(home)}", refresh), refresh
    ask = first.ask(prompt="none")
    first.refused(
        ask, ada.walk(browser, browser.open(ask.url)).departure, "login_required"
    )


@pytest.mark.spec("Front-Channel Logout §3")
def test_without_a_return_address_the_page_stays(
    enrol: Any, browser: Browser, ada: Person
) -> None:
    rp = enrol("https://a.example")
    page = leave(rp, browser, rp.sign_in(browser, ada), None)
    assert len(frames_of(page)) == 1
    assert not page.has("signed-out-next")
    assert "refresh" not in {one.get("http-equiv") for one in page.document.all("meta")}


@pytest.fixture(scope="module")
def chrome() -> Iterator[Any]:
    with chromium(is_whole=True) as browser:
        yield browser


@pytest.mark.spec("OIDF N2")
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_n2_chromium_tells_a_client_on_another_site_and_goes_on(
    enrol: Any, chrome: Any, ada: Person, scripts: bool
) -> None:
    """The server is `127.0.0.1`, the client `localhost`."""
    with Listener(host="localhost") as shop:
        rp = enrol(shop.url)
        page = chrome.new_context(java_script_enabled=scripts).new_page()
        sid, token = sign_in(rp, page, ada)
        page.goto(rp.logout_url(**hint(token, shop)))
        page.wait_for_url(f"{shop.url}{GONE}*")
        (told,) = shop.heard(LEAVE)
        assert told.query == {"iss": rp.issuer, "sid": sid}
        assert told.headers["Sec-Fetch-Dest"] == "iframe"
        assert told.at < shop.heard(GONE)[0].at, "the client is told first"
        page.context.close()


@pytest.mark.spec("Front-Channel Logout §3")
def test_a_client_that_does_not_answer_does_not_keep_the_person(
    enrol: Any, chrome: Any, ada: Person
) -> None:
    with Listener(host="localhost") as shop:
        shop.answers[LEAVE] = Reply(after=15)
        rp = enrol(shop.url)
        page = chrome.new_context().new_page()
        _, token = sign_in(rp, page, ada)
        page.goto(rp.logout_url(**hint(token, shop)), wait_until="commit")
        page.wait_for_url(f"{shop.url}{GONE}*", timeout=12_000)
        page.context.close()


def sign_in(rp: RelyingParty, page: Any, person: Person) -> tuple[str, str]:
    """Walk the code flow in Chromium; give the `sid` and the ID token."""
    ask = rp.ask()
    page.goto(ask.url)
    page.fill("#username", person.username)
    page.fill("#password", person.password)
    page.click("#login-submit")
    page.click("#consent-allow")
    page.wait_for_url(f"{rp.registration.redirect_uri}*")
    code = dict(parse_qsl(urlsplit(page.url).query))["code"]
    tokens = rp.redeem(ask, code).json()
    return rp.check_id_token(ask, tokens)["sid"], tokens["id_token"]


def hint(token: str, shop: Listener) -> dict[str, str]:
    return {
        "id_token_hint": token,
        "post_logout_redirect_uri": f"{shop.url}{GONE}",
    }


@pytest.mark.spec("OIDC Core §3.1.2.1")
@pytest.mark.spec("Form Post Response Mode §2")
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_forms_lead_there_and_back_across_two_sites(
    enrol: Any, chrome: Any, ada: Person, scripts: bool
) -> None:
    """Posted to /authorize, answered by form, signed out by form; no cookie goes along.

    This Chromium gives no cookie to a third party, and ours are Lax beside that.
    """
    with Listener(host="localhost") as shop:
        rp = enrol(shop.url)
        page = chrome.new_context(java_script_enabled=scripts).new_page()
        for is_first in (True, False):
            ask = rp.ask(response_mode="form_post")
            send(page, shop, ask.url)
            if is_first:
                page.fill("#username", ada.username)
                page.fill("#password", ada.password)
                page.click("#login-submit")
                page.click("#consent-allow")
            if not scripts:
                page.click("#form-post-submit")
            page.wait_for_url(f"{shop.url}{CALLBACK}")
            told = shop.heard(CALLBACK)[-1]
            assert (told.method, told.form["state"]) == ("POST", ask.params["state"])
            tokens = rp.redeem(ask, told.form["code"]).json()
            claims = rp.check_id_token(ask, tokens)
        silent = rp.ask(prompt="none")
        shop.answers["/frame"] = Reply(
            body=FRAME.format(src=escape(silent.url)).encode()
        )
        page.goto(f"{shop.url}/frame")
        answer = shop.heard(CALLBACK)[-1].query
        assert answer["error"] == "login_required", "a frame there is nobody's"
        send(page, shop, rp.logout_url(**hint(tokens["id_token"], shop)))
        page.wait_for_url(f"{shop.url}{GONE}*")
        assert shop.heard(LEAVE)[0].query["sid"] == claims["sid"]
        page.goto(f"{rp.issuer}/account")
        assert page.is_visible("#username"), "signed out, whoever sent the form"
        page.context.close()


FORM = '<!doctype html><form method="post" action="{url}">{fields}<button>Go</button>'
FRAME = '<!doctype html><iframe src="{src}"></iframe>'


def send(page: Any, shop: Listener, url: str) -> None:
    """Send what a link would ask for as a form of the shop's own page."""
    fields = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in parse_qsl(urlsplit(url).query)
    )
    form = FORM.format(url=escape(url.partition("?")[0]), fields=fields)
    shop.answers["/go"] = Reply(body=form.encode())
    page.goto(f"{shop.url}/go")
    page.click("button")
