"""B17-B21, B23, B30, B31: what a session is worth, and who may be sent where."""

from __future__ import annotations

import time

import pytest

from tests.support.browser import Browser, Page
from tests.support.browser_rules import attribute_of
from tests.support.person import Person
from tests.support.relying_party import RelyingParty

NOT_WITHOUT_A_PERSON = (
    "login_required",
    "interaction_required",
    "account_selection_required",
    "consent_required",
)
LONG_STATE = "0123456789abcdef" * 8


def wait_for_a_later_second(auth_time: int) -> None:
    """`auth_time` counts whole seconds: a later one needs the clock to have moved."""
    time.sleep(max(0.0, auth_time + 1.05 - time.time()))


@pytest.mark.spec("OIDF B17")
def test_b17_prompt_login_asks_again_and_auth_time_moves(
    client: RelyingParty, browser: Browser, ada: Person
) -> None:
    """oidcc-prompt-login: the form is shown although a session is there."""
    first = client.sign_in(browser, ada, max_age="10000")
    wait_for_a_later_second(first.claims["auth_time"])
    second = client.sign_in(browser, ada, prompt="login", max_age="10000")
    assert second.pages[0] == "signin"
    assert second.claims["auth_time"] > first.claims["auth_time"]
    assert second.claims["sub"] == first.claims["sub"]


@pytest.mark.spec("OIDF B18")
def test_b18_prompt_none_without_a_session_is_refused(
    client: RelyingParty, browser: Browser, ada: Person
) -> None:
    """oidcc-prompt-none-not-logged-in: by redirect, no page, the whole state."""
    ask = client.ask(prompt="none", state=LONG_STATE)
    walk = ada.walk(browser, browser.open(ask.url))
    assert walk.pages == ()
    params = client.refused(ask, walk.departure, *NOT_WITHOUT_A_PERSON)
    assert params["state"] == LONG_STATE


@pytest.mark.spec("OIDF B19")
def test_b19_prompt_none_with_session_and_consent_succeeds_at_once(
    client: RelyingParty, browser: Browser, ada: Person
) -> None:
    """oidcc-prompt-none-logged-in: same `sub`, same `auth_time`."""
    first = client.sign_in(browser, ada, max_age="10000")
    second = client.sign_in(browser, ada, prompt="none", max_age="10000")
    assert second.pages == ()
    for claim in ("sub", "auth_time"):
        assert second.claims[claim] == first.claims[claim]


@pytest.mark.spec("OIDF B20")
def test_b20_an_old_sign_in_is_not_enough_for_max_age_1(
    client: RelyingParty, browser: Browser, ada: Person
) -> None:
    """oidcc-max-age-1: two seconds later the person signs in again."""
    first = client.sign_in(browser, ada, max_age="10000")
    time.sleep(max(0.0, first.claims["auth_time"] + 2.1 - time.time()))
    second = client.sign_in(browser, ada, max_age="1")
    assert second.pages[0] == "signin"
    assert second.claims["auth_time"] > first.claims["auth_time"]


@pytest.mark.spec("OIDF B20")
@pytest.mark.spec("OIDC Core §3.1.2.1")
def test_b20_max_age_0_is_prompt_login(
    client: RelyingParty, browser: Browser, ada: Person
) -> None:
    """And with `prompt=none` it can only be refused."""
    client.sign_in(browser, ada)
    assert client.sign_in(browser, ada, max_age="0").pages[0] == "signin"
    ask = client.ask(max_age="0", prompt="none")
    walk = ada.walk(browser, browser.open(ask.url))
    client.refused(ask, walk.departure, "login_required")


@pytest.mark.spec("OIDF B21")
def test_b21_a_young_sign_in_is_enough_for_max_age_10000(
    client: RelyingParty, browser: Browser, ada: Person
) -> None:
    """oidcc-max-age-10000: no page, and `auth_time` is compulsory and unchanged."""
    first = client.sign_in(browser, ada)
    second = client.sign_in(browser, ada, max_age="10000")
    assert second.pages == ()
    assert isinstance(second.claims["auth_time"], int)
    assert second.claims["sub"] == first.claims["sub"]
    third = client.sign_in(browser, ada, max_age="10000")
    assert third.claims["auth_time"] == second.claims["auth_time"]


@pytest.mark.spec("OIDF B23")
def test_b23_an_id_token_hint_of_the_person_present_succeeds(
    client: RelyingParty, browser: Browser, ada: Person
) -> None:
    """oidcc-id-token-hint: with `prompt=none`, at once, the same `sub`."""
    first = client.sign_in(browser, ada)
    hint = first.tokens["id_token"]
    second = client.sign_in(browser, ada, prompt="none", id_token_hint=hint)
    assert second.pages == ()
    assert second.claims["sub"] == first.claims["sub"]


@pytest.mark.spec("OIDF B23")
@pytest.mark.spec("OIDC Core §3.1.2.1")
def test_b23_an_id_token_hint_of_somebody_else_is_refused(
    client: RelyingParty, browser: Browser, ada: Person, grace: Person
) -> None:
    """The person named by the hint is not the one who is here: `login_required`."""
    with Browser(browser.home) as elsewhere:
        hint = client.sign_in(elsewhere, grace).tokens["id_token"]
    client.sign_in(browser, ada)
    ask = client.ask(prompt="none", id_token_hint=hint)
    walk = ada.walk(browser, browser.open(ask.url))
    client.refused(ask, walk.departure, "login_required")


@pytest.mark.spec("OIDC Core §3.1.2.1")
def test_prompt_select_account_asks_which_one(
    rp: RelyingParty, browser: Browser, ada: Person, grace: Person
) -> None:
    """Who is there is offered, and so is somebody else."""
    first = rp.sign_in(browser, ada)
    ask = rp.ask(prompt="select_account")
    page = browser.open(ask.url)
    assert isinstance(page, Page) and page.has("accounts-form", "another-account")
    form = page.document.get("accounts-form")
    place = [f.element for f in page.document.forms].index(form)
    walk = ada.walk(browser, browser.submit_form(place))
    assert rp.finish(ask, walk).claims["sub"] == first.claims["sub"]
    again = rp.ask(prompt="select_account")
    page = browser.open(again.url)
    assert isinstance(page, Page)
    elsewhere = page.document.get("another-account").get("href")
    walk = grace.walk(browser, browser.open(elsewhere))
    assert walk.pages[0] == "signin"
    assert rp.finish(again, walk).claims["sub"] != first.claims["sub"]


@pytest.mark.spec("Initiating User Registration §4.1")
def test_prompt_create_offers_to_sign_up(rp: RelyingParty, browser: Browser) -> None:
    """Who has no account yet is led to make one, and from there back to the client."""
    page = browser.open(rp.ask(prompt="create").url)
    assert isinstance(page, Page) and page.has("signup-submit")
    assert "interaction=" in page.url


@pytest.mark.spec("OIDF B30")
def test_b30_an_unregistered_redirect_uri_is_a_page(
    client: RelyingParty, browser: Browser
) -> None:
    """oidcc-ensure-registered-redirect-uri: told to the person, nobody redirected."""
    stranger = client.registration.redirect_uri + "/unregistered"
    page = browser.open(client.ask(redirect_uri=stranger).url)
    assert isinstance(page, Page) and page.has("error")
    assert 400 <= page.status < 500


@pytest.mark.spec("OIDF B31")
def test_b31_a_request_may_be_posted_from_another_site(
    client: RelyingParty, browser: Browser, ada: Person
) -> None:
    """oidcc-ensure-post-request-succeeds: no SameSite cookie comes along, and yet."""
    ask = client.ask()
    page = browser.post_from_elsewhere(ask.endpoint, ask.params)
    assert isinstance(page, Page) and page.has("login-submit"), page
    assert client.finish(ask, ada.walk(browser, page)).claims["sub"]


@pytest.mark.spec("OIDF B31")
def test_b31_a_posted_request_finds_the_session_again(
    client: RelyingParty, browser: Browser, ada: Person
) -> None:
    """The cookie is withheld from the POST, but not from the walk that follows."""
    first = client.sign_in(browser, ada)
    ask = client.ask()
    walk = ada.walk(browser, browser.post_from_elsewhere(ask.endpoint, ask.params))
    assert client.finish(ask, walk).claims["sub"] == first.claims["sub"]


@pytest.mark.spec("RFC 9700 §4.12")
def test_no_answer_to_a_form_repeats_the_form_elsewhere(
    client: RelyingParty, browser: Browser, ada: Person
) -> None:
    """Never 307 or 308: the password would be posted on to whoever comes next."""
    client.sign_in(browser, ada)
    answers = [hop.status for hop in browser.trail if hop.method == "POST"]
    assert answers and set(answers) <= {200, 302, 303}


@pytest.mark.spec("RFC 6749 §10.12")
def test_the_session_cookie_is_kept_as_a_browser_keeps_it(
    client: RelyingParty, browser: Browser, ada: Person
) -> None:
    """Bound to the host, out of reach of scripts, not SameSite=Strict."""
    client.sign_in(browser, ada)
    assert browser.cookies and not browser.rules.refused
    for cookie in browser.cookies:
        assert attribute_of(cookie, "HttpOnly") is not None, cookie.name
        assert not cookie.domain_specified, cookie.name
        same_site = attribute_of(cookie, "SameSite") or "not said"
        assert same_site.lower() in ("lax", "none"), cookie
