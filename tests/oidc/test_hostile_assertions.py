"""Client assertions that prove nothing (RFC 7523 §3, OIDC Core §9, RFC 8725)."""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from joserfc import jwt

from tests.support.hostile import pairs, refused_in_json, send
from tests.support.relying_party import JWT_BEARER, RelyingParty

pytestmark = pytest.mark.usefixtures("faultless")

REFRESH = [("grant_type", "refresh_token"), ("refresh_token", "x")]


@pytest.fixture(scope="session")
def jwt_rp(enrol_client: Callable[..., RelyingParty]) -> RelyingParty:
    return enrol_client(auth_method="private_key_jwt")


def by_assertion(rp: RelyingParty, assertion: str, **more: str) -> Any:
    body = [*REFRESH, ("client_assertion", assertion)]
    body += [("client_assertion_type", JWT_BEARER), *more.items()]
    return send(rp.issuer, "/token", method="POST", body=pairs(body))


NOW = int(time.time())
BAD_ASSERTIONS: dict[str, dict[str, Any]] = {
    "expired": {"exp": NOW - 300},
    "no exp": {"exp": None},
    "exp is a word": {"exp": "soon"},
    "exp is not finite": {"exp": float("inf")},
    "exp is no number": {"exp": float("nan")},
    "iat is no number": {"iat": float("nan")},
    "nbf is no number": {"nbf": float("nan")},
    "exp is huge": {"exp": 10**30},
    "not yet": {"nbf": NOW + 3600},
    "issued later": {"iat": NOW + 3600},
    "other aud": {"aud": "https://evil.example/token"},
    "no aud": {"aud": None},
    "aud is a number": {"aud": 5},
    "aud is nothing": {"aud": []},
    "no sub": {"sub": None},
    "no iss": {"iss": None},
    "other sub": {"sub": "somebody"},
    "other iss": {"iss": "somebody"},
    "sub is a list": {"sub": ["a"]},
    "no jti": {"jti": None},
    "jti is a list": {"jti": ["a"]},
    "sub has NUL": {"sub": "a\0b", "iss": "a\0b"},
    "unknown kid": {"header": {"kid": "unknown"}},
    "jti is long": {"jti": "j" * 9000},
}


@pytest.mark.parametrize("changes", BAD_ASSERTIONS.values(), ids=BAD_ASSERTIONS)
@pytest.mark.spec("RFC 7523 §3")
def test_a_wrong_assertion_proves_nothing(
    jwt_rp: RelyingParty, changes: dict[str, Any]
) -> None:
    answer = by_assertion(jwt_rp, jwt_rp.assertion(**json.loads(json.dumps(changes))))
    refused_in_json(answer, ("invalid_client", "invalid_request"))


@pytest.mark.parametrize("jti", ["a\0b", "\ud800", "é", "j" * 512])
def test_a_jti_of_any_letters_is_spent(jwt_rp: RelyingParty, jti: str) -> None:
    """Kept as its print, so that no table minds."""
    for word in ("invalid_grant", "invalid_client"):
        answer = by_assertion(jwt_rp, jwt_rp.assertion(jti=jti))
        refused_in_json(answer, (word,))


def test_an_assertion_proves_once(jwt_rp: RelyingParty) -> None:
    """OIDC Core §9: its `jti` is spent; the code is judged only the first time."""
    assertion = jwt_rp.assertion()
    refused_in_json(by_assertion(jwt_rp, assertion), ("invalid_grant",))
    refused_in_json(by_assertion(jwt_rp, assertion), ("invalid_client",))


@pytest.mark.spec("RFC 8725 §3.1")
def test_an_assertion_of_another_making_proves_nothing(
    jwt_rp: RelyingParty, rp: RelyingParty
) -> None:
    """Alg none; HMAC with the public key as secret; another's key; no JWT at all."""
    me = jwt_rp.registration
    claims = json.loads(
        base64.urlsafe_b64decode(jwt_rp.assertion().split(".")[1] + "==")
    )
    coded = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
        for part in ({"alg": "none"}, claims)
    ]
    forged = [
        ".".join(coded) + ".",
        signed_by_hmac(claims, secret=me.key.as_pem(private=False)),
        jwt.encode(
            {"alg": "RS256", "kid": me.key.kid},
            claims,
            type(me.key).generate_key(2048),
        ),
        *("nonsense", "a.b.c", "....", "", "é", "a" * 20_000, jwt_rp.assertion() + "x"),
    ]
    for assertion in forged:
        answer = by_assertion(jwt_rp, assertion)
        refused_in_json(answer, ("invalid_client", "invalid_request"))
    # good, but the client is registered for another method, or names another
    theirs = jwt_rp.assertion(
        iss=rp.registration.client_id, sub=rp.registration.client_id
    )
    refused_in_json(by_assertion(rp, theirs), ("invalid_client",))
    mixed = by_assertion(
        jwt_rp, jwt_rp.assertion(), client_id=rp.registration.client_id
    )
    refused_in_json(mixed, ("invalid_client", "invalid_request"))


def signed_by_hmac(claims: dict[str, Any], *, secret: bytes) -> str:
    """RFC 8725 §3.1: the public key, which anybody has, taken for a shared secret."""
    parts = (json.dumps(part).encode() for part in ({"alg": "HS256"}, claims))
    signed = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    tag = hmac.digest(secret, signed, "sha256")
    return f"{signed.decode()}.{base64.urlsafe_b64encode(tag).rstrip(b'=').decode()}"


@pytest.mark.parametrize("named", ["", "jwt", JWT_BEARER.upper(), "x" * 2000])
def test_an_assertion_of_an_unknown_type_proves_nothing(
    jwt_rp: RelyingParty, named: str
) -> None:
    body = [*REFRESH, ("client_assertion", jwt_rp.assertion())]
    body.append(("client_assertion_type", named))
    answer = send(jwt_rp.issuer, "/token", method="POST", body=pairs(body))
    refused_in_json(answer, ("invalid_client", "invalid_request"))
