"""Signed requests of the back channel (OpenID CIBA §7.1.1, FAPI-CIBA §5.2.2)."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.ciba import GRANTS, ask, begun, decide, poll, signed
from tests.support import answer_rules
from tests.support.answer_rules import refused
from tests.support.browser import Browser
from tests.support.enrolment import enrol_person, signing_key
from tests.support.person import Person
from tests.support.relying_party import RelyingParty

HOUR = 3600


def bank_of(enrol_client: Callable[..., RelyingParty], algorithm: str) -> RelyingParty:
    return enrol_client(
        auth_method="private_key_jwt",
        key_algorithm=algorithm,
        grant_types=GRANTS,
        redirect_uris=(),
        metadata={"backchannel_authentication_request_signing_alg": algorithm},
    )


@pytest.fixture(scope="module")
def bank(enrol_client: Callable[..., RelyingParty]) -> RelyingParty:
    return bank_of(enrol_client, "PS256")


@pytest.fixture(scope="module")
def ada(server: Any, folder: Path) -> Person:
    return enrol_person(server, folder, claims={})


def send(app: RelyingParty, request: str, **beside: str | None) -> Any:
    return ask(app, **({"scope": None, "request": request} | beside))


@pytest.mark.spec("OpenID CIBA §7.1.1")
@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize("algorithm", ["PS256", "ES256", "EdDSA"])
def test_each_advertised_algorithm_goes_the_whole_road(
    enrol_client: Callable[..., RelyingParty],
    browser: Browser,
    ada: Person,
    algorithm: str,
) -> None:
    app = bank_of(enrol_client, algorithm)
    told = begun(send(app, signed(app, ada, binding_message="1234")))
    decide(browser, ada, "allow")
    answer_rules.token_answer(poll(app, told))


@pytest.mark.spec("OIDF fapi-ciba-id1 requested-expiry-as-string")
@pytest.mark.parametrize("expiry", [30, "30"])
def test_requested_expiry_is_a_number_or_a_string(
    bank: RelyingParty, ada: Person, expiry: object
) -> None:
    told = begun(send(bank, signed(bank, ada, requested_expiry=expiry)))
    assert told["expires_in"] == 30


def now(seconds: int = 0) -> int:
    return int(time.time()) + seconds


# the name of the suite's module, and what is wrong
WRONG: dict[str, Callable[[], dict[str, Any]]] = {
    "missing-aud": lambda: {"aud": None},
    "bad-aud": lambda: {"aud": "https://other.example"},
    "missing-iss": lambda: {"iss": None},
    "bad-iss": lambda: {"iss": "somebody-else"},
    "missing-exp": lambda: {"exp": None},
    "expired": lambda: {"exp": now(-60), "nbf": now(-120)},
    "exp-70-minutes": lambda: {"exp": now(70 * 60)},
    "missing-iat": lambda: {"iat": None},
    "missing-nbf": lambda: {"nbf": None},
    "nbf-10-minutes-in-future": lambda: {"nbf": now(600), "exp": now(900)},
    "nbf-70-minutes-in-past": lambda: {"nbf": now(-70 * 60)},
    "missing-jti": lambda: {"jti": None},
    "no-text-jti": lambda: {"jti": 7},
    "times-as-text": lambda: {"nbf": str(now())},
    "times-as-booleans": lambda: {"nbf": True},
    "endless": lambda: {"exp": 1e400},
    "hint-as-number": lambda: {"login_hint": 7},
    "scope-as-list": lambda: {"scope": ["openid"]},
    "expiry-as-boolean": lambda: {"requested_expiry": True},
    "expiry-as-list": lambda: {"requested_expiry": [30]},
}


@pytest.mark.spec("OIDF fapi-ciba-id1 signed-request negatives")
@pytest.mark.parametrize("kind", WRONG)
def test_one_wrong_claim_is_refused(bank: RelyingParty, ada: Person, kind: str) -> None:
    """Everything else of the request is good."""
    refused(send(bank, signed(bank, ada, **WRONG[kind]())), "invalid_request")


@pytest.mark.spec("OIDF fapi-ciba-id1 bad-binding-message-as-number")
def test_a_binding_message_that_is_no_string(bank: RelyingParty, ada: Person) -> None:
    request = signed(bank, ada, binding_message=1234)
    refused(send(bank, request), "invalid_binding_message")


@pytest.mark.spec("OIDF fapi-ciba-id1 unsigned-request")
def test_who_signs_must_sign(bank: RelyingParty, ada: Person) -> None:
    """Also when the parameters are good, or partly beside the signed ones."""
    plain = {"scope": "openid", "login_hint": ada.email}
    refused(ask(bank, **plain), "invalid_request")
    beside = send(bank, signed(bank, ada), scope="openid")
    refused(beside, "invalid_request")
    beside = send(bank, signed(bank, ada, login_hint=None), login_hint=ada.email)
    refused(beside, "invalid_request")


@pytest.mark.spec("OIDF fapi-ciba-id1 signing-algorithm none")
@pytest.mark.parametrize("header", [{"alg": "none", "typ": "JWT"}, {"alg": "NONE"}])
def test_none_is_no_algorithm(
    bank: RelyingParty, ada: Person, header: dict[str, str]
) -> None:
    """A request object whose signature was taken away."""
    claims = signed(bank, ada).split(".")[1]
    head = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()
    refused(send(bank, f"{head}.{claims}."), "invalid_request")


@pytest.mark.spec("OIDF fapi-ciba-id1 signing-algorithm RS256")
def test_rs256_is_not_taken(bank: RelyingParty, ada: Person) -> None:
    """The same key, by the older padding."""
    request = signed(bank, ada, header={"alg": "RS256"})
    refused(send(bank, request), "invalid_request")


@pytest.mark.spec("OIDF fapi-ciba-id1 signed-by-other-client")
def test_another_key_is_not_the_clients(
    enrol_client: Callable[..., RelyingParty], bank: RelyingParty, ada: Person
) -> None:
    """Neither that of another client, nor a new one under the same name."""
    other = bank_of(enrol_client, "PS256")
    request = signed(bank, ada, key=other.registration.key)
    refused(send(bank, request), "invalid_request")
    forged = signing_key("PS256", kid=bank.registration.key.kid)
    refused(send(bank, signed(bank, ada, key=forged)), "invalid_request")
    theirs = signed(other, ada)
    refused(send(bank, theirs), "invalid_request")


@pytest.mark.spec("OpenID CIBA §7.1.1")
def test_a_signed_request_is_good_once(bank: RelyingParty, ada: Person) -> None:
    """Its `jti` is spent, also when the rest is refused."""
    request = signed(bank, ada)
    begun(send(bank, request))
    refused(send(bank, request), "invalid_request")


@pytest.mark.parametrize("text", ["", "a.b.c", "{}", "é", "a" * 40_000])
def test_what_is_no_request_object_is_refused(bank: RelyingParty, text: str) -> None:
    refused(send(bank, text), "invalid_request")
