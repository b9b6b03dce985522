"""F2-F7, F18-F28, F53: pushed authorization requests (RFC 9126).

FAPI 2.0 Security Profile, and the same demands for an ordinary client that chooses to
push.  What is bound to a key of the client has its rows elsewhere: these end at the code.
"""

from __future__ import annotations

import pytest

from tests.support import answer_rules
from tests.support.answer_rules import json_of, refused
from tests.support.browser import Browser
from tests.support.person import Person
from tests.support.pushing import OTHER_URI, code_of, is_refused
from tests.support.relying_party import RelyingParty


@pytest.mark.spec("OIDF F2")
@pytest.mark.spec("OIDF F53")
@pytest.mark.spec("RFC 9126 §2.2")
def test_f2_f53_a_pushed_request_needs_nothing_beside_it(
    par_rp: RelyingParty, browser: Browser, ada: Person
) -> None:
    """201, JSON, 5 to 599 seconds; then `client_id` and `request_uri` alone do."""
    ask = par_rp.ask(pkce=True)
    answer = par_rp.push(ask)
    told = json_of(answer, status=201)
    assert set(told) == {"request_uri", "expires_in"}
    assert isinstance(told["expires_in"], int) and 5 <= told["expires_in"] < 600
    assert told["request_uri"].startswith("urn:ietf:params:oauth:request_uri:")
    assert answer_rules.measured_bits(told["request_uri"].rpartition(":")[2]) >= 128
    assert "no-store" in answer.headers["Cache-Control"]
    pushed = par_rp.pushed(ask)
    assert set(pushed.carried or ()) == {"client_id", "request_uri"}
    assert code_of(par_rp, pushed, browser, ada)


@pytest.mark.spec("OIDF F2")
def test_f2_the_second_redirect_uri_has_a_query(
    par_rp: RelyingParty, browser: Browser, ada: Person
) -> None:
    """`?dummy1=lorem&dummy2=ipsum` stays, and the answer is added to it."""
    ask = par_rp.pushed(par_rp.ask(pkce=True, redirect_uri=OTHER_URI))
    departure = ada.walk(browser, browser.open(ask.url)).departure
    assert {"dummy1": "lorem", "dummy2": "ipsum"}.items() <= departure.params.items()
    assert departure.params["state"] == ask.params["state"]
    assert departure.params["iss"] == par_rp.issuer


@pytest.mark.spec("OIDF F3")
def test_f3_a_person_who_says_no_is_heard(
    par_rp: RelyingParty, browser: Browser, ada: Person
) -> None:
    """`access_denied` with state and iss; and the request is answered by that."""
    ask = par_rp.pushed(par_rp.ask(pkce=True, prompt="consent"))
    walk = ada.walk(browser, browser.open(ask.url), consents=False)
    par_rp.refused(ask, walk.departure, "access_denied")
    is_refused(par_rp, ask, browser, ada)


@pytest.mark.spec("OIDF F4")
@pytest.mark.spec("OIDF F5")
def test_f4_f5_neither_state_nor_nonce_is_needed(
    par_rp: RelyingParty, browser: Browser, ada: Person
) -> None:
    """And none is invented."""
    ask = par_rp.pushed(par_rp.ask(pkce=True, state=None, nonce=None))
    assert code_of(par_rp, ask, browser, ada)


@pytest.mark.spec("OIDF F7")
def test_f7_the_order_of_scopes_means_nothing(
    par_rp: RelyingParty, browser: Browser, ada: Person
) -> None:
    ask = par_rp.pushed(par_rp.ask(pkce=True, scope="email openid"))
    assert code_of(par_rp, ask, browser, ada)


@pytest.mark.spec("OIDF F18")
@pytest.mark.spec("OIDF F19")
@pytest.mark.spec("OIDF F22")
@pytest.mark.parametrize("pushed_state", ["s" * 20, None])
def test_f18_f19_f22_what_stands_beside_a_pushed_request_is_ignored(
    par_rp: RelyingParty, browser: Browser, ada: Person, pushed_state: str | None
) -> None:
    """State, nonce, redirect URI, scope: what the client pushed, and nothing else."""
    ask = par_rp.ask(pkce=True, state=pushed_state)
    beside = {
        "state": "another",
        "nonce": "another",
        "scope": "openid email phone",
        "redirect_uri": OTHER_URI,
        "response_mode": "fragment",
        "prompt": "none",
    }
    assert code_of(par_rp, par_rp.pushed(ask, **beside), browser, ada)


@pytest.mark.spec("OIDF F6")
@pytest.mark.spec("OIDF F20")
@pytest.mark.spec("OIDF F21")
def test_f20_f21_long_nonce_and_state_come_back_whole(
    par_rp: RelyingParty, browser: Browser, ada: Person
) -> None:
    """384 and 1,000 characters: neither is cut."""
    ask = par_rp.ask(pkce=True, nonce="n" * 384, state="0123456789" * 100)
    assert code_of(par_rp, par_rp.pushed(ask), browser, ada)


@pytest.mark.spec("OIDF F23")
@pytest.mark.spec("OIDF F26")
def test_f23_f26_the_redirect_uri_is_pushed_too(par_rp: RelyingParty) -> None:
    answer = par_rp.push(par_rp.ask(pkce=True, redirect_uri=None))
    refused(answer, "invalid_request", status=400)


@pytest.mark.spec("OIDF F24")
@pytest.mark.spec("RFC 9126 §2.4")
@pytest.mark.parametrize(
    "uri", ["https://rp.example/unregistered", "https://rp.example/callback/", "x"]
)
def test_f24_an_unregistered_redirect_uri_is_refused(
    par_rp: RelyingParty, uri: str
) -> None:
    """§2.4 lets a server take them; we do not."""
    answer = par_rp.push(par_rp.ask(pkce=True, redirect_uri=uri))
    refused(answer, "invalid_request", status=400)


@pytest.mark.spec("OIDF F25")
@pytest.mark.spec("RFC 9126 §5")
def test_f25_a_client_that_must_push_is_refused_without(
    fapi_rp: RelyingParty, browser: Browser, ada: Person
) -> None:
    """By redirect, since the way back is good."""
    ask = fapi_rp.ask(pkce=True)
    departure = ada.walk(browser, browser.open(ask.url)).departure
    fapi_rp.refused(ask, departure, "invalid_request")


@pytest.mark.spec("OIDF F27")
@pytest.mark.spec("OIDF F28")
@pytest.mark.parametrize("response_type", ["code id_token", "token", "id_token", None])
def test_f27_f28_only_code_is_taken(
    fapi_rp: RelyingParty, response_type: str | None
) -> None:
    answer = fapi_rp.push(fapi_rp.ask(pkce=True, response_type=response_type))
    words = ("unsupported_response_type", "unauthorized_client", "invalid_request")
    refused(answer, *words, status=400)
