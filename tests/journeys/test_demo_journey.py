"""A person walks through the demo, in Chromium, with scripts and without.

From the relying party to sign-up, the mailbox, verification, sign-in and consent,
and back; then they refresh and sign out.  The server is `authserver dev`.
"""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.journeys.demo import Demo
from tests.journeys.visitor import Visitor
from tests.support import axe
from tests.support.chromium import chromium

pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def demo():
    with Demo(RATE_LIMITS="off") as demo:
        yield demo


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture(params=[True, False], ids=["scripts", "no-scripts"])
def visitor(demo, browser, request):
    context = browser.new_context(java_script_enabled=request.param)
    page, complaints = context.new_page(), []
    context.on("weberror", lambda fault: complaints.append(str(fault.error)))
    page.on(
        "console",
        lambda said: complaints.append(said.text) if said.type == "error" else None,
    )
    passed: set[str] = set()
    context.on("request", lambda asked: passed.update(secrets_in(asked.url)))
    visitor = Visitor(page, demo)
    yield visitor
    context.close()
    assert complaints == []
    assert passed, "codes at least have passed"
    assert [one for one in {*passed, visitor.password} if one in demo.log] == []


def secrets_in(url: str) -> list[str]:
    """What a URL carries that no log may hold: neither the server's nor the site's."""
    query = parse_qs(urlsplit(url).query)
    return [
        query[name][0] for name in ("code", "token", "id_token_hint") if name in query
    ]


@pytest.mark.parametrize("means", ["code", "link"])
def test_from_nothing_to_signed_in_and_out_again(visitor, demo, means):
    visitor.begins()
    visitor.signs_up()
    visitor.verifies_by_code() if means == "code" else visitor.verifies_by_link()
    visitor.page.click("#consent-allow")
    claims = visitor.arrives()
    assert claims["name"] == visitor.name
    assert claims["email"] == visitor.email
    assert claims["email_verified"] == "true"

    visitor.page.click("#refresh")
    assert visitor.page.inner_text("#refreshed") == "1"
    assert visitor.arrives() == claims

    visitor.page.click("#sign-out")
    visitor.page.wait_for_url(f"{demo.site}/signed-out**")
    assert visitor.page.inner_text("h1") == "You are signed out"

    # Signed out at the server too: it asks for the password, and not for consent.
    visitor.begins()
    visitor.signs_in()
    assert visitor.arrives() == claims


def test_the_link_may_be_opened_on_another_device(visitor, browser):
    visitor.begins()
    visitor.signs_up()
    letter = visitor.opens_letter()
    link = letter.get_attribute("a.letter-link", "href")
    telephone = browser.new_context()
    there = telephone.new_page()
    there.goto(link)
    there.click("#verify-link-confirm")
    there.wait_for_selector("#verified-next")
    telephone.close()

    # The first device never saw a secret of the letter: it signs in.
    visitor.begins()
    visitor.signs_in()
    visitor.page.click("#consent-allow")
    assert visitor.arrives()["email"] == visitor.email


def test_a_link_that_is_only_looked_at_is_not_spent(visitor):
    """Mail scanners open every link, often twice."""
    visitor.begins()
    visitor.signs_up()
    letter = visitor.opens_letter()
    link = letter.get_attribute("a.letter-link", "href")
    for _ in range(2):
        assert visitor.page.request.get(link).status == 200
    assert visitor.page.request.head(link).status == 200
    letter.close()
    visitor.verifies_by_link()
    visitor.page.click("#consent-allow")
    assert visitor.arrives()["email"] == visitor.email


def test_a_person_may_say_no(visitor, demo):
    visitor.begins()
    visitor.signs_up()
    visitor.verifies_by_code()
    visitor.page.click("#consent-deny")
    visitor.page.wait_for_url(f"{demo.site}/callback**")
    assert visitor.page.inner_text("h1") == "You said no"

    # And change their mind: they are still signed in at the server.
    visitor.page.click("#sign-in")
    visitor.page.click("#consent-allow")
    assert visitor.arrives()["email"] == visitor.email


def test_a_page_says_how_long_there_is_where_nothing_can_warn(demo, browser):
    """WCAG 2.2.1: without scripts it is said at once."""
    context = browser.new_context(java_script_enabled=False)
    Visitor(context.new_page(), demo).begins()
    assert context.pages[0].is_visible("#time-left")
    context.close()


def flaws_of(page):
    """What axe-core finds in the page as it stands, in light and in dark."""
    flaws = axe.violations(page)
    page.emulate_media(color_scheme="dark")
    flaws += axe.violations(page, only=axe.COLOURS)
    page.emulate_media(color_scheme="light")
    return flaws


def test_a_page_warns_before_it_ends_and_gives_more_time(demo, browser):
    """WCAG 2.2.1: in time, by keyboard, and without leaving the page."""
    context = browser.new_context()
    page = context.new_page()
    page.clock.install()
    Visitor(page, demo).begins()
    page.fill("#username", "somebody")
    page.clock.fast_forward("58:30")
    page.wait_for_selector("#expiry-stay")
    assert flaws_of(page) == []
    assert page.locator("#expiry").get_attribute("role") == "alert"
    page.focus("#expiry-stay")
    page.keyboard.press("Enter")
    page.wait_for_selector("#expiry-stay", state="hidden")
    assert page.input_value("#username") == "somebody"
    page.clock.fast_forward("50:00")
    assert not page.is_visible("#expiry-stay"), "there is an hour more"
    page.clock.fast_forward("11:00")
    page.wait_for_selector("#expiry-again")
    assert flaws_of(page) == []
    assert not page.is_visible("#expiry-stay")
    page.click("#expiry-again")
    page.wait_for_selector("#username")  # the server's clock has not moved
    context.close()


SHIFTS = """() => new Promise(tell => {
  const seen = [];
  new PerformanceObserver(list => seen.push(...list.getEntries().map(e => e.value)))
    .observe({type: "layout-shift", buffered: true});
  setTimeout(() => tell(seen), 300);
})"""
LIGHT_BYTES = 30_000


@pytest.mark.parametrize("width", [320, 1280])
def test_the_page_of_sign_in_is_light_and_stands_still(demo, browser, width):
    """All that is sent for it, to a browser that has nothing of ours."""
    page = browser.new_page(viewport={"width": width, "height": 800})
    line, sent = page.context.new_cdp_session(page), []
    line.send("Network.enable")
    line.on(
        "Network.loadingFinished", lambda one: sent.append(one["encodedDataLength"])
    )
    Visitor(page, demo).begins()
    sent.clear()
    line.send("Network.clearBrowserCache")
    page.reload(wait_until="networkidle")
    assert page.is_visible("#login-submit")
    assert page.evaluate(SHIFTS) == []
    assert len(sent) > 1
    assert sum(sent) < LIGHT_BYTES, sent
    page.context.close()
