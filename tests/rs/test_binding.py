"""Tokens that are bound to a key (RFC 9449 §4.3, §7, RFC 8705 §3)."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from authserver_rs.certificates import thumbprint
from authserver_rs.decoding import sha256_url
from authserver_rs.dpop import new_nonce_key
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from authserver_rs import (
    Denied,
    FileReplays,
    MemoryReplays,
    Request,
    ResourceServer,
)
from tests.rs.conftest import NEED, RESOURCE, Issuer

Ask = Callable[..., Request]
URL = f"{RESOURCE}/notes"


@pytest.fixture
def bound(issuer: Issuer, dpop_key: ECKey) -> str:
    return issuer.token(cnf={"jkt": dpop_key.thumbprint()})


@pytest.fixture
def prove(issuer: Issuer, dpop_key: ECKey, bound: str) -> Callable[..., str]:
    """A good proof; keywords change one thing, None leaves it out."""
    numbers = iter(range(1000))

    def make(
        *, key: Any = None, head: dict[str, Any] | None = None, **claims: Any
    ) -> str:
        signer = key or dpop_key
        facts = {
            "htm": "GET",
            "htu": URL,
            "iat": int(issuer.now),
            "jti": f"p{next(numbers)}",
            "ath": sha256_url(bound.encode()),
        } | claims
        kept = {name: value for name, value in facts.items() if value is not None}
        shown = signer.as_dict(private=False)
        header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": shown} | (head or {})
        return jwt.encode(
            header, kept, signer, algorithms=["ES256", "HS256", "RS256", "PS256"]
        )

    return make


def word(guard: ResourceServer, request: Request) -> str | None:
    """The error, or None when the request passes."""
    try:
        guard.check(request, NEED)
    except Denied as denied:
        said = next(v for n, v in denied.headers if n == "WWW-Authenticate")
        is_told = said.startswith(f'{denied.scheme} error="{denied.error}"')
        return denied.error if is_told else f"challenge {said}"
    return None


def test_a_proof_lets_in_once(
    guard: ResourceServer, ask: Ask, bound: str, prove: Callable[..., str]
) -> None:
    proof = prove()
    request = ask(bound, scheme="DPoP", more=[("DPoP", proof)])
    assert word(guard, request) is None
    assert word(guard, request) == "invalid_dpop_proof"


@pytest.mark.spec("RFC 9449 §7.2")
def test_a_bound_token_is_no_bearer_token_and_the_reverse(
    guard: ResourceServer,
    issuer: Issuer,
    ask: Ask,
    bound: str,
    prove: Callable[..., str],
) -> None:
    assert word(guard, ask(bound)) == "invalid_token"
    assert word(guard, ask(bound, more=[("DPoP", prove())])) == "invalid_token"
    plain = ask(issuer.token(), scheme="DPoP", more=[("DPoP", prove())])
    assert word(guard, plain) == "invalid_token"
    assert word(issuer.guard(dpop_only=True), ask()) == "invalid_token"


@pytest.mark.spec("RFC 9449 §4.3")
@pytest.mark.parametrize(
    "changed",
    [
        {"htm": "POST"},
        {"htm": None},
        {"htm": "get"},
        {"htu": "https://evil.example/api/notes"},
        {"htu": f"{RESOURCE}/other"},
        {"htu": None},
        {"htu": "https://notes.example.org:port/api/notes"},
        {"iat": 1},
        {"iat": 9_999_999_999},
        {"iat": None},
        {"iat": "now"},
        {"iat": True},
        {"jti": None},
        {"jti": ""},
        {"jti": "x" * 513},
        {"jti": 7},
        {"ath": None},
        {"ath": sha256_url(b"another token")},
        {"head": {"typ": "JWT"}},
        {"head": {"jwk": {}}},
        {"head": {"jwk": {"kty": "EC"}}},
        {"head": {"jwk": {"kty": "EC", "crv": "P-256", "x": 1, "y": 2}}},
        {"head": {"jwk": {"kty": "RSA", "n": "AQAB", "e": "AQAB"}}},
    ],
)
def test_one_wrong_thing_in_a_proof_keeps_out(
    guard: ResourceServer,
    ask: Ask,
    bound: str,
    prove: Callable[..., str],
    changed: dict[str, Any],
) -> None:
    request = ask(bound, scheme="DPoP", more=[("DPoP", prove(**changed))])
    assert word(guard, request) == "invalid_dpop_proof"


def test_a_key_that_is_no_public_one_proves_nothing(
    guard: ResourceServer,
    ask: Ask,
    bound: str,
    dpop_key: ECKey,
    prove: Callable[..., str],
) -> None:
    private = dpop_key.as_dict(private=True)
    shared = OctKey.import_key("s" * 32)
    strong = RSAKey.generate_key(2048, auto_kid=False)
    weak = strong.as_dict(private=False) | {"n": strong.as_dict()["n"][:171]}
    for proof in (
        prove(head={"jwk": private}),
        prove(key=shared, head={"alg": "HS256", "jwk": shared.as_dict()}),
        prove(key=strong, head={"alg": "RS256"}),
        prove(key=strong, head={"alg": "PS256", "jwk": weak}),
        "rubbish",
        "ü",
        prove() + "x",
        "a" * 9000,
    ):
        request = ask(bound, scheme="DPoP", more=[("DPoP", proof)])
        assert word(guard, request) == "invalid_dpop_proof"


def test_a_proof_of_another_key_keeps_out(
    guard: ResourceServer, ask: Ask, bound: str, prove: Callable[..., str]
) -> None:
    thief = ECKey.generate_key("P-256")
    request = ask(bound, scheme="DPoP", more=[("DPoP", prove(key=thief))])
    assert word(guard, request) == "invalid_token"


def test_one_proof_comes_with_a_request(
    guard: ResourceServer, ask: Ask, bound: str, prove: Callable[..., str]
) -> None:
    two = [("DPoP", prove()), ("dpop", prove())]
    assert word(guard, ask(bound, scheme="DPoP", more=two)) == "invalid_dpop_proof"
    assert word(guard, ask(bound, scheme="DPoP")) == "invalid_dpop_proof"


def test_a_host_header_cannot_choose_the_address(
    guard: ResourceServer, ask: Ask, bound: str, prove: Callable[..., str]
) -> None:
    """A proof for another API, sent here under that API's name, is refused."""
    elsewhere = "https://evil.example/api/notes"
    proof = [("DPoP", prove(htu=elsewhere))]
    lying = ask(bound, scheme="DPoP", url=elsewhere, more=proof)
    assert word(guard, lying) == "invalid_dpop_proof"
    behind_a_proxy = ask(
        bound, scheme="DPoP", url="http://10.0.0.7/api/notes", more=[("DPoP", prove())]
    )
    assert word(guard, behind_a_proxy) is None


@pytest.mark.spec("RFC 9449 §9")
def test_a_nonce_is_asked_for_and_taken(
    issuer: Issuer, ask: Ask, bound: str, prove: Callable[..., str]
) -> None:
    guard = issuer.guard(nonce_key=new_nonce_key())
    with pytest.raises(Denied) as denied:
        guard.check(ask(bound, scheme="DPoP", more=[("DPoP", prove())]), NEED)
    assert denied.value.error == "use_dpop_nonce"
    (nonce,) = [v for n, v in denied.value.headers if n == "DPoP-Nonce"]
    for seconds, error in ((0, None), (300, None), (600, "use_dpop_nonce")):
        issuer.now += seconds
        fresh = issuer.token(cnf=claims_of(bound), iat=int(issuer.now))
        proof = prove(nonce=nonce, ath=sha256_url(fresh.encode()))
        request = ask(fresh, scheme="DPoP", more=[("DPoP", proof)])
        assert word(guard, request) == error
        issuer.now -= seconds
    other = issuer.guard(nonce_key=new_nonce_key())
    request = ask(bound, scheme="DPoP", more=[("DPoP", prove(nonce=nonce))])
    assert word(other, request) == "use_dpop_nonce"


def claims_of(token: str) -> Any:
    body = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=="))["cnf"]


@pytest.mark.parametrize("kind", ["memory", "file"])
def test_of_eight_that_spend_one_name_one_wins(kind: str, tmp_path: Path) -> None:
    """RFC 9449 §11.1."""
    store = MemoryReplays() if kind == "memory" else FileReplays(tmp_path / "spent.db")
    start, won = threading.Barrier(8), []

    def go() -> None:
        start.wait()
        won.append(store.spend("name", ends=100, now=1))

    racers = [threading.Thread(target=go) for _ in range(8)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert sorted(won) == [False] * 7 + [True]
    assert store.spend("name", ends=300, now=101)
    assert not store.spend("name", ends=300, now=102)


def test_a_full_memory_refuses_and_forgets_nothing_early() -> None:
    store = MemoryReplays(most=2)
    assert store.spend("a", ends=10, now=1) and store.spend("b", ends=20, now=1)
    assert not store.spend("c", ends=20, now=2)
    assert not store.spend("a", ends=20, now=2)
    assert store.spend("c", ends=20, now=11)


# -- certificates


def certificate() -> x509.Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "client")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name)
    now = datetime(2026, 1, 1)
    return (
        builder.public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=999))
        .sign(key, hashes.SHA256())
    )


@pytest.mark.spec("RFC 8705 §3")
def test_a_token_is_good_with_its_certificate_alone(issuer: Issuer, ask: Ask) -> None:
    mine = certificate()
    der = mine.public_bytes(serialization.Encoding.DER)
    pem = mine.public_bytes(serialization.Encoding.PEM).decode()
    token = issuer.token(cnf={"x5t#S256": thumbprint(der)})
    guard = issuer.guard(certificate_header="Client-Cert")
    other = certificate().public_bytes(serialization.Encoding.DER)
    assert word(guard, ask(token, certificate=der)) is None
    for passed in (
        f":{base64.b64encode(der).decode()}:",
        quote(pem, safe=""),
        base64.b64encode(der).decode(),
    ):
        assert word(guard, ask(token, more=[("Client-Cert", passed)])) is None
    for bad in (
        ask(token),
        ask(token, certificate=other),
        ask(token, more=[("Client-Cert", "rubbish")]),
        ask(token, more=[("Client-Cert", ":" + "A" * 20_000 + ":")]),
        ask(token, more=[("Client-Cert", ""), ("Client-Cert", "")]),
        ask(issuer.token(cnf={"x5t#S256": 7}), certificate=der),
    ):
        assert word(guard, bad) == "invalid_token"


def test_the_header_of_no_proxy_is_not_believed(issuer: Issuer, ask: Ask) -> None:
    der = certificate().public_bytes(serialization.Encoding.DER)
    token = issuer.token(cnf={"x5t#S256": thumbprint(der)})
    passed = [("Client-Cert", f":{base64.b64encode(der).decode()}:")]
    assert word(issuer.guard(), ask(token, more=passed)) == "invalid_token"
