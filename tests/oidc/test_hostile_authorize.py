"""/authorize and /authorize/resume against hostile requests (RFC 6749 §3.1, §10.15)."""

from __future__ import annotations

import json
import sys
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.support.browser import Browser, Departure, Page
from tests.support.hostile import (
    BAD_BYTES,
    MARKUP,
    Answer,
    pairs,
    refused_on_a_page,
    sane,
    send,
)
from tests.support.person import Person
from tests.support.relying_party import Ask, RelyingParty

HOME = "https://rp.example/callback"


def authorize(
    rp: RelyingParty, *, leave_out: str = "", method: str = "GET", **raw: str
) -> Answer:
    """A good request with raw, already encoded values in place of some."""
    params = rp.ask().params
    good = [(k, v) for k, v in params.items() if k not in raw and k != leave_out]
    sent = pairs(good, **raw)
    if method == "POST":
        return send(rp.issuer, "/authorize", method="POST", body=sent)
    return send(rp.issuer, f"/authorize?{sent}")


def refused_by_redirect_or_page(answer: Answer, *errors: str) -> str:
    """The client is told with a registered word, or the person on a page."""
    if answer.location is None:
        return refused_on_a_page(answer).get("error-code").text
    sane(answer)
    assert answer.status in (302, 303)
    assert answer.location.startswith(HOME + "?"), answer.location
    params = Departure(answer.location).params
    assert "code" not in params and params.get("error") in errors, params
    return params["error"]


NAMES = (
    "client_id redirect_uri response_type scope state nonce response_mode prompt "
    "max_age display acr_values ui_locales login_hint id_token_hint claims "
    "code_challenge code_challenge_method"
).split()
# what has to be kept or compared byte for byte cannot be guessed at
EXACT = "client_id redirect_uri response_type scope state nonce response_mode".split()


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.spec("RFC 6749 §3.1")
def test_a_doubled_parameter_is_refused(
    rp: RelyingParty, name: str, method: str
) -> None:
    """The same value twice is twice as well."""
    good = rp.ask(prompt="login", max_age="1", display="page").params
    value = good.get(name, "S256")
    for second in (value, "other"):
        sent = pairs([*good.items(), (name, value), (name, second)])
        answer = (
            send(rp.issuer, "/authorize", method="POST", body=sent)
            if method == "POST"
            else send(rp.issuer, f"/authorize?{sent}")
        )
        if name in ("client_id", "redirect_uri"):
            refused_on_a_page(answer)
        else:
            refused_by_redirect_or_page(answer, "invalid_request")


@pytest.mark.parametrize("name", ["client_id", "redirect_uri", "state", "scope"])
@pytest.mark.spec("RFC 6749 §3.1")
def test_a_posted_request_is_read_from_its_body_alone(
    rp: RelyingParty, browser: Browser, ada: Person, name: str
) -> None:
    """What the query says beside it is refused, or it is not heard."""
    ask = rp.ask()
    other = {"client_id": "other", "redirect_uri": "https://evil.example/"}
    target = f"{ask.endpoint}?{pairs([(name, other.get(name, 'other'))])}"
    end = ada.walk(browser, browser.post_from_elsewhere(target, ask.params)).end
    if isinstance(end, Page):
        assert end.has("error") and 400 <= end.status < 500
    else:
        assert rp.receive(ask, end)["state"] == ask.params["state"]


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("value", BAD_BYTES.values(), ids=BAD_BYTES)
@pytest.mark.parametrize("name", NAMES)
def test_bytes_that_are_no_text_are_refused_where_they_matter(
    rp: RelyingParty, name: str, value: str, method: str
) -> None:
    """State and nonce come back as sent or not at all; hints may be ignored."""
    answer = sane(authorize(rp, method=method, **{name: value}))
    if name in ("client_id", "redirect_uri"):
        refused_on_a_page(answer)
    elif name in EXACT:
        refused_by_redirect_or_page(
            answer,
            *("invalid_request", "invalid_scope", "unsupported_response_type"),
        )
    assert answer.location is None or "%EF%BF%BD" not in answer.location


@pytest.mark.parametrize("name", NAMES)
def test_markup_is_never_reflected(rp: RelyingParty, name: str) -> None:
    """`sane` looks for it; what is told to the client is encoded."""
    sane(authorize(rp, **{name: pairs([("", MARKUP)])[1:]}))


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
@pytest.mark.parametrize("value", [None, "", "%20", "%09", "nobody", "a" * 5000, "*"])
def test_without_client_or_way_back_there_is_a_page(
    rp: RelyingParty, name: str, value: str | None
) -> None:
    """A client of one redirect URI may leave it out (RFC 6749 §3.1.2.3)."""
    if value is None:
        answer = authorize(rp, leave_out=name)
        if name == "redirect_uri" and answer.location:
            assert urlsplit(answer.location).netloc in ("", urlsplit(rp.issuer).netloc)
            return
    else:
        answer = authorize(rp, **{name: value})
        if (name, value) == ("redirect_uri", "") and answer.location:
            return  # RFC 6749 §3.1: sent without a value is not sent
    refused_on_a_page(answer)


WRONG = {
    "max_age": [
        *("-1", "-0.5", "1.5", "1e3", "NaN", "Infinity", "soon", "0x10", "%2B1", "1_0"),
        *("%20", "1%202", "%D9%A3", "9" * 5000, "-" + "9" * 400),
    ],
    "prompt": [
        *("nonsense", "none%20login", "login%20none", "NONE", "none%20none%20consent"),
        *("login,consent", "%00", "a" * 5000),
    ],
    "response_mode": ["nonsense", "FORM_POST", "web_message", "query%20fragment"],
    "response_type": [
        "nonsense",
        "Code",
        "code%20code",
        "code%20token",
        "%20",
        "token",
    ],
    "code_challenge": [
        "short",
        "a" * 42,
        "a" * 129,
        "%2B" * 43,
        "a" * 43 + "%3D",
        "%C3%A9" * 43,
    ],
    "code_challenge_method": ["S256", "plain", "s256", "none"],
    "claims": [
        *("{", "[]", "null", "1", "%22x%22", "%7B%22userinfo%22:[]%7D"),
        *("%7B%22userinfo%22:%7B%22name%22:1%7D%7D", "%7B%22userinfo%22:1e999%7D"),
        "a" * 20_000,
    ],
    "request": ["e30.e30.", "nonsense", "a" * 5000],
    "request_uri": ["https://127.0.0.1/x", "urn:ietf:params:oauth:request_uri:x"],
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name in WRONG for value in WRONG[name]]
)
def test_a_wrong_value_is_told_to_the_client(
    rp: RelyingParty, name: str, value: str
) -> None:
    """The way back is good, so the client hears of it in a registered word."""
    answer = authorize(rp, **{name: value})
    refused_by_redirect_or_page(
        answer,
        "invalid_request",
        "unsupported_response_type",
        "unauthorized_client",
        f"{name}_not_supported",
    )


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
