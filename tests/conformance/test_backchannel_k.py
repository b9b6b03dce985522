"""K1, K2: Back-Channel Logout 1.0, with clients that listen on https."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from joserfc import jws

from tests.support.answer_rules import ID_TOKEN_ALGORITHMS
from tests.support.browser import Browser
from tests.support.enrolment import enrol_client, enrol_person
from tests.support.listener import Heard, Listener, Reply
from tests.support.live import LiveServer, until
from tests.support.person import Person
from tests.support.relying_party import RelyingParty, SignedIn

pytestmark = pytest.mark.live

EVENT = "http://schemas.openid.net/event/backchannel-logout"
HERE = "/backchannel-logout"
Enrol = Callable[..., RelyingParty]


@pytest.fixture
def enrol(outgoing: LiveServer, folder: Path) -> Enrol:
    return lambda listener, *more, **wishes: enrol_client(
        outgoing,
        folder,
        more=("--backchannel-logout-uri", f"{listener.url}{HERE}", *more),
        **wishes,
    )


@pytest.fixture
def ada(outgoing: LiveServer, folder: Path) -> Person:
    return enrol_person(outgoing, folder, claims={})


@pytest.fixture
def browser(outgoing: LiveServer) -> Iterator[Browser]:
    with Browser(outgoing.url) as browser:
        yield browser


def sign_out(rp: RelyingParty, browser: Browser, person: Person, flow: SignedIn) -> Any:
    url = rp.logout_url(
        id_token_hint=flow.tokens["id_token"],
        post_logout_redirect_uri=rp.registration.post_logout_redirect_uri,
        state="s",
    )
    walk = person.walk(browser, browser.open(url))
    assert walk.departure.target == rp.registration.post_logout_redirect_uri
    assert walk.departure.params == {"state": "s"}


def claims_of(heard: Heard, rp: RelyingParty) -> dict[str, Any]:
    """Read a logout token as a client must (Back-Channel Logout §2.4, §2.6)."""
    assert heard.method == "POST"
    assert heard.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert set(heard.form) == {"logout_token"}, "this parameter and no other"
    token = heard.form["logout_token"]
    signed = jws.extract_compact(token.encode())
    assert signed.protected["typ"] == "logout+jwt"
    assert signed.protected["alg"] == "RS256"
    (key,) = (k for k in rp.keys.keys if k.kid == signed.protected["kid"])
    assert jws.deserialize_compact(token, key, algorithms=ID_TOKEN_ALGORITHMS)
    claims: dict[str, Any] = json.loads(signed.payload)
    assert claims["iss"] == rp.issuer
    assert claims["aud"] == rp.registration.client_id
    assert claims["events"] == {EVENT: {}}
    assert abs(claims["iat"] - time.time()) < 60
    assert 0 < claims["exp"] - claims["iat"] <= 120
    assert claims["jti"] and "nonce" not in claims
    return claims


@pytest.mark.spec("OIDF K1")
@pytest.mark.spec("Back-Channel Logout §2.1")
def test_k1_back_channel_logout_is_advertised(rp: RelyingParty) -> None:
    """oidcc-backchannel-logout-discovery-endpoint-verification, with L1."""
    assert rp.metadata["backchannel_logout_supported"] is True
    assert rp.metadata["backchannel_logout_session_supported"] is True
    assert rp.metadata["end_session_endpoint"].startswith(rp.issuer)


@pytest.mark.spec("OIDF K2")
@pytest.mark.spec("Back-Channel Logout §2.4")
def test_k2_every_client_of_the_session_is_told_before_the_browser_leaves(
    enrol: Enrol, browser: Browser, ada: Person, shop: Listener, desk: Listener
) -> None:
    """oidcc-backchannel-rp-initiated-logout: `sub` and `sid` are the ID token's."""
    first, second = enrol(shop), enrol(desk, "--skip-consent")
    at_first = first.sign_in(browser, ada)
    at_second = second.sign_in(browser, ada)
    sign_out(first, browser, ada, at_first)
    for rp, flow, listener in ((first, at_first, shop), (second, at_second, desk)):
        (heard,) = listener.heard(HERE)
        told = claims_of(heard, rp)
        assert told["sid"] == flow.claims["sid"]
        assert told["sub"] == flow.claims["sub"]


@pytest.mark.spec("Back-Channel Logout §2.5")
def test_who_has_no_part_in_the_session_is_not_told(
    enrol: Enrol, outgoing: LiveServer, ada: Person, shop: Listener, desk: Listener
) -> None:
    """Neither another client, nor the same one for another session of the person."""
    inside, outside = enrol(shop), enrol(desk)
    with Browser(outgoing.url) as here, Browser(outgoing.url) as there:
        flow = inside.sign_in(here, ada)
        inside.sign_in(there, ada)
        outside.sign_in(there, ada)
        sign_out(inside, here, ada, flow)
    (heard,) = shop.heard(HERE)
    assert claims_of(heard, inside)["sid"] == flow.claims["sid"]
    assert desk.heard(HERE) == []


@pytest.mark.spec("Back-Channel Logout §2.5")
def test_a_slow_client_holds_up_nobody(
    enrol: Enrol, browser: Browser, ada: Person, shop: Listener, desk: Listener
) -> None:
    """They are told at the same time, and the browser waits three seconds at most."""
    shop.answers[HERE] = Reply(after=9)
    slow, quick = enrol(shop), enrol(desk)
    flow = slow.sign_in(browser, ada)
    quick.sign_in(browser, ada)
    began = time.monotonic()
    sign_out(slow, browser, ada, flow)
    took = time.monotonic() - began
    assert 2.5 < took < 8.5, "it waited for the slow one, but not to the end"
    assert len(desk.heard(HERE)) == len(shop.heard(HERE)) == 1


@pytest.mark.spec("Back-Channel Logout §2.5")
def test_a_client_that_is_away_is_told_when_it_is_back(
    enrol: Enrol,
    outgoing: LiveServer,
    browser: Browser,
    ada: Person,
    shop: Listener,
) -> None:
    """Again after a pause, with a token of its own: the one before may be known."""
    shop.answers[HERE] = Reply(503)
    rp = enrol(shop)
    flow = rp.sign_in(browser, ada)
    sign_out(rp, browser, ada, flow)
    (waiting,) = deliveries(outgoing, rp)
    assert (waiting["status"], waiting["last_error"]) == (
        "waiting",
        "the answer is 503",
    )
    shop.answers[HERE] = Reply(204)
    tried = len(shop.heard(HERE))
    until(lambda: len(shop.heard(HERE)) > tried, "another try")
    told = [claims_of(heard, rp) for heard in shop.heard(HERE)]
    assert len({one["jti"] for one in told}) == len(told)
    assert {one["sid"] for one in told} == {flow.claims["sid"]}
    until(lambda: deliveries(outgoing, rp)[0]["status"] == "sent", "its mark")


@pytest.mark.spec("Back-Channel Logout §2.8")
def test_a_client_that_says_no_is_not_asked_again(
    enrol: Enrol,
    outgoing: LiveServer,
    browser: Browser,
    ada: Person,
    shop: Listener,
) -> None:
    """400: the token or the logout is no good; what the client says is noted."""
    body = b'{"error": "invalid_request"}'
    shop.answers[HERE] = Reply(400, body, "application/json")
    rp = enrol(shop)
    flow = rp.sign_in(browser, ada)
    sign_out(rp, browser, ada, flow)
    until(lambda: deliveries(outgoing, rp)[0]["status"] == "failed", "its mark")
    (given_up,) = deliveries(outgoing, rp)
    assert given_up["last_error"] == "the answer is 400: invalid_request"
    assert given_up["attempts"] == 1


@pytest.mark.spec("Back-Channel Logout §2.7")
def test_refresh_tokens_for_the_session_end_and_offline_ones_go_on(
    enrol: Enrol, browser: Browser, ada: Person, shop: Listener
) -> None:
    """Access tokens of what ends are dead at userinfo and introspection too."""
    rp = enrol(shop)
    online = rp.sign_in(browser, ada, scope="openid")
    offline = rp.sign_in(browser, ada, scope="openid offline_access", prompt="consent")
    sign_out(rp, browser, ada, online)
    assert rp.userinfo(online.tokens["access_token"]).status_code == 401
    assert rp.introspect(online.tokens["access_token"]).json() == {"active": False}
    assert rp.refresh(offline.tokens["refresh_token"]).status_code == 200


@pytest.mark.spec("Back-Channel Logout §2.7")
def test_a_code_of_a_session_that_has_ended_is_worth_nothing(
    enrol: Enrol, browser: Browser, ada: Person, shop: Listener
) -> None:
    """The client would be signed in by it, and nobody would tell it otherwise."""
    rp = enrol(shop)
    flow = rp.sign_in(browser, ada)
    ask = rp.ask()
    reply = rp.receive(ask, ada.walk(browser, browser.open(ask.url)).departure)
    sign_out(rp, browser, ada, flow)
    answer = rp.redeem(ask, reply["code"])
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


@pytest.mark.spec("Back-Channel Logout §2.5")
def test_a_redirect_is_not_followed(
    enrol: Enrol,
    outgoing: LiveServer,
    browser: Browser,
    ada: Person,
    shop: Listener,
    desk: Listener,
) -> None:
    """A logout token goes where the client has registered, and nowhere else."""
    shop.answers[HERE] = Reply(307, headers={"Location": f"{desk.url}{HERE}"})
    rp = enrol(shop)
    sign_out(rp, browser, ada, rp.sign_in(browser, ada))
    assert desk.heard(HERE) == []
    assert deliveries(outgoing, rp)[0]["last_error"] == "the answer is 307"


def deliveries(server: LiveServer, rp: RelyingParty) -> list[dict[str, Any]]:
    """What an operator sees of this client, the newest first."""
    found = server.cli("notices", "list", "--limit", "5000")
    return [one for one in found if one["client_id"] == rp.registration.client_id]
