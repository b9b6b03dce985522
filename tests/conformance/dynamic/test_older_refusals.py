"""What the implicit and hybrid flows refuse, and by which way they say it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.conformance.dynamic.conftest import EVERY
from tests.support.answer_rules import json_of, refused
from tests.support.browser import Browser, Departure, Page
from tests.support.older_flows import OlderFlow
from tests.support.person import Person
from tests.support.relying_party import RelyingParty

Enrol = Callable[..., RelyingParty]


@pytest.mark.spec("OIDF Implicit oidcc-ensure-request-without-nonce-fails")
@pytest.mark.spec("OIDF Hybrid oidcc-ensure-request-without-nonce-fails")
def test_a_nonce_is_compulsory(flow: OlderFlow, browser: Browser, ada: Person) -> None:
    """oidcc-ensure-request-without-nonce-fails: told before anybody signs in."""
    ask = flow.ask(nonce=None)
    walk = ada.walk(browser, browser.open(ask.url))
    assert walk.pages == ()
    flow.rp.refused(ask, walk.departure, "invalid_request")


@pytest.mark.spec("OIDF Implicit oidcc-prompt-none-not-logged-in")
@pytest.mark.spec("OIDF Hybrid oidcc-prompt-none-not-logged-in")
def test_prompt_none_without_a_session_is_refused(
    flow: OlderFlow, browser: Browser, ada: Person
) -> None:
    """oidcc-prompt-none-not-logged-in: by the way that tokens would have gone."""
    ask = flow.ask(prompt="none", state="0123456789abcdef" * 8)
    walk = ada.walk(browser, browser.open(ask.url))
    assert walk.pages == ()
    flow.rp.refused(ask, walk.departure, "login_required")


@pytest.mark.spec("OIDF Implicit oidcc-ensure-registered-redirect-uri")
@pytest.mark.spec("OIDF Hybrid oidcc-ensure-registered-redirect-uri")
@pytest.mark.parametrize("uri", ["https://evil.example/cb", None])
def test_an_untrusted_way_back_is_not_taken(
    flow: OlderFlow, browser: Browser, uri: str | None
) -> None:
    """oidcc-ensure-registered-redirect-uri, and one that was not named at all."""
    page = browser.open(flow.ask(redirect_uri=uri).url)
    assert isinstance(page, Page) and page.has("error", "trace-id")


@pytest.mark.spec("OIDF Implicit oidcc-response-type-missing")
@pytest.mark.spec("OIDF Hybrid oidcc-response-type-missing")
@pytest.mark.parametrize(
    ("asked", "error"),
    [
        (None, "invalid_request"),
        ("token", "unsupported_response_type"),
        ("none", "unsupported_response_type"),
        ("id_token id_token token code x", "unsupported_response_type"),
        ("code code", "unsupported_response_type"),
        ("code ", "unsupported_response_type"),
        ("id_token\ttoken", "unsupported_response_type"),
        ("ID_TOKEN", "unsupported_response_type"),
        ('"><script>', "unsupported_response_type"),
    ],
)
def test_what_is_no_response_type_is_refused(
    older_rp: RelyingParty, browser: Browser, asked: str | None, error: str
) -> None:
    """oidcc-response-type-missing; ``token`` alone is none of OpenID Connect's."""
    ask = older_rp.ask(response_type=asked)
    departure = browser.open(ask.url)
    assert isinstance(departure, Departure)
    assert departure.params["error"] == error
    assert departure.params["state"] == ask.params["state"]


def test_the_order_of_its_words_says_nothing(
    older_rp: RelyingParty, browser: Browser, ada: Person
) -> None:
    """Multiple Response Types §3."""
    flow = OlderFlow(older_rp, "token id_token code")
    assert flow.sign_in(browser, ada).claims["sub"]


@pytest.mark.spec("Multiple Response Types §3.0")
@pytest.mark.parametrize("asked", ["query", "query.jwt"])
def test_tokens_never_go_in_a_query(
    older_rp: RelyingParty, browser: Browser, asked: str
) -> None:
    """It ends in histories, logs and referrers; so the refusal goes by fragment."""
    for response_type in EVERY:
        ask = older_rp.ask(response_type=response_type, response_mode=asked)
        departure = browser.open(ask.url)
        assert isinstance(departure, Departure)
        assert departure.fragment and not departure.query
        if asked == "query":
            assert departure.params["error"] == "invalid_request"


@pytest.mark.spec("OIDF Hybrid oidcc-codereuse")
@pytest.mark.spec("RFC 6749 §4.1.2")
def test_a_code_of_a_hybrid_answer_is_good_once(
    hybrid: OlderFlow, browser: Browser, ada: Person
) -> None:
    """oidcc-codereuse: the tokens it gave die with it."""
    done = hybrid.sign_in(browser, ada)
    refused(hybrid.rp.redeem(done.ask, done.reply["code"]), "invalid_grant")
    assert hybrid.rp.userinfo(done.tokens["access_token"]).status_code == 401


@pytest.mark.spec("RFC 7009 §2.1")
def test_a_token_that_came_by_the_browser_can_be_taken_back(
    older_rp: RelyingParty, browser: Browser, ada: Person
) -> None:
    done = OlderFlow(older_rp, "code id_token token").sign_in(browser, ada)
    first = done.reply["access_token"]
    assert json_of(older_rp.introspect(first))["active"] is True
    assert older_rp.revoke(first).status_code == 200
    assert older_rp.userinfo(first).status_code == 401
    second = json_of(older_rp.introspect(done.tokens["access_token"]))
    assert second["active"] is True, "the code opened a family of its own"


def test_who_has_not_registered_a_type_may_not_use_it(
    enrol_client: Enrol, browser: Browser
) -> None:
    """RFC 6749 §4.2.2.1, whatever the server has switched on."""
    plain = enrol_client()
    some = enrol_client(
        grant_types=("authorization_code", "implicit"),
        metadata={"response_types": ["code", "id_token"]},
    )
    for client, asked in [(plain, one) for one in EVERY] + [
        (some, one) for one in EVERY if one != "id_token"
    ]:
        ask = client.ask(response_type=asked)
        departure = browser.open(ask.url)
        assert isinstance(departure, Departure)
        client.refused(ask, departure, "unauthorized_client")


@pytest.mark.spec("OIDC Core §3.1.2.1")
def test_without_openid_these_are_nothing(flow: OlderFlow, browser: Browser) -> None:
    departure = browser.open(flow.ask(scope="email").url)
    if flow.mode == "form_post":
        departure = browser.submit_form()
    assert isinstance(departure, Departure)
    assert departure.params["error"] == "invalid_request"


def test_a_person_who_denies_is_heard(
    flow: OlderFlow, browser: Browser, ada: Person
) -> None:
    """By the way that tokens would have gone."""
    ask = flow.ask(prompt="consent")
    walk = ada.walk(browser, browser.open(ask.url), consents=False)
    flow.rp.refused(ask, walk.departure, "access_denied")


def test_a_redirect_uri_with_a_query_keeps_it_before_the_fragment(
    enrol_client: Enrol, browser: Browser, ada: Person
) -> None:
    """The answer stands behind #, and nothing is put into the query (RFC 3986 §3.5)."""
    client = enrol_client(
        redirect_uris=("https://rp.example/callback?foo=bar",),
        grant_types=("implicit",),
        metadata={"response_types": ["id_token token"]},
    )
    ask = client.ask(response_type="id_token token")
    departure = ada.walk(browser, browser.open(ask.url)).departure
    assert departure.query == [("foo", "bar")]
    assert replace(departure, url=departure.url.split("#")[0]).fragment == []
    assert "access_token" in dict(departure.fragment)


@pytest.mark.spec("RFC 9449 §5.2")
def test_a_client_whose_tokens_are_bound_gets_none_by_the_browser(
    enrol_client: Enrol, browser: Browser, ada: Person
) -> None:
    """There is no way to show a key there; an ID token alone is no such token."""
    client = enrol_client(
        grant_types=("authorization_code", "implicit"),
        metadata={
            "response_types": list(EVERY),
            "dpop_bound_access_tokens": True,
        },
    )
    for asked in EVERY:
        if "token" in asked.split():
            ask = client.ask(response_type=asked)
            departure = browser.open(ask.url)
            assert isinstance(departure, Departure)
            client.refused(ask, departure, "unauthorized_client")
    ask = client.ask(response_type="id_token")
    walk = ada.walk(browser, browser.open(ask.url))
    assert "id_token" in client.receive(ask, walk.departure)
