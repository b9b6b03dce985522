"""FAPI 2.0 Message Signing: signed requests, pushed; what has to be refused, and taken."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.answer_rules import json_of, refused
from tests.support.relying_party import RelyingParty

pytestmark = pytest.mark.spec("FAPI 2.0 Message Signing §5.3.1")
ENDPOINT = "pushed_authorization_request_endpoint"
MINUTE, HOUR = 60, 3600
WORDS = ("invalid_request", "invalid_request_object")


@pytest.fixture(scope="session")
def signer(enrol_client: Callable[..., RelyingParty]) -> RelyingParty:
    return enrol_client(
        auth_method="private_key_jwt", key_algorithm="PS256", profile="fapi2-ms"
    )


@pytest.fixture(scope="session")
def other_signer(enrol_client: Callable[..., RelyingParty]) -> RelyingParty:
    return enrol_client(
        auth_method="private_key_jwt", key_algorithm="PS256", profile="fapi2-ms"
    )


def push(rp: RelyingParty, request: str) -> Any:
    return rp.post(ENDPOINT, request=request)


def good(rp: RelyingParty, **changes: Any) -> str:
    ask = rp.ask(pkce=True, response_mode="jwt")
    return rp.request_object(ask, **changes)


# Times are seconds from the moment that the request is signed.
TO_REFUSE: dict[str, dict[str, Any]] = {
    "no exp": {"exp": None},
    "no nbf": {"nbf": None},
    "no aud": {"aud": None},
    "expired": {"nbf": -10 * MINUTE, "exp": -5 * MINUTE},
    "bad aud": {"aud": "https://evil.example"},
    "bad aud in a list": {"aud": ["https://evil.example"]},
    "exp 70 minutes after nbf": {"exp": 70 * MINUTE},
    "nbf 70 minutes ago": {"nbf": -70 * MINUTE, "exp": MINUTE},
    "nbf 2 minutes ahead": {"nbf": 4 * MINUTE, "exp": 9 * MINUTE},
    "request_uri inside": {"request_uri": "urn:ietf:params:oauth:request_uri:x"},
    "request inside": {"request": "a.b.c"},
    "RS256": {"header": {"alg": "RS256"}},
    "unknown kid": {"header": {"kid": "unknown"}},
}


@pytest.mark.parametrize("changes", TO_REFUSE.values(), ids=TO_REFUSE)
def test_a_request_object_outside_the_rules_is_refused(
    signer: RelyingParty, changes: dict[str, Any]
) -> None:
    """Claims by their names and times, one thing wrong in each."""
    now = int(time.time())
    meant = {k: now + v if k in ("nbf", "exp") and v else v for k, v in changes.items()}
    refused(push(signer, good(signer, **meant)), *WORDS, status=400)


def test_an_object_that_is_not_signed_is_refused(signer: RelyingParty) -> None:
    head = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    body = good(signer).split(".")[1]
    refused(push(signer, f"{head}.{body}."), *WORDS, status=400)


def test_a_broken_signature_is_refused(signer: RelyingParty) -> None:
    head, body, signature = good(signer).split(".")
    turned = signature[:-10] + signature[-10:][::-1]
    refused(push(signer, f"{head}.{body}.{turned}"), *WORDS, status=400)
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    other = json.dumps(claims | {"state": "another"}).encode()
    coded = base64.urlsafe_b64encode(other).rstrip(b"=").decode()
    refused(push(signer, f"{head}.{coded}.{signature}"), *WORDS, status=400)


def test_the_signature_of_another_client_is_refused(
    signer: RelyingParty, other_signer: RelyingParty
) -> None:
    me = signer.registration.client_id
    theirs = good(other_signer, iss=me, client_id=me)
    refused(push(signer, theirs), *WORDS, status=400)


def test_plain_parameters_are_refused(signer: RelyingParty) -> None:
    """Pushed, and not signed."""
    ask = signer.ask(pkce=True, response_mode="jwt")
    refused(signer.push(ask), *WORDS, status=400)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"aud": ["https://other.example", "ISSUER"]},
        {"nbf": "8 seconds ahead"},
        {"nbf": "59 minutes ago", "exp": "in 30 seconds"},
        {"header": {"typ": None}},
        {"header": {"typ": "JWT"}},
    ],
)
def test_what_is_within_the_rules_is_taken(
    signer: RelyingParty, changes: dict[str, Any]
) -> None:
    """A list that names the issuer; a clock that is a little ahead."""
    now = int(time.time())
    moments = {
        "8 seconds ahead": now + 8,
        "59 minutes ago": now - 59 * MINUTE,
        "in 30 seconds": now + 30,
    }
    meant = {
        name: moments.get(value, value) if isinstance(value, str) else value
        for name, value in changes.items()
    }
    if "aud" in meant:
        meant["aud"] = [
            signer.issuer if one == "ISSUER" else one for one in meant["aud"]
        ]
    told = json_of(push(signer, good(signer, **meant)), status=201)
    assert 5 <= told["expires_in"] < 600
