"""FAPI 2.0 Message Signing: answers are signed, errors too, and plain ones are refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from joserfc import jws

from tests.support.answer_rules import json_of, refused
from tests.support.browser import Browser
from tests.support.person import Person
from tests.support.relying_party import Ask, RelyingParty

pytestmark = pytest.mark.spec("FAPI 2.0 Message Signing §5.4")
MODES = ("jwt", "query.jwt", "form_post.jwt")


@pytest.fixture(scope="session", params=[None, "ES256"], ids=["no wish", "ES256"])
def strict(
    enrol_client: Callable[..., RelyingParty], request: pytest.FixtureRequest
) -> RelyingParty:
    """PS256 where the client has no wish: RS256 is none of FAPI's (§5.4.1)."""
    wish = request.param
    client = enrol_client(
        auth_method="private_key_jwt",
        key_algorithm="PS256",
        profile="fapi2-ms",
        metadata={"authorization_signed_response_alg": wish} if wish else None,
    )
    known = replace(client.registration, response_algorithm=wish or "PS256")
    return RelyingParty(client.issuer, known)


def signed(rp: RelyingParty, **changes: str | None) -> Ask:
    """A request as the profile wants it: signed, pushed, with PKCE."""
    ask = rp.ask(pkce=True, **({"response_mode": "jwt"} | changes))
    answer = rp.post(
        "pushed_authorization_request_endpoint", request=rp.request_object(ask)
    )
    uri = json_of(answer, status=201)["request_uri"]
    carried = {"client_id": rp.registration.client_id, "request_uri": uri}
    return replace(ask, carried=carried)


@pytest.mark.parametrize("mode", MODES)
def test_the_code_comes_in_a_signed_answer(
    strict: RelyingParty, browser: Browser, ada: Person, mode: str
) -> None:
    """`receive` checks algorithm, issuer, audience and time (JARM §2.4)."""
    ask = signed(strict, response_mode=mode)
    departure = ada.walk(browser, browser.open(ask.url)).departure
    assert set(departure.params) == {"response"}
    header = jws.extract_compact(departure.params["response"].encode()).headers()
    assert header["alg"] == strict.registration.response_algorithm
    assert strict.receive(ask, departure)["code"]


def test_who_says_no_is_heard_in_a_signed_answer(
    strict: RelyingParty, browser: Browser, ada: Person
) -> None:
    ask = signed(strict, prompt="consent")
    walk = ada.walk(browser, browser.open(ask.url), consents=False)
    strict.refused(ask, walk.departure, "access_denied")


def test_nobody_signed_in_is_told_in_a_signed_answer(
    strict: RelyingParty, browser: Browser, ada: Person
) -> None:
    ask = signed(strict, prompt="none")
    strict.refused(
        ask, ada.walk(browser, browser.open(ask.url)).departure, "login_required"
    )


@pytest.mark.parametrize("mode", [None, "query", "fragment", "form_post"])
def test_a_request_for_a_plain_answer_is_refused_when_it_is_pushed(
    strict: RelyingParty, mode: str | None
) -> None:
    ask = strict.ask(pkce=True, response_mode=mode)
    answer = strict.post(
        "pushed_authorization_request_endpoint", request=strict.request_object(ask)
    )
    refused(answer, "invalid_request", status=400)
