"""F13-F17, F40: codes and refresh tokens that are bound to a DPoP key."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from tests.support.answer_rules import claims_of, json_of, refused, token_answer
from tests.support.browser import Browser
from tests.support.person import Person
from tests.support.proofs import Prover
from tests.support.relying_party import Ask, RelyingParty
from tests.support.sender_constrained import GOOD, KeyedParty

PAR = "pushed_authorization_request_endpoint"
TOKEN = "token_endpoint"
FOR_GOOD = {"scope": "openid offline_access", "prompt": "consent"}


@pytest.fixture(scope="session")
def fapi(enrol_client: Callable[..., RelyingParty]) -> RelyingParty:
    """FAPI 2.0: private_key_jwt, pushed requests, bound tokens."""
    return enrol_client(
        auth_method="private_key_jwt", key_algorithm="PS256", profile="fapi2"
    )


@pytest.fixture
def party(fapi: RelyingParty) -> KeyedParty:
    return KeyedParty.by_dpop(fapi)


class Walk:
    """One person at one browser, and a client that pushes what it asks."""

    def __init__(self, party: KeyedParty, browser: Browser, person: Person) -> None:
        self.party, self.browser, self.person = party, browser, person

    def code_for(self, *, proof: str | None, **changes: str) -> tuple[Ask, str]:
        ask = self.party.ask(pkce=True, **changes)
        answer = self.party.post_once(PAR, proof=proof, **ask.params)
        told = json_of(answer, status=201)
        carried = {
            "client_id": self.party.registration.client_id,
            "request_uri": told["request_uri"],
        }
        url = Ask(ask.endpoint, carried).url
        walk = self.person.walk(self.browser, self.browser.open(url))
        return ask, self.party.receive(ask, walk.departure)["code"]


@pytest.fixture
def walk(party: KeyedParty, browser: Browser, ada: Person) -> Walk:
    return Walk(party, browser, ada)


@pytest.mark.spec("OIDF F13")
@pytest.mark.spec("RFC 9449 §10.1")
def test_f13_a_pushed_key_and_the_key_of_its_proof_are_one(party: KeyedParty) -> None:
    other = Prover()
    ask = party.ask(pkce=True, dpop_jkt=other.jkt)
    refused(party.post(PAR, **ask.params), "invalid_dpop_proof", "invalid_request")


@pytest.mark.spec("OIDF F14")
@pytest.mark.spec("OIDF F15")
@pytest.mark.spec("RFC 9449 §10")
@pytest.mark.parametrize("bound_by", ["proof", "dpop_jkt", "both"])
def test_f14_f15_a_code_is_worth_nothing_with_another_key(
    walk: Walk, party: KeyedParty, bound_by: str
) -> None:
    proof = GOOD if bound_by != "dpop_jkt" else None
    named = {} if bound_by == "proof" else {"dpop_jkt": party.prover.jkt}
    ask, code = walk.code_for(proof=proof, **named)
    right, party.prover = party.prover, Prover()
    refused(party.redeem(ask, code), "invalid_grant", "invalid_dpop_proof", status=400)
    # nothing was spent: the right key still opens it
    party.prover = right
    assert token_answer(party.redeem(ask, code), kind="DPoP")


@pytest.mark.spec("OIDF F16")
@pytest.mark.spec("OIDF F17")
@pytest.mark.spec("RFC 9449 §10.1")
@pytest.mark.parametrize("bound_by", ["proof", "dpop_jkt", "both", "neither"])
def test_f16_f17_with_its_key_a_code_is_redeemed(
    walk: Walk, party: KeyedParty, bound_by: str
) -> None:
    proof = GOOD if bound_by in ("proof", "both") else None
    named = {"dpop_jkt": party.prover.jkt} if bound_by in ("dpop_jkt", "both") else {}
    ask, code = walk.code_for(proof=proof, **named)
    tokens = token_answer(party.redeem(ask, code), kind="DPoP")
    assert claims_of(tokens["access_token"])["cnf"] == {"jkt": party.prover.jkt}
    assert json_of(party.userinfo(tokens["access_token"]))["sub"]


@pytest.mark.spec("OIDF F11")
@pytest.mark.spec("OIDF F12")
@pytest.mark.spec("OIDF F39")
@pytest.mark.parametrize(("by", "is_good"), [(-10, 1), (10, 1), (-3600, 0), (3600, 0)])
def test_f11_f12_at_the_pushing_too(party: KeyedParty, by: int, is_good: int) -> None:
    ask = party.ask(pkce=True)
    at = party.at(PAR)
    proof = party.prover.proof("POST", at, iat=int(time.time()) + by)
    answer = party.post_once(PAR, proof=proof, **ask.params)
    if is_good:
        assert json_of(answer, status=201)["request_uri"]
        again = party.post_once(PAR, proof=proof, **ask.params)
        refused(again, "invalid_dpop_proof", status=400)
    else:
        refused(answer, "invalid_dpop_proof", status=400)


@pytest.mark.parametrize("jkt", ["short", "x" * 44, "=" * 43, "é" * 43])
def test_a_thumbprint_looks_like_one(party: KeyedParty, jkt: str) -> None:
    answer = party.post_once(PAR, **party.ask(pkce=True, dpop_jkt=jkt).params)
    refused(answer, "invalid_request", "invalid_dpop_proof", status=400)


@pytest.mark.spec("OIDF F30")
@pytest.mark.spec("FAPI 2.0 §5.3.2.1")
def test_f30_without_a_key_there_is_no_token(walk: Walk, party: KeyedParty) -> None:
    ask, code = walk.code_for(proof=None)
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": ask.params["redirect_uri"],
        "code_verifier": ask.verifier,
    }
    answer = party.post_once(TOKEN, proof=None, **form)
    refused(
        answer, "invalid_request", "invalid_grant", "invalid_dpop_proof", status=400
    )
    assert token_answer(party.redeem(ask, code), kind="DPoP")


def signed_in(walk: Walk, party: KeyedParty) -> dict[str, str]:
    ask, code = walk.code_for(proof=GOOD, **FOR_GOOD)
    return token_answer(party.redeem(ask, code), kind="DPoP")


@pytest.mark.spec("OIDF F40")
def test_f40_a_refresh_token_needs_its_client_and_a_key(
    walk: Walk, party: KeyedParty, enrol_client: Callable[..., RelyingParty]
) -> None:
    tokens = signed_in(walk, party)
    token = tokens["refresh_token"]
    form = {"grant_type": "refresh_token", "refresh_token": token}
    refused(party.post_once(TOKEN, proof=None, **form), status=400)
    # without authentication, as somebody else, and as another client
    url = party.at(TOKEN)
    for more in ({}, {"client_id": party.registration.client_id}):
        proof = {"DPoP": party.prover.proof("POST", url)}
        answer = party.http.post(url, data=form | more, headers=proof)
        refused(answer, "invalid_client", "invalid_request")
    other = enrol_client(
        auth_method="private_key_jwt", key_algorithm="PS256", profile="fapi2"
    )
    theirs = KeyedParty(other, prover=party.prover)
    refused(theirs.refresh(token), "invalid_grant", status=400)
    fresh = token_answer(party.refresh(token), kind="DPoP")
    assert claims_of(fresh["access_token"])["cnf"] == {"jkt": party.prover.jkt}


@pytest.mark.spec("OIDF F40")
@pytest.mark.spec("FAPI 2.0 §5.3.2.1")
def test_f40_the_refresh_token_goes_on_working(walk: Walk, party: KeyedParty) -> None:
    """FAPI forbids to replace it as a matter of routine (§5.3.2.1 (9))."""
    token = signed_in(walk, party)["refresh_token"]
    for _ in range(3):
        answer = token_answer(party.refresh(token), kind="DPoP")
        assert answer.get("refresh_token", token) == token


@pytest.mark.spec("RFC 9449 §5")
def test_a_public_clients_refresh_token_is_bound_to_its_key(
    public_rp: RelyingParty, browser: Browser, ada: Person
) -> None:
    party = KeyedParty.by_dpop(public_rp)
    flow = party.sign_in(browser, ada, pkce=True, **FOR_GOOD)
    token, right = flow.tokens["refresh_token"], party.prover
    party.prover = Prover()
    refused(party.refresh(token), "invalid_grant", status=400)
    plain = {"grant_type": "refresh_token", "refresh_token": token}
    refused(party.post_once(TOKEN, proof=None, **plain), "invalid_grant", status=400)
    party.prover = right
    assert token_answer(party.refresh(token), kind="DPoP")
