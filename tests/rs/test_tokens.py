"""Access tokens at a resource server (RFC 9068 §4, RFC 6750, RFC 9470)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from joserfc.jwk import OctKey, RSAKey

from authserver_rs import Denied, Need, Request, ResourceServer
from tests.rs.conftest import NEED, Issuer

Ask = Callable[..., Request]


def refused(
    guard: ResourceServer, request: Request, error: str | None, need: Need = NEED
) -> Denied:
    with pytest.raises(Denied) as denied:
        guard.check(request, need)
    assert denied.value.error == error, denied.value.detail
    return denied.value


def challenges(denied: Denied) -> list[str]:
    return [value for name, value in denied.headers if name == "WWW-Authenticate"]


def test_a_good_token_lets_in(guard: ResourceServer, ask: Ask) -> None:
    access = guard.check(ask(), NEED)
    assert (access.subject, access.client_id) == ("ada", "shop")
    assert access.scopes == {"notes:read"}


@pytest.mark.spec("RFC 9068 §4")
@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://other.example"},
        {"iss": None},
        {"aud": "https://other.example"},
        {"aud": ["https://a.example", "https://b.example"]},
        {"aud": None},
        {"aud": "https://notes.example.org"},
        {"exp": 1},
        {"exp": None},
        {"exp": "9999999999"},
        {"exp": True},
        {"nbf": 9_999_999_999},
        {"iat": 9_999_999_999},
        {"sub": None},
        {"sub": ["ada"]},
        {"client_id": None},
        {"jti": None},
        {"scope": ["notes:read"]},
        {"cnf": "jkt"},
    ],
)
def test_one_wrong_claim_keeps_out(
    guard: ResourceServer, issuer: Issuer, ask: Ask, changed: dict[str, Any]
) -> None:
    refused(guard, ask(issuer.token(**changed)), "invalid_token")


def test_one_of_several_audiences_will_do(
    guard: ResourceServer, issuer: Issuer, ask: Ask
) -> None:
    both = ["https://other.example", guard.resource]
    assert guard.check(ask(issuer.token(aud=both)), NEED).subject == "ada"


@pytest.mark.spec("RFC 9068 §4")
@pytest.mark.parametrize(
    "header",
    [
        {"typ": "JWT"},
        {"typ": None},
        {"typ": "dpop+jwt"},
        {"kid": "nobody"},
        {"kid": None, "typ": "JWT"},
        {"alg": "PS256"},
    ],
)
def test_one_wrong_header_keeps_out(
    guard: ResourceServer, issuer: Issuer, ask: Ask, header: dict[str, Any]
) -> None:
    refused(guard, ask(issuer.token(header=header)), "invalid_token")


def test_a_forged_signature_keeps_out(
    guard: ResourceServer, issuer: Issuer, ask: Ask
) -> None:
    forger = RSAKey.generate_key(2048, {"kid": "one"})
    refused(guard, ask(issuer.token(key=forger)), "invalid_token")
    shared = OctKey.import_key("s" * 32, {"kid": "one"})
    forged = issuer.token(key=shared, header={"alg": "HS256"})
    refused(guard, ask(forged), "invalid_token")
    head, body, _ = issuer.token().split(".")
    refused(guard, ask(f"{head}.{body}."), "invalid_token")


@pytest.mark.parametrize(
    "rubbish", ["x", "a.b.c", "." * 10, "e30.e30.e30", "A" * 20_000, "~!@#"]
)
def test_rubbish_is_refused_and_no_fault(
    guard: ResourceServer, ask: Ask, rubbish: str
) -> None:
    refused(guard, ask(rubbish), "invalid_token")


@pytest.mark.spec("RFC 6750 §3.1")
def test_who_brings_no_token_is_told_no_error(guard: ResourceServer) -> None:
    denied = refused(guard, Request("GET", guard.resource, []), None)
    assert denied.status == 401
    bearer, dpop = challenges(denied)
    assert bearer == (
        f'Bearer resource_metadata="{guard.metadata.url}", scope="notes:read"'
    )
    assert dpop.startswith("DPoP resource_metadata=") and 'algs="ES256 ' in dpop
    basic = Request("GET", guard.resource, [("authorization", "Basic eDp5")])
    refused(guard, basic, None)


@pytest.mark.spec("RFC 6750 §3.1")
@pytest.mark.parametrize(
    "headers",
    [
        [("Authorization", "Bearer a"), ("Authorization", "Bearer b")],
        [("Authorization", "Bearer")],
        [("Authorization", "Bearer a b")],
        [("Authorization", "Bearer ü")],
    ],
)
def test_a_malformed_request_is_400(
    guard: ResourceServer, headers: list[tuple[str, str]]
) -> None:
    denied = refused(guard, Request("GET", guard.resource, headers), "invalid_request")
    assert denied.status == 400 and challenges(denied) == []


@pytest.mark.spec("RFC 6750 §3.1")
def test_a_missing_scope_is_403_and_says_which(guard: ResourceServer, ask: Ask) -> None:
    need = Need(scopes=("notes:read", "notes:write"))
    denied = refused(guard, ask(), "insufficient_scope", need)
    assert denied.status == 403
    first = challenges(denied)[0]
    assert first.startswith('Bearer error="insufficient_scope"')
    assert 'scope="notes:read notes:write"' in first


@pytest.mark.spec("RFC 9470 §3")
def test_a_sign_in_that_is_not_sure_or_fresh_enough_is_told_what_would_be(
    guard: ResourceServer, issuer: Issuer, ask: Ask
) -> None:
    need = Need(acr=("2", "phr"), max_age=300)
    now = int(issuer.now)
    error = "insufficient_user_authentication"
    for claims in (
        {"acr": "1", "auth_time": now},
        {"acr": "2", "auth_time": now - 301},
        {"acr": "2"},
        {"auth_time": now},
    ):
        denied = refused(guard, ask(issuer.token(**claims)), error, need)
        assert denied.status == 401
        assert 'acr_values="2 phr", max_age="300"' in challenges(denied)[0]
    good = issuer.token(acr="phr", auth_time=now - 299)
    assert guard.check(ask(good), need).subject == "ada"


def test_details_are_told_by_type(
    guard: ResourceServer, issuer: Issuer, ask: Ask
) -> None:
    """RFC 9396 §9.1."""
    pay = {"type": "payment", "payee": "Shop"}
    token = issuer.token(authorization_details=[pay, {"type": "other"}, "rubbish"])
    assert guard.check(ask(token)).details("payment") == [pay]
    assert guard.check(ask(issuer.token(authorization_details="x"))).details("x") == []


@pytest.mark.parametrize(
    "url", ["http://notes.example.org", "notes", "ftp://notes.example.org", ""]
)
def test_only_https_is_believed(issuer: Issuer, url: str) -> None:
    with pytest.raises(ValueError, match="https"):
        ResourceServer(issuer.url, url)
    with pytest.raises(ValueError, match="https"):
        ResourceServer(url, "https://notes.example.org")
