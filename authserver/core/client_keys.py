"""The public keys of a client as it registers them (RFC 7517, RFC 7591 §2)."""

import base64
import json
from typing import Any

from joserfc.jwk import KeySet

MAX_KEYS = 20
MAX_CHARS = 32_768
SIZES = (2048, 8192)
"""RSA: fewer bits are broken, one check with more takes seconds."""

PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
KEPT = frozenset(
    "kty kid use key_ops alg n e crv x y x5c x5t x5t#S256".split()  # never x5u: a URL
)


class Fault(Exception):
    """A value that cannot be registered; the text is for whoever registers."""


def key_set(value: Any) -> dict[str, Any]:
    """Take a JWK Set of public keys; what is not part of a key is left out.

    Raises:
        Fault: It is none, holds a secret, or a key that is too weak or too large.
    """
    keys = value.get("keys") if isinstance(value, dict) else None
    if not isinstance(keys, list) or not 0 < len(keys) <= MAX_KEYS:
        raise Fault(f"must be a JWK Set of 1 to {MAX_KEYS} keys")
    if not all(isinstance(key, dict) for key in keys):
        raise Fault("must be a JWK Set (RFC 7517)")
    if any(PRIVATE & set(key) for key in keys):
        raise Fault("must hold public keys only")
    kept = {"keys": [_public(key) for key in keys]}
    if len(json.dumps(kept)) > MAX_CHARS:
        raise Fault("is too large")
    _check_names(kept["keys"])
    for key in kept["keys"]:
        _check(key)
    return kept


def _public(key: dict[str, Any]) -> dict[str, Any]:
    return {n: v for n, v in key.items() if n in KEPT and _is_plain(v)}


def _is_plain(value: Any) -> bool:
    if isinstance(value, list):
        return all(isinstance(one, str) and _is_plain(one) for one in value)
    return isinstance(value, str) and value.isprintable()


def _check_names(keys: list[dict[str, Any]]) -> None:
    names = [key["kid"] for key in keys if "kid" in key]
    if len(names) != len(set(names)):
        raise Fault("has two keys of one kid")


def _check(key: dict[str, Any]) -> None:
    if key.get("kty") == "RSA" and not SIZES[0] <= _bits(key.get("n")) <= SIZES[1]:
        raise Fault(f"has an RSA key that is not of {SIZES[0]} to {SIZES[1]} bits")
    try:
        KeySet.import_key_set({"keys": [key]})
    except Exception as why:
        raise Fault("has a key that cannot be read") from why


def _bits(modulus: Any) -> int:
    """Give the size of an RSA key, before anybody computes with it."""
    try:
        padded = modulus + "=" * (-len(modulus) % 4)
        return int.from_bytes(base64.urlsafe_b64decode(padded)).bit_length()
    except (TypeError, ValueError):
        return 0
