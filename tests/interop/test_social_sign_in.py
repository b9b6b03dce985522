"""Sign in with Google and GitHub: npm's oidc-provider and a server in GitHub's shape.

What is refused here is refused by what a provider and a browser can really send; what
only a liar of a provider sends is in ``tests/adapters/test_social_oidc.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import Browser

from tests.interop.traveller import (
    Traveller,
    by_google,
    by_hub,
    enrol,
    me,
)
from tests.support.browser import Departure
from tests.support.chromium import chromium

pytestmark = [pytest.mark.live, pytest.mark.interop]


# -- A new account


def test_google_brings_in_somebody_new_and_knows_them_again(google, somebody):
    by_google(google, somebody)
    page = somebody.sign_in_by("Google")
    assert urlsplit(page.url).path == "/account"
    assert somebody.email in page.words

    # The address there may change: who it is does not.
    google.next_is(f"g-{somebody.number}", email="new@x.example", email_verified=False)
    tokens = somebody.tokens_by("google")
    assert me(somebody, tokens)["email"] == somebody.email
    assert me(somebody, tokens)["full_name"] == "Ada"


def test_github_brings_in_somebody_new(hub, somebody):
    by_hub(hub, somebody)
    tokens = somebody.tokens_by("github")
    found = me(somebody, tokens)
    assert found["email"] == somebody.email
    assert found["is_email_verified"] is True
    assert found["status"] == "active"


def test_any_openid_provider_is_found_by_discovery(google, somebody):
    """And gets the client's secret as RFC 6749 §2.3.1 writes it."""
    by_google(google, somebody)
    assert somebody.email in somebody.sign_in_by("Corp ID").words


def test_the_button_stands_on_the_page_of_sign_up_too(google, somebody):
    by_google(google, somebody)
    page = somebody.sign_in_by("Google", "/signup")
    assert somebody.email in page.words


def test_an_app_that_asked_gets_its_answer(world, google, somebody):
    """The way out and back is inside an authorization request."""
    made = world.cli(
        *("client", "create", "--name", "Shop", "--scope", "openid email"),
        *("--redirect-uri", "https://shop.example/back", "--skip-consent"),
    )
    asked = {
        "client_id": made["client_id"],
        "redirect_uri": "https://shop.example/back",
        "response_type": "code",
        "scope": "openid email",
        "state": "s",
        "nonce": "n",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256",
    }
    by_google(google, somebody)
    end = somebody.sign_in_by("Google", f"/authorize?{urlencode(asked)}")
    assert isinstance(end, Departure)
    assert end.target == "https://shop.example/back"
    assert end.params["state"] == "s"
    assert end.params["code"]


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_chromium_goes_out_and_comes_back(world, google, somebody, chrome, scripts):
    """The cookie that began it is sent when the provider leads back (SameSite)."""
    by_google(google, somebody)
    page = chrome.new_context(java_script_enabled=scripts).new_page()
    page.goto(f"{world.url}/signin")
    page.get_by_role("link", name="Google").click()
    page.wait_for_url("**/account")
    assert somebody.email in page.inner_text("main")
    page.context.close()


# -- What is refused


def test_whoever_says_no_there_is_back_at_the_form(google, somebody):
    google.next_denies()
    page = somebody.sign_in_by("Google")
    assert page.status == 403
    assert page.has("login-submit")
    answer = somebody.finish(somebody.visit(somebody.begin("google")))
    assert (answer.status_code, answer.json()["code"]) == (403, "AUTH_211")


def test_a_callback_that_comes_twice_signs_nobody_in(google, somebody):
    by_google(google, somebody)
    back = somebody.visit(somebody.leave_by("Google"))
    somebody.come_back(back)
    again = somebody.come_back(back)
    assert again.status == 410

    back = somebody.visit(somebody.begin("google"))
    assert somebody.finish(back).status_code == 200
    assert somebody.finish(back).status_code == 410


def test_the_state_of_another_browser_is_no_good_and_stays_good_there(
    world, google, somebody
):
    """RFC 6749 §10.12: else somebody could be signed in as somebody else."""
    by_google(google, somebody)
    back = somebody.visit(somebody.begin("google"))
    stranger = Traveller(world.url)
    assert stranger.finish(back).status_code == 410
    stranger.browser.open("/signin")
    assert stranger.finish(back).status_code == 410
    stranger.close()
    assert somebody.finish(back).status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        {"state": "00000000-0000-4000-8000-000000000000." + "A" * 43},
        {"state": ""},
        {"state": None},
        {"code": None},
        {"code": "made up"},
        {"iss": "https://accounts.google.com"},
        {"iss": None},
    ],
    ids=str,
)
def test_an_answer_that_was_changed_is_refused(google, somebody, change):
    """Mix-up (RFC 9207 §2.4): an issuer that is another, or is not named."""
    by_google(google, somebody)
    back = urlsplit(somebody.visit(somebody.begin("google")))
    told = {name: one for name, (one,) in parse_qs(back.query).items()} | change
    query = urlencode({name: one for name, one in told.items() if one is not None})
    answer = somebody.finish(back._replace(query=query).geturl())
    assert answer.status_code in (410, 502)
    assert answer.json()["code"] in ("AUTH_107", "AUTH_112")
    assert "accessToken" not in answer.text


def test_the_answer_of_one_provider_is_none_of_another(google, somebody):
    by_google(google, somebody)
    back = somebody.visit(somebody.begin("google"))
    other = back.replace("/oauth/google/", "/oauth/github/")
    assert somebody.finish(other).status_code == 410


@pytest.mark.parametrize("provider", ["google", "github"])
def test_an_unverified_address_takes_no_account_over(
    world, google, hub, somebody, provider
):
    """Whoever types somebody's address at a provider must not come in as them."""
    enrol(world, somebody)
    by_google(google, somebody, email_verified=False)
    by_hub(hub, somebody, is_verified=False)
    answer = somebody.finish(somebody.visit(somebody.begin(provider)))
    assert (answer.status_code, answer.json()["code"]) == (403, "AUTH_114")


@pytest.mark.parametrize("provider", ["google", "github"])
def test_an_unverified_address_begins_no_account_either(
    google, hub, somebody, provider
):
    """It would wait for its owner, with a stranger's way in."""
    by_google(google, somebody, email_verified=False)
    by_hub(hub, somebody, is_verified=False)
    answer = somebody.finish(somebody.visit(somebody.begin(provider)))
    assert (answer.status_code, answer.json()["code"]) == (403, "AUTH_114")
    by_google(google, somebody)
    assert me(somebody, somebody.tokens_by("google"))["email"] == somebody.email


def test_a_verified_address_with_an_account_must_be_linked_by_its_owner(
    world, google, somebody
):
    enrol(world, somebody)
    by_google(google, somebody)
    answer = somebody.finish(somebody.visit(somebody.begin("google")))
    assert (answer.status_code, answer.json()["code"]) == (409, "AUTH_113")
    page = somebody.sign_in_by("Google")
    assert page.status == 409
    assert page.document.get("username").get("value") == somebody.email
