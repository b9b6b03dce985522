"""Request objects that are refused, demanded, or pushed (RFC 9101)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.answer_rules import json_of
from tests.support.browser import Browser
from tests.support.key_host import KeyHost
from tests.support.objects import carrying, code_of, outside, told, unsigned
from tests.support.person import Person
from tests.support.relying_party import RelyingParty

BAD_OBJECTS: dict[str, dict[str, Any]] = {
    "expired": {"exp": 1_700_000_000},
    "not yet": {"nbf": 4_000_000_000},
    "exp is a word": {"exp": "soon"},
    "for somebody else": {"aud": "https://evil.example"},
    "for nobody": {"aud": []},
    "another's": {"iss": "somebody"},
    "of another client": {"client_id": "somebody"},
    "an assertion": {"sub": "CLIENT"},
    "request inside": {"request": "a.b.c"},
    "request_uri inside": {"request_uri": "https://rp.example/r"},
    "typ of a token": {"header": {"typ": "at+jwt"}},
    "typ of a proof": {"header": {"typ": "dpop+jwt"}},
    "unknown kid": {"header": {"kid": "unknown"}},
    "critical": {"header": {"crit": ["kid"]}},
    "a half number": {"max_age": 0.5},
}


@pytest.mark.spec("RFC 9101 §5")
@pytest.mark.spec("RFC 9101 §6.1")
@pytest.mark.spec("RFC 9101 §10.8")
@pytest.mark.parametrize("changes", BAD_OBJECTS.values(), ids=BAD_OBJECTS)
def test_an_object_that_proves_nothing_is_refused(
    jar_rp: RelyingParty, browser: Browser, ada: Person, changes: dict[str, Any]
) -> None:
    """By redirect, since the query names a good way back."""
    changes = {
        name: jar_rp.registration.client_id if value == "CLIENT" else value
        for name, value in changes.items()
    }
    ask = jar_rp.ask()
    request = jar_rp.request_object(ask, **changes)
    ask = carrying(ask, outside(jar_rp, ask, request=request))
    told(jar_rp, ask, browser, ada, "invalid_request_object")


@pytest.mark.spec("RFC 9101 §6.2")
def test_an_object_of_another_client_is_refused(
    jar_rp: RelyingParty,
    enrol_client: Callable[..., RelyingParty],
    browser: Browser,
    ada: Person,
) -> None:
    """Signed by one, sent as the other; and one that has no keys at all."""
    other = enrol_client(auth_method="private_key_jwt")
    ask = jar_rp.ask()
    theirs = other.request_object(ask, iss=jar_rp.registration.client_id)
    ask = carrying(ask, outside(jar_rp, ask, request=theirs))
    told(jar_rp, ask, browser, ada, "invalid_request_object")


@pytest.mark.spec("RFC 9101 §6.2")
def test_only_the_registered_algorithm_is_taken(
    enrol_client: Callable[..., RelyingParty], browser: Browser, ada: Person
) -> None:
    rp = enrol_client(
        auth_method="private_key_jwt", metadata={"request_object_signing_alg": "PS256"}
    )
    ask = rp.ask()
    ask = carrying(ask, outside(rp, ask, request=rp.request_object(ask)))
    told(rp, ask, browser, ada, "invalid_request_object")


def test_both_at_once_are_one_too_many(
    jar_rp: RelyingParty, host: KeyHost, browser: Browser, ada: Person
) -> None:
    """OIDC Core §6.1 and §6.2: never together; pushed ones neither."""
    ask = jar_rp.ask()
    both = outside(
        jar_rp, ask, request=jar_rp.request_object(ask), request_uri=host.url
    )
    told(jar_rp, carrying(ask, both), browser, ada, "invalid_request")
    pushed = (jar_rp.pushed(ask).carried or {})["request_uri"]
    both["request_uri"] = pushed
    told(jar_rp, carrying(ask, both), browser, ada, "invalid_request")


@pytest.mark.spec("RFC 9101 §10.5")
def test_a_client_that_must_sign_is_refused_without(
    enrol_client: Callable[..., RelyingParty], browser: Browser, ada: Person
) -> None:
    """`require_signed_request_object`; unsigned ones are no request objects then."""
    rp = enrol_client(
        auth_method="private_key_jwt",
        metadata={"require_signed_request_object": True},
    )
    ask = rp.ask()
    told(rp, ask, browser, ada, "invalid_request")
    bare = carrying(ask, outside(rp, ask, request=unsigned(ask.params)))
    told(rp, bare, browser, ada, "invalid_request_object")
    assert code_of(rp, rp.signed(ask), browser, ada)


@pytest.mark.spec("RFC 9126 §3")
def test_a_signed_request_may_be_pushed(
    jar_rp: RelyingParty, browser: Browser, ada: Person
) -> None:
    """The object alone, beside what proves the client."""
    ask = jar_rp.ask(pkce=True)
    answer = jar_rp.post(
        "pushed_authorization_request_endpoint", request=jar_rp.request_object(ask)
    )
    uri = json_of(answer, status=201)["request_uri"]
    me = jar_rp.registration.client_id
    pushed = carrying(ask, {"client_id": me, "request_uri": uri})
    assert code_of(jar_rp, pushed, browser, ada)
