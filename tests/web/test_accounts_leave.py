"""Several people signed in at one browser: signed out one by one, or all at once."""

from __future__ import annotations

import uuid

import pytest

from tests.support.several import (
    ADA,
    BOB,
    asides,
    choose,
    front,
    listed,
    living,
    redeem,
)


def test_one_signs_out_and_the_other_stays(both, app):
    before = living(app)
    choose(both.open("/accounts"), BOB, "remove")
    assert (both.path, listed(both)) == ("/accounts", [ADA])
    assert len(before - living(app)) == 1
    assert front(choose(both, ADA)) == ADA
    choose(both.open("/accounts"), ADA, "remove")
    assert both.path == "/signin"
    assert asides(both, app) == []
    assert living(app) == set()


def test_nobody_elsewhere_is_signed_out_by_their_number(both, make_reader, app):
    other = make_reader()
    other.sign_in(ADA)
    theirs = living(app)
    key = next(
        k for k in theirs if f'value="{k}"' not in both.open("/accounts").answer.text
    )
    both.send("/accounts", remove=key)
    assert living(app) == theirs
    for odd in (key, str(uuid.UUID(int=0)), "", "x", "\x00"):
        assert both.open("/accounts").send("/accounts", account=odd).path == "/accounts"
        assert front(both) == BOB


@pytest.mark.parametrize("place", ["/accounts", "/logout"])
def test_everybody_signs_out_at_once(both, app, place):
    both.open(place)
    both.press("signout-all" if place == "/accounts" else "logout-all")
    assert both.path == "/signed-out"
    assert (living(app), asides(both, app)) == (set(), [])
    assert both.open("/account").path == "/signin"


def test_no_link_of_an_app_signs_everybody_out(both, app):
    """The field is the button's; what came with the request is not sent again."""
    both.open("/logout?accounts=all").press("logout-confirm")
    assert len(living(app)) == 1


@pytest.mark.spec("RP-Initiated Logout §2")
def test_a_logout_with_a_hint_is_about_whom_it_names(both, ask, shop, app):
    hint = redeem(both.open(ask(login_hint=ADA)), shop)
    both.open(f"/logout?id_token_hint={hint['token']}")
    assert both.path == "/signed-out"
    assert hint["sid"] not in living(app)
    assert (front(both), listed(both)) == (BOB, [BOB])
