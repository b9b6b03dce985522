"""The public keys of others: a JWK Set, read with care (RFC 7517 §5, RFC 8725 §3.5).

Whoever wrote it is a stranger.  What cannot be read, is private, symmetric, too weak or
so strong that one check takes seconds is left out; the other keys of the set stay.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from joserfc.jwk import Key, import_key

from authserver.crypto.signing import MAX_RSA_BITS, MIN_RSA_BITS

MOST_KEYS = 32
MAX_KID = 512
EC_CURVES = ("P-256", "P-384", "P-521")
OKP_CURVES = ("Ed25519", "X25519")
PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


@dataclass(frozen=True)
class PublicKeys:
    """What a set holds for us: keys to check with by their id, and to encrypt to."""

    signing: Mapping[str, Key] = field(default_factory=lambda: MappingProxyType({}))
    encryption: tuple[Key, ...] = ()


NOTHING = PublicKeys()


def read(document: object) -> PublicKeys:
    """Take from a JWK Set what can be used; of two keys of one name the first.

    A key that does not say what it is for is for both (RFC 7517 §4.2).
    """
    listed = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        return NOTHING
    signing: dict[str, Key] = {}
    encryption: list[Key] = []
    for number, jwk in enumerate(listed[:MOST_KEYS]):
        key = _read(jwk) if isinstance(jwk, dict) else None
        if key is None:
            continue
        use, curve = key.get("use"), key.get("crv")
        if use in (None, "sig") and curve != "X25519":
            signing.setdefault(key.kid or f"#{number}", key)
        if use in (None, "enc") and curve != "Ed25519":
            encryption.append(key)
    # A key that was made for this is taken before one that was made for anything.
    encryption.sort(key=lambda key: key.get("use") is None)
    return PublicKeys(MappingProxyType(signing), tuple(encryption))


def _read(jwk: dict[str, Any]) -> Key | None:
    if PRIVATE & jwk.keys() or not _is_fit(jwk):
        return None
    kid = jwk.get("kid")
    if kid is not None and not (isinstance(kid, str) and 0 < len(kid) <= MAX_KID):
        return None
    try:
        return import_key(jwk)
    except Exception:  # noqa: BLE001 -- joserfc and cryptography: no common class
        return None


def _is_fit(jwk: dict[str, Any]) -> bool:
    kind = jwk.get("kty")
    if kind == "RSA":
        return MIN_RSA_BITS <= _bits(jwk.get("n")) <= MAX_RSA_BITS
    if kind == "EC":
        return jwk.get("crv") in EC_CURVES
    return kind == "OKP" and jwk.get("crv") in OKP_CURVES


def _bits(number: object) -> int:
    """Count the bits of a number as RFC 7518 §2 writes it; 0 when it is none."""
    if not isinstance(number, str) or len(number) > MAX_RSA_BITS:
        return 0
    try:
        raw = base64.urlsafe_b64decode(number + "=" * (-len(number) % 4))
    except ValueError:
        return 0
    return int.from_bytes(raw).bit_length()
