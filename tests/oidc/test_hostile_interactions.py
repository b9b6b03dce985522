"""Authorization requests that wait: odd ages, claims, hints, and ids of others."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from tests.support.browser import Browser, Departure, Page
from tests.support.hostile import refused_on_a_page, send
from tests.support.person import Person
from tests.support.relying_party import Ask, RelyingParty

pytestmark = pytest.mark.usefixtures("faultless")


@pytest.mark.parametrize("value", ["0", "1", "10000", "2147483648", "9" * 30])
def test_a_max_age_of_any_size_is_an_age(
    rp: RelyingParty, browser: Browser, ada: Person, value: str
) -> None:
    """More seconds than a database or a clock can hold is still only long ago."""
    ask = rp.ask(max_age=value)
    params = ada.walk(browser, browser.open(ask.url)).departure.params
    assert "code" in params or params["error"] == "invalid_request"


def written(claims: dict[str, Any]) -> str:
    """JSON by a writer that has no limit of depth."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(20_000)
    try:
        return json.dumps(claims)
    finally:
        sys.setrecursionlimit(limit)


def nested(depth: int) -> list[Any]:
    inside: list[Any] = []
    for _ in range(depth):
        inside = [inside]
    return inside


@pytest.mark.parametrize(
    "claims",
    [
        {"userinfo": {"name\0": None}},
        {"userinfo": {"name": {"value": "a\0b"}}},
        {"userinfo": {"\ud800": None}, "id_token": {"name": {"value": "\udfff"}}},
        {"userinfo": {"sub": {"value": ["a"]}}},
        {"id_token": {"sub": {"value": 5}}},
        {"id_token": {"acr": {"values": "x", "essential": "y"}}},
        {"id_token": {"acr": {"values": [1, None, {}], "essential": True}}},
        {"userinfo": {f"c{n}": None for n in range(400)}},
        {"userinfo": {"roles": {"essential": True}, "password": None, "a" * 999: None}},
        {"userinfo": {"name": {"value": 10**400}}},
        {"other": {"name": None}, "": {}},
        {"userinfo": {"name": {"value": nested(3000)}}},
        {"userinfo": {"sub": {"value": nested(900)}}},
    ],
)
def test_claims_that_no_table_can_hold_break_nothing(
    rp: RelyingParty, browser: Browser, ada: Person, claims: dict[str, Any]
) -> None:
    """PostgreSQL's jsonb takes neither NUL nor half a surrogate pair."""
    ask = rp.ask(claims=written(claims))
    walk = ada.walk(browser, browser.open(ask.url))
    if isinstance(walk.end, Page):
        assert walk.end.has("error") and 400 <= walk.end.status < 500
        return
    params = rp.receive(ask, walk.departure)
    if "code" in params:
        tokens = rp.redeem(ask, params["code"])
        assert tokens.status_code == 200, tokens.text
        told = rp.userinfo(tokens.json()["access_token"])
        assert told.status_code == 200 and "password" not in told.json()


HINTS = [
    *("nonsense", "a.b.c", "e30.e30.", "....", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0."),
    *("a" * 20_000, "e" * 100 + "." + "e" * 100 + "." + "e" * 100, "é.é.é"),
]


@pytest.mark.parametrize("prompt", ["none", "login"])
@pytest.mark.parametrize("hint", HINTS)
def test_a_hint_that_is_no_token_of_ours_opens_nothing(
    rp: RelyingParty, browser: Browser, ada: Person, hint: str, prompt: str
) -> None:
    """Ignored or refused, and never a way past the sign-in."""
    ask = rp.ask(id_token_hint=hint, prompt=prompt)
    end = browser.open(ask.url)
    if isinstance(end, Page):
        assert end.has("login-submit") or end.has("error")
        return
    rp.refused(ask, end, "login_required", "invalid_request", "interaction_required")


INTERACTIONS = [
    *("", "nonsense", "00000000-0000-0000-0000-000000000000", "%00", "%FF", "a" * 5000),
    *("https://evil.example/", "..%2F..%2F", "1%20OR%201%3D1", "%7B%7D"),
]


@pytest.mark.parametrize("value", INTERACTIONS)
def test_an_interaction_that_does_not_exist_is_a_page(
    rp: RelyingParty, value: str
) -> None:
    """Resuming nothing; a way on is shown, and no redirect follows the value."""
    refused_on_a_page(send(rp.issuer, f"/authorize/resume?interaction={value}"))


def test_an_interaction_is_not_handed_to_another_browser_signed_out(
    rp: RelyingParty, browser: Browser, ada: Person
) -> None:
    """Who finds the URL of a waiting request still has to sign in."""
    ask: Ask = rp.ask()
    page = browser.open(ask.url)
    assert isinstance(page, Page)
    interaction = Departure(page.url).params["interaction"]
    with Browser(rp.issuer) as stranger:
        end = stranger.open(f"/authorize/resume?interaction={interaction}")
        assert isinstance(end, Page) and (end.has("login-submit") or end.has("error"))
    assert "code" in rp.receive(ask, ada.walk(browser, page).departure)


def test_a_finished_interaction_gives_no_second_code(
    rp: RelyingParty, browser: Browser, ada: Person
) -> None:
    """The back button after the way back leads to a page, not to another code."""
    ask = rp.ask()
    page = browser.open(ask.url)
    assert isinstance(page, Page)
    interaction = Departure(page.url).params["interaction"]
    assert "code" in rp.receive(ask, ada.walk(browser, page).departure)
    again = browser.open(f"/authorize/resume?interaction={interaction}")
    assert isinstance(again, Page) and again.has("error")
    assert again.status in (400, 404, 410)
