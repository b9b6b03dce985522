"""Link what one is elsewhere; be sent on; what is still asked for afterwards."""

from __future__ import annotations

import re
from urllib.parse import urlencode, urlsplit

import pyotp
import pytest

from tests.interop.traveller import (
    FRONT_END,
    HTML,
    Traveller,
    api_sign_in,
    by_google,
    by_hub,
    enrol,
    me,
    sign_in,
)

pytestmark = [pytest.mark.live, pytest.mark.interop]


# -- Linking


def test_link_by_the_pages_sign_in_by_it_and_unlink(world, google, somebody):
    enrol(world, somebody)
    assert sign_in(somebody).status == 200
    page = somebody.browser.open("/account/connections/google")
    by_google(google, somebody, email="other@elsewhere.example")
    back = somebody.visit(page.document.get("connect-next").get("href"))
    page = somebody.come_back(back)
    assert urlsplit(page.url).path == "/account/security"
    assert "other@elsewhere.example" in page.words
    world.wait_for_mail(somebody.email, "mfa_changed")

    tokens = Traveller(world.url).tokens_by("google")
    assert me(somebody, tokens)["email"] == somebody.email

    place = "/account/connections/google/remove"
    (number,) = [
        number
        for number, form in enumerate(page.document.forms)
        if form.action == place
    ]
    page = somebody.browser.submit_form(number)
    assert "other@elsewhere.example" not in page.words
    world.wait_for_mail(somebody.email, "mfa_changed", count=2)


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
