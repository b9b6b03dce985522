"""Several people signed in at one browser: chosen, and told apart."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from authserver.http import cookies
from authserver.models import db
from tests.support.caller import PASSWORD
from tests.support.reader import HOST, Reader
from tests.support.several import (
    ADA,
    BOB,
    MANY,
    answer_of,
    asides,
    choose,
    client_of,
    cookie_of,
    front,
    join,
    listed,
    living,
    redeem,
    url_of,
)


def test_a_second_person_comes_forward_and_the_first_stays_at_hand(both):
    assert listed(both) == [BOB, ADA]
    choose(both, ADA)
    assert (both.path, front(both)) == ("/account", ADA)
    assert listed(both) == [ADA, BOB]
    assert front(choose(both, BOB)) == BOB


@pytest.mark.spec("OIDC Core §3.1.2.1")
def test_an_app_that_lets_choose_gets_whoever_was_chosen(both, ask, shop):
    """prompt=select_account: the one in front is not taken for granted."""
    both.open(ask(prompt="select_account"))
    assert both.path == "/accounts"
    choose(both, ADA)
    assert redeem(both, shop)["email"] == ADA
    both.open(ask(prompt="select_account")).link("another-account")
    both.fill(username=BOB, password=PASSWORD).press("login-submit")
    assert redeem(both, shop)["email"] == BOB


def test_what_one_person_left_open_is_not_done_to_another(both):
    """Ada's page in one tab, Bob in front by another: his name stays his."""
    choose(both.open("/accounts"), ADA)
    both.open("/account/profile").fill(full__name="Not Bob")
    shown = both.document, both.url
    choose(both.open("/accounts"), BOB)
    both.document, both.url = shown
    both.press("profile-submit")
    assert (both.status, both.document.get("error-code").text) == (
        409,
        "account_changed",
    )
    both.link("error-start-again")
    assert (both.path, both.status) == ("/account/profile", 200)
    assert both.document.get("full-name").get("value") == "Bob"


def test_a_consent_shown_to_one_is_not_given_by_another(both, app):
    stranger = client_of(app)
    choose(both.open("/accounts"), ADA)
    both.open(url_of(stranger))
    assert both.path == "/consent" and ADA in both.text
    shown = both.document, both.url
    choose(both.open("/accounts"), BOB)
    both.document, both.url = shown
    assert both.press("consent-allow").status == 409
    both.link("error-start-again")
    assert both.path == "/consent" and BOB in both.text
    assert redeem(both.press("consent-allow"), stranger)["email"] == BOB


@pytest.mark.spec("OIDC Core §3.1.2.1")
def test_a_login_hint_finds_whoever_it_means(both, ask, shop):
    assert redeem(both.open(ask(login_hint="ADA")), shop)["email"] == ADA
    assert redeem(both.open(ask(login_hint="Bob@example.test")), shop)["email"] == BOB
    assert redeem(both.open(ask(login_hint="nobody")), shop)["email"] == BOB
    assert front(both) == BOB, "an app alone brings nobody forward"


@pytest.mark.spec("OIDC Core §3.1.2.1")
def test_a_hint_does_not_undo_what_the_person_chose(both, ask, shop):
    both.open(ask(login_hint=ADA, prompt="select_account"))
    assert redeem(choose(both, BOB), shop)["email"] == BOB
    both.open(ask(login_hint=ADA, prompt="login"))
    both.fill(username=BOB, password=PASSWORD).press("login-submit")
    assert redeem(both, shop)["email"] == BOB


@pytest.mark.spec("OIDC Core §3.1.2.1")
def test_an_id_token_hint_is_answered_silently_for_whom_it_names(both, ask, shop):
    hint = redeem(both.open(ask(login_hint=ADA)), shop)
    silent = redeem(both.open(ask(prompt="none", id_token_hint=hint["token"])), shop)
    assert (silent["sub"], silent["sid"]) == (hint["sub"], hint["sid"])
    choose(both.open("/accounts"), ADA, "remove")
    both.open(ask(prompt="none", id_token_hint=hint["token"]))
    assert answer_of(both)["error"] == "login_required"


def test_whom_a_hint_names_comes_forward_where_a_page_is_due(both, app):
    """What the page shows and what is done there is one person."""
    stranger = client_of(app)
    both.open(url_of(stranger, login_hint=ADA))
    assert both.path == "/consent" and ADA in both.text and BOB not in both.text
    assert redeem(both.press("consent-allow"), stranger)["email"] == ADA


@pytest.mark.spec("OIDC Core §3.1.2.6")
def test_who_is_nobody_in_front_chooses_first(both, ask, shop):
    """After one has signed out the others are offered; silently nobody is guessed."""
    both.open("/logout").press("logout-confirm")
    silent = answer_of(both.open(ask(prompt="none")))
    assert silent.get("error") == "account_selection_required"
    assert both.open("/signin").path == "/accounts"
    assert both.open(ask(prompt="login")).path == "/signin"
    assert both.open(ask()).path == "/accounts"
    assert redeem(choose(both, ADA), shop)["email"] == ADA


@pytest.fixture
def crowd(make_reader: Callable[..., Reader], ada: str, bob: str) -> list[str]:
    for number, email in enumerate(MANY):
        make_reader().post_box.sign_up(email, full_name=f"N {number}")
    return MANY


def test_who_signed_in_longest_ago_makes_room(both, app, crowd):
    """Five at most; a session that nobody can reach any more must not live on."""
    for email in crowd[:3]:
        join(both, email)
    assert len(listed(both)) == 5
    oldest = living(app)
    join(both, crowd[3])
    assert ADA not in listed(both) and len(listed(both)) == 5
    assert len(oldest - living(app)) == 1


def test_the_same_person_again_takes_their_own_place(both, app):
    join(both, ADA)
    assert listed(both) == [ADA, BOB]
    join(both, ADA)
    assert (listed(both), len(asides(both, app))) == ([ADA, BOB], 1)


def test_a_session_that_ended_elsewhere_is_not_offered(both, app):
    with app.app_context():
        services = app.extensions["services"]
        user = services.users.find_by_email(ADA)
        services.sessions.revoke_all(user.id, because="test")
        db.session.commit()
    assert listed(both) == [BOB]
    both.open("/logout").press("logout-confirm")
    assert asides(both, app) == []
    assert both.open("/signin").path == "/signin"


def test_cookies_that_nobody_has_given_are_nobody(both, app, make_reader):
    """Another's handle without its secret, garbage, or one session under every name."""
    names = list(cookies.aside_names(app.extensions["services"].settings))
    good = cookie_of(both, asides(both, app)[0]).value
    handle = good.partition(".")[0]
    for value in (f"{handle}.{'A' * 43}", "x", "." * 500, ""):
        thief = make_reader()
        for name in names:
            thief.client.set_cookie(name, value, domain=HOST, secure=True)
        assert thief.open("/accounts").path == "/signin", value
        assert asides(thief, app) == []
    for name in names:
        both.client.set_cookie(name, good, domain=HOST, secure=True)
    assert listed(both) == [BOB, ADA]


def test_a_session_aside_lasts_as_long_as_it_would_have_in_front(at_home, bob, app):
    """Not remembered: it ends with the browser, wherever it lies."""
    join(at_home, bob, remember=True)
    (name,) = asides(at_home, app)
    assert cookie_of(at_home, name).max_age is None
    choose(at_home.open("/accounts"), ADA)
    settings = app.extensions["services"].settings
    kept = cookie_of(at_home, name)
    assert kept.max_age == int(settings.family_ttl.total_seconds())
    assert kept.http_only and kept.secure and kept.same_site == "Lax"
    in_front = cookie_of(at_home, cookies.session_name(settings))
    assert in_front.max_age is None
