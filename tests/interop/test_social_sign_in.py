"""Sign in with Google and GitHub: npm's oidc-provider and a server in GitHub's shape.

What is refused here is refused by what a provider and a browser can really send; what
only a liar of a provider sends is in ``tests/adapters/test_social_oidc.py``.
"""

from __future__ import annotations

import itertools
import json
import re
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.interop.somebody_else import SomebodyElse
from tests.interop.traveller import FRONT_END, HTML, Traveller
from tests.support.browser import Departure, Page
from tests.support.enrolment import PASSWORD
from tests.support.hub import Hub
from tests.support.live import LiveServer
from tests.support.postgres import free_port

pytestmark = [pytest.mark.live, pytest.mark.interop]

GOOGLE = {
    "client_id": "at-google",
    "client_secret": "google-secret",
    "token_endpoint_auth_method": "client_secret_post",
}
CORP = {
    "client_id": "at corp",
    "client_secret": "s3cret+/=%&",
    "token_endpoint_auth_method": "client_secret_basic",
}
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def hub():
    with Hub("at-hub", "hub-secret") as hub:
        yield hub


@pytest.fixture(scope="module")
def world(database_kind, make_database, hub):
    """Our server beside its two providers."""
    server = LiveServer(database_url=make_database(database_kind))
    server.port = free_port()
    place = f"{server.url}/v1/auth/oauth"
    clients = (
        GOOGLE | {"redirect_uris": [f"{place}/google/callback"]},
        CORP | {"redirect_uris": [f"{place}/corp/callback"]},
    )
    with SomebodyElse(*clients) as google:
        corp = {name: CORP[name] for name in ("client_id", "client_secret")}
        corp |= {"name": "corp", "title": "Corp ID", "issuer": google.issuer}
        server.more |= {
            "GOOGLE_CLIENT_ID": GOOGLE["client_id"],
            "GOOGLE_CLIENT_SECRET": GOOGLE["client_secret"],
            "GOOGLE_ISSUER": google.issuer,
            "GITHUB_CLIENT_ID": "at-hub",
            "GITHUB_CLIENT_SECRET": "hub-secret",
            "GITHUB_URL": hub.url,
            "GITHUB_API_URL": f"{hub.url}/api",
            "OIDC_PROVIDERS": json.dumps([corp]),
            "OUTBOUND_ALLOW": "127.0.0.1",
            "CORS_ORIGINS": FRONT_END,
        }
        with server:
            server.google = google
            yield server


@pytest.fixture
def google(world):
    return world.google


@pytest.fixture
def somebody(world):
    """A browser, and an address that nobody has."""
    traveller = Traveller(world.url)
    traveller.number = next(_numbers)
    traveller.email = f"ada{traveller.number}@elsewhere.example"
    yield traveller
    traveller.close()


def enrol(world, somebody):
    """Give somebody an account with a password."""
    world.cli(
        *("user", "create", "--email", somebody.email, "--verified"),
        *("--password", PASSWORD),
    )


def sign_in(somebody):
    somebody.browser.open("/signin")
    somebody.browser.fill(username=somebody.email, password=PASSWORD)
    return somebody.browser.submit("login-submit")


def me(somebody, tokens):
    bearer = f"Bearer {tokens['accessToken']}"
    return somebody.ask("/users/me", Authorization=bearer).json()["data"]["user"]


def by_google(google, somebody, **more):
    claims = {"email": somebody.email, "email_verified": True, "name": "Ada"} | more
    google.next_is(f"g-{somebody.number}", **claims)


def by_hub(hub, somebody, *, is_verified=True):
    number, login = 1000 + somebody.number, f"ada-{somebody.number}"
    hub.next_is(number, login=login, emails=[(somebody.email, True, is_verified)])


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


# -- Linking


def test_link_by_the_pages_and_sign_in_by_it(world, google, somebody):
    enrol(world, somebody)
    assert sign_in(somebody).status == 200
    page = somebody.browser.open("/account/connections/google")
    by_google(google, somebody, email="other@elsewhere.example")
    back = somebody.visit(page.document.get("connect-next").get("href"))
    assert isinstance(somebody.come_back(back), Page)
    world.wait_for_mail(somebody.email, "mfa_changed")

    tokens = Traveller(world.url).tokens_by("google")
    assert me(somebody, tokens)["email"] == somebody.email


def test_link_list_and_unlink_by_calls(world, google, hub, somebody):
    enrol(world, somebody)
    bearer = api_sign_in(somebody)
    by_google(google, somebody)
    by_hub(hub, somebody)
    for provider in ("google", "github"):
        out = somebody.begin(provider, "?link=true", Authorization=bearer)
        linked = somebody.finish(somebody.visit(out))
        assert linked.json()["data"]["connection"]["provider"] == provider

    listed = somebody.ask("/auth/oauth/connections", Authorization=bearer).json()
    assert [one["provider"] for one in listed["data"]] == ["google", "github"]
    assert listed["data"][0]["email"] == somebody.email

    gone = somebody.calls.delete(
        f"{world.url}/v1/auth/oauth/connections/github",
        headers={"Authorization": bearer},
        timeout=30,
    )
    assert gone.status_code == 200, gone.text
    answer = somebody.finish(somebody.visit(somebody.begin("github")))
    assert answer.json()["code"] == "AUTH_113"


def api_sign_in(somebody):
    told = somebody.calls.post(
        f"{somebody.home}/v1/auth/signin",
        json={"email": somebody.email, "password": PASSWORD},
        timeout=30,
    )
    return f"Bearer {told.json()['data']['accessToken']}"


def test_linking_needs_somebody_who_is_signed_in(somebody):
    answer = somebody.ask("/auth/oauth/google?link=true")
    assert (answer.status_code, answer.json()["code"]) == (401, "AUTH_102")


def test_what_is_linked_to_one_is_not_linked_to_another(world, google, somebody):
    by_google(google, somebody, email=f"first{somebody.number}@elsewhere.example")
    Traveller(world.url).tokens_by("google")
    enrol(world, somebody)
    out = somebody.begin("google", "?link=true", Authorization=api_sign_in(somebody))
    answer = somebody.finish(somebody.visit(out))
    assert (answer.status_code, answer.json()["code"]) == (409, "AUTH_004")


# -- Browsers are sent on


def test_a_front_end_that_we_know_gets_its_browser_back_with_cookies(google, somebody):
    by_google(google, somebody)
    query = urlencode({"return_to": f"{FRONT_END}/in?tab=1"})
    begun = somebody.ask(f"/auth/oauth/google?{query}", **HTML)
    assert begun.status_code == 303
    back = somebody.finish(somebody.visit(begun.headers["Location"]), **HTML)
    assert back.status_code == 303
    assert back.headers["Location"] == f"{FRONT_END}/in?tab=1&result=signed_in"
    assert {cookie.name.split("_")[0] for cookie in somebody.calls.cookies} >= {
        "access",
        "refresh",
        "csrf",
    }
    found = somebody.ask("/users/me").json()["data"]["user"]
    assert found["email"] == somebody.email


def test_a_front_end_is_told_why_not(google, somebody):
    google.next_denies()
    query = urlencode({"return_to": f"{FRONT_END}/in"})
    begun = somebody.ask(f"/auth/oauth/google?{query}", **HTML)
    back = somebody.finish(somebody.visit(begun.headers["Location"]), **HTML)
    assert back.headers["Location"] == (
        f"{FRONT_END}/in?error=access_denied&error_code=AUTH_211"
    )


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/in",
        f"{FRONT_END}.evil.example/",
        f"{FRONT_END}@evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        f"{FRONT_END}/#fragment",
    ],
)
def test_nobody_is_sent_on_to_where_we_do_not_know(somebody, target):
    query = urlencode({"return_to": target})
    answer = somebody.ask(f"/auth/oauth/google?{query}", **HTML)
    assert answer.status_code == 422, answer.headers.get("Location")


def test_a_browser_without_a_front_end_goes_through_our_pages(google, somebody):
    """S0's address, typed into a browser: it ends at the account, with a session."""
    by_google(google, somebody)
    away = somebody.browser.open("/v1/auth/oauth/google?return_to=/account")
    page = somebody.come_back(somebody.visit(away.url))
    assert urlsplit(page.url).path == "/account"
    assert somebody.email in page.words


# -- Afterwards


def test_a_second_factor_is_still_asked_for(world, google, somebody):
    """A provider proves one thing; what was set up here is asked here."""
    by_google(google, somebody)
    tokens = somebody.tokens_by("google")
    turn_mfa_on(somebody, tokens)
    told = somebody.finish(somebody.visit(somebody.begin("google"))).json()["data"]
    assert told["mfaRequired"] is True
    assert "accessToken" not in told
    page = somebody.sign_in_by("Google")
    assert urlsplit(page.url).path == "/mfa"

    query = urlencode({"return_to": f"{FRONT_END}/in"})
    begun = somebody.ask(f"/auth/oauth/google?{query}", **HTML)
    back = somebody.finish(somebody.visit(begun.headers["Location"]), **HTML)
    assert re.match(
        rf"{FRONT_END}/in\?result=mfa_required#mfaToken=", back.headers["Location"]
    )


def turn_mfa_on(somebody, tokens):
    import pyotp

    bearer = {"Authorization": f"Bearer {tokens['accessToken']}"}
    place = f"{somebody.home}/v1/auth/mfa"
    begun = somebody.calls.post(
        f"{place}/setup", json={}, headers=bearer, timeout=30
    ).json()
    code = pyotp.TOTP(begun["data"]["secret"]).now()
    done = somebody.calls.post(
        f"{place}/enable", json={"code": code}, headers=bearer, timeout=30
    )
    assert done.status_code == 200, done.text


def test_the_last_way_in_stays(world, google, somebody):
    by_google(google, somebody)
    bearer = {"Authorization": f"Bearer {somebody.tokens_by('google')['accessToken']}"}
    place = f"{world.url}/v1/auth/oauth/connections/google"
    answer = somebody.calls.delete(place, headers=bearer, timeout=30)
    assert (answer.status_code, answer.json()["code"]) == (409, "AUTH_110")
