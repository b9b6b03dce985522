"""Open a DPoP proof: a JWT that is signed with the key it shows (RFC 9449 §4.2).

What is checked here needs no request and no clock: form, type, algorithm, key and
signature.  The rest of §4.3 is in ``core/proofs``.
"""

import base64
import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from joserfc import jws
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from authserver.crypto.signing import (
    MAX_RSA_BITS,
    MIN_RSA_BITS,
    STRICT_JSON,
    BadToken,
    Registry,
)

ALGORITHMS = ("PS256", "ES256", "EdDSA", "Ed25519")
"""FAPI 2.0 Security Profile §5.4.1; no RS256, no ``none``, nothing symmetric."""
TYPE = "dpop+jwt"
MAX_PROOF_CHARS = 8192
MAX_RSA_EXPONENT = 0xFFFFFFFF  # a larger one would make checking as slow as signing
KEYS_KEPT = 512

_REGISTRY = Registry(ALGORITHMS)
_MEMBERS = {"RSA": ("e", "n"), "EC": ("crv", "x", "y"), "OKP": ("crv", "x")}
_KEY_TYPE = {"PS256": "RSA", "ES256": "EC", "EdDSA": "OKP", "Ed25519": "OKP"}
_CURVE = {"EC": "P-256", "OKP": "Ed25519"}
_CLASSES: dict[str, type[RSAKey | ECKey | OKPKey]] = {
    "RSA": RSAKey,
    "EC": ECKey,
    "OKP": OKPKey,
}
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})  # RFC 7518 §6


@dataclass(frozen=True)
class OpenProof:
    """The claims of a proof whose signature fits, and the thumbprint of its key."""

    jkt: str
    claims: dict[str, Any]


def open_proof(text: str) -> OpenProof:
    """Check everything about a proof that it tells by itself.

    Raises:
        BadToken: Not a proof; the text is for the log.
    """
    if not text.isascii() or len(text) > MAX_PROOF_CHARS:
        raise BadToken("a proof is a short ASCII string")
    try:
        return _open(text)
    except BadToken:
        raise
    except Exception as error:  # noqa: BLE001 - joserfc, json, recursion: hostile
        raise BadToken(f"{type(error).__name__}: {error}") from None


def _open(text: str) -> OpenProof:
    signed = jws.extract_compact(text.encode("ascii"), None, _REGISTRY)
    header = signed.protected
    if not isinstance(header, dict) or header.get("typ") != TYPE:
        raise BadToken("the typ is not dpop+jwt")
    if "crit" in header or "b64" in header:
        raise BadToken("the header asks for an extension (RFC 7515 §4.1.11)")
    alg = header["alg"]
    if alg not in ALGORITHMS:
        raise BadToken("the algorithm is not allowed here")
    key, jkt = _key(header.get("jwk"), _KEY_TYPE[alg])
    if not jws.validate_compact(signed, key, registry=_REGISTRY):
        raise BadToken("the signature does not fit")
    claims = STRICT_JSON.decode(signed.payload.decode("utf-8"))
    if not isinstance(claims, dict):
        raise BadToken("the payload is no JSON object")
    return OpenProof(jkt, claims)


def _key(jwk: object, kty: str) -> tuple[Key, str]:
    """Read the public key; a proof that shows a private one has given it away."""
    if not isinstance(jwk, dict) or jwk.get("kty") != kty:
        raise BadToken("no jwk that fits the algorithm")
    if _PRIVATE & jwk.keys():
        raise BadToken("the jwk is private")
    values = tuple(jwk.get(name) for name in _MEMBERS[kty])
    if not all(isinstance(value, str) for value in values):
        raise BadToken("the jwk lacks a member")
    return _imported(kty, values)


@lru_cache(maxsize=KEYS_KEPT)
def _imported(kty: str, values: tuple[str, ...]) -> tuple[Key, str]:
    """Import a public key once; the whole key is what it is kept by.

    RFC 7638 §3: the thumbprint is over the required members alone, in order.
    """
    members = dict(zip(_MEMBERS[kty], values, strict=True))
    if members.get("crv") != _CURVE.get(kty):
        raise BadToken("the curve is not allowed here")
    jwk: dict[str, Any] = {"kty": kty, **members}
    key = _CLASSES[kty].import_key(jwk)
    if isinstance(key, RSAKey):
        _check_rsa(key)
    ordered = json.dumps(jwk, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(ordered.encode("ascii")).digest()
    return key, _base64url(digest)


def _check_rsa(key: RSAKey) -> None:
    numbers = key.public_key.public_numbers()
    if not MIN_RSA_BITS <= numbers.n.bit_length() <= MAX_RSA_BITS:
        raise BadToken("an RSA key of that size")
    if numbers.e > MAX_RSA_EXPONENT:
        raise BadToken("an RSA key of that exponent")


def access_token_hash(token: str) -> str:
    """Give the ``ath`` that a proof for this token must have (RFC 9449 §4.2)."""
    return _base64url(hashlib.sha256(token.encode("ascii", "replace")).digest())


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
