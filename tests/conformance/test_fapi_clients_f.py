"""F29, F31-F38, F44, F45, F50, F51, F54-F56: who redeems a code, and how they prove it.

FAPI 2.0 clients with private_key_jwt and DPoP.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.support import enrolment
from tests.support.answer_rules import json_of, refused, token_answer
from tests.support.browser import Browser
from tests.support.live import LiveServer
from tests.support.person import Person
from tests.support.pushing import ENDPOINT as PAR
from tests.support.pushing import KINDS, code_of
from tests.support.relying_party import JWT_BEARER, Ask, RelyingParty
from tests.support.sender_constrained import KeyedParty

TOKEN = "token_endpoint"
GRANTS = ("authorization_code", "refresh_token", "client_credentials")
FAPI = {**KINDS["fapi2"], "grant_types": GRANTS}
NOW = int(time.time())


@pytest.fixture(scope="session")
def bank(enrol_client: Callable[..., RelyingParty]) -> KeyedParty:
    return KeyedParty.by_dpop(enrol_client(**FAPI))


@pytest.fixture(scope="session")
def other_bank(enrol_client: Callable[..., RelyingParty]) -> KeyedParty:
    return KeyedParty.by_dpop(enrol_client(**FAPI))


def authorized(party: KeyedParty, browser: Browser, person: Person) -> tuple[Ask, str]:
    ask = party.pushed(party.ask(pkce=True))
    return ask, code_of(party, ask, browser, person)


def proven_by(party: KeyedParty, endpoint: str, **changes: Any) -> requests.Response:
    """A good call whose assertion is changed in one thing; None leaves it out."""
    form = {"grant_type": "client_credentials"}
    if endpoint == PAR:
        form = party.ask(pkce=True).params
    assertion = changes.pop("assertion", "") or party.assertion(**changes)
    url = party.at(endpoint)
    proof = {
        "client_id": party.registration.client_id,
        "client_assertion_type": JWT_BEARER,
        "client_assertion": assertion,
    }
    headers = {"DPoP": party.prover.proof("POST", url)}
    return party.http.post(url, data=form | proof, headers=headers)


@pytest.mark.spec("OIDF F29")
def test_f29_credentials_and_client_id_are_of_one_client(
    bank: KeyedParty, other_bank: KeyedParty, browser: Browser, ada: Person
) -> None:
    ask, code = authorized(bank, browser, ada)
    theirs = other_bank.registration.client_id
    answer = bank.redeem(ask, code, client_id=theirs)
    refused(answer, "invalid_client", "invalid_request", "invalid_grant")


@pytest.mark.spec("OIDF F31")
def test_f31_a_code_is_bound_to_its_client(
    bank: KeyedParty, other_bank: KeyedParty, browser: Browser, ada: Person
) -> None:
    """client2, well proven and with the same key, redeems client1's code."""
    ask, code = authorized(bank, browser, ada)
    thief = KeyedParty(other_bank, prover=bank.prover)
    refused(thief.redeem(ask, code), "invalid_grant", status=400)
    assert token_answer(bank.redeem(ask, code), kind="DPoP")


@pytest.mark.spec("OIDF F32")
def test_f32_a_code_is_spent_once_and_its_token_dies(
    bank: KeyedParty, browser: Browser, ada: Person
) -> None:
    ask, code = authorized(bank, browser, ada)
    tokens = token_answer(bank.redeem(ask, code), kind="DPoP")
    time.sleep(1)
    refused(bank.redeem(ask, code), "invalid_grant", status=400)
    assert bank.userinfo(tokens["access_token"]).status_code == 401


@pytest.fixture(scope="module")
def hasty(
    database_kind: str, make_migrated: Callable[[str], str]
) -> Iterator[LiveServer]:
    """A server whose codes live for two seconds."""
    url = make_migrated(database_kind)
    with LiveServer(database_url=url, env={"CODE_TTL": "2"}) as running:
        yield running


@pytest.mark.spec("OIDF F33")
def test_f33_a_code_expires(hasty: LiveServer, tmp_path: Path) -> None:
    """Tests of the core hold that it is a minute at most, whatever the setting."""
    ada = enrolment.enrol_person(hasty, tmp_path, claims={})
    bank = KeyedParty.by_dpop(enrolment.enrol_client(hasty, tmp_path, **FAPI))
    with Browser(hasty.url) as browser:
        ask, code = authorized(bank, browser, ada)
    time.sleep(2.2)
    refused(bank.redeem(ask, code), "invalid_grant", status=400)


BAD_ASSERTIONS: dict[str, dict[str, Any]] = {
    "F34 RS256": {"header": {"alg": "RS256"}},
    "F36 exp 5 minutes ago": {"exp": NOW - 300},
    "F37 foreign aud": {"aud": "https://evil.example"},
    "F37 no aud": {"aud": None},
    "F38 no sub": {"sub": None},
    "F45 nbf 70 seconds ahead": {"nbf": NOW + 3600},
    "F54 aud in a list": {"aud": ["ISSUER"]},
    "F55 the PAR endpoint": {"aud": "ISSUER/par"},
    "F56 the token endpoint": {"aud": "ISSUER/token"},
    "issuer with a slash": {"aud": "ISSUER/"},
}


@pytest.mark.spec("OIDF F34")
@pytest.mark.spec("OIDF F36")
@pytest.mark.spec("OIDF F37")
@pytest.mark.spec("OIDF F38")
@pytest.mark.spec("OIDF F45")
@pytest.mark.spec("OIDF F54")
@pytest.mark.spec("OIDF F55")
@pytest.mark.spec("OIDF F56")
@pytest.mark.parametrize("endpoint", [TOKEN, PAR])
@pytest.mark.parametrize("changes", BAD_ASSERTIONS.values(), ids=BAD_ASSERTIONS)
def test_f34_to_f38_f54_to_f56_an_assertion_outside_the_rules_proves_nothing(
    bank: KeyedParty, endpoint: str, changes: dict[str, Any]
) -> None:
    """One thing wrong in each, at both endpoints."""
    changes = dict(changes)
    aud = changes.get("aud")
    if isinstance(aud, str):
        changes["aud"] = aud.replace("ISSUER", bank.issuer)
    elif aud:
        changes["aud"] = [bank.issuer]
    answer = proven_by(bank, endpoint, **changes)
    refused(answer, "invalid_client", "invalid_request")


@pytest.mark.spec("OIDF F35")
@pytest.mark.parametrize("endpoint", [TOKEN, PAR])
def test_f35_an_assertion_is_needed(bank: KeyedParty, endpoint: str) -> None:
    """The name of the client alone; and its name with an empty assertion."""
    url, me = bank.at(endpoint), bank.registration.client_id
    form = bank.ask(pkce=True).params | {"grant_type": "client_credentials"}
    for more in ({}, {"client_assertion_type": JWT_BEARER, "client_assertion": ""}):
        headers = {"DPoP": bank.prover.proof("POST", url)}
        data = form | {"client_id": me} | more
        answer = bank.http.post(url, data=data, headers=headers)
        refused(answer, "invalid_client", "invalid_request")


@pytest.mark.spec("OIDF F44")
@pytest.mark.parametrize("endpoint", [TOKEN, PAR])
@pytest.mark.parametrize("name", ["nbf", "iat"])
def test_f44_a_clock_may_be_8_seconds_ahead(
    bank: KeyedParty, endpoint: str, name: str
) -> None:
    """FAPI 2.0 §5.3.2.1: up to ten are taken, more than sixty are not."""
    answer = proven_by(bank, endpoint, **{name: int(time.time()) + 8})
    assert answer.status_code in (200, 201), answer.text
    late = proven_by(bank, endpoint, **{name: int(time.time()) + 61})
    refused(late, "invalid_client")


def test_a_request_object_is_no_assertion(bank: KeyedParty) -> None:
    """RFC 9101 §10.8: signed by the same key, for the same audience."""
    me = bank.registration.client_id
    request = bank.request_object(bank.ask(pkce=True), sub=me)
    refused(proven_by(bank, TOKEN, assertion=request), "invalid_client", status=401)


@pytest.mark.spec("OIDF F50")
@pytest.mark.spec("OIDF F51")
@pytest.mark.parametrize("verifier", [None, "w" * 43, ""])
def test_f50_f51_without_its_verifier_a_code_is_worth_nothing(
    bank: KeyedParty, browser: Browser, ada: Person, verifier: str | None
) -> None:
    """`invalid_grant`, and not `invalid_request`; the right one opens it still."""
    ask, code = authorized(bank, browser, ada)
    refused(bank.redeem(ask, code, code_verifier=verifier), "invalid_grant", status=400)
    assert token_answer(bank.redeem(ask, code), kind="DPoP")


@pytest.mark.spec("OIDF F2")
def test_f2_the_whole_road_of_a_fapi_client(
    bank: KeyedParty, browser: Browser, ada: Person
) -> None:
    """Pushed, proven by a key, bound to a key; and a refresh token that stays."""
    ask = bank.pushed(
        bank.ask(pkce=True, scope="openid offline_access", prompt="consent")
    )
    code = code_of(bank, ask, browser, ada)
    # the redirect URI was bound when it was pushed: it need not come again
    tokens = token_answer(bank.redeem(ask, code, redirect_uri=None), kind="DPoP")
    assert json_of(bank.userinfo(tokens["access_token"]))["sub"]
    for _ in range(2):
        again = token_answer(bank.refresh(tokens["refresh_token"]), kind="DPoP")
        assert (
            again.get("refresh_token", tokens["refresh_token"])
            == (tokens["refresh_token"])
        )
    assert bank.revoke(tokens["refresh_token"]).status_code == 200
    refused(bank.refresh(tokens["refresh_token"]), "invalid_grant", status=400)
