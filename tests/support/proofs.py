"""A client's DPoP key, and the proofs it makes, good and bad (RFC 9449 §4.2)."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from typing import Any

from joserfc import jws
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey


def new_key(algorithm: str = "ES256") -> Key:
    """A fresh private key for an algorithm."""
    if algorithm[:2] in ("PS", "RS"):
        return RSAKey.generate_key(2048)
    if algorithm.startswith("ES"):
        return ECKey.generate_key("P-256")
    return OKPKey.generate_key("Ed25519")


class Prover:
    """Holds a key and proves it; `nonce` is taken along once a server has given one."""

    def __init__(self, algorithm: str = "ES256", key: Key | None = None) -> None:
        self.algorithm = algorithm
        self.key = key or new_key(algorithm)
        self.nonce: str | None = None

    @property
    def jkt(self) -> str:
        """RFC 7638."""
        return self.key.thumbprint()

    def proof(
        self,
        method: str,
        url: str,
        *,
        access_token: str | None = None,
        header: dict[str, Any] | None = None,
        signed_by: Prover | None = None,
        **changes: Any,
    ) -> str:
        """A good proof; keywords change a claim or a header member, None drops it."""
        claims: dict[str, Any] = {
            "jti": secrets.token_urlsafe(16),
            "htm": method,
            "htu": url,
            "iat": int(time.time()),
            "nonce": self.nonce,
            "ath": ath(access_token) if access_token else None,
        } | changes
        head: dict[str, Any] = {
            "typ": "dpop+jwt",
            "alg": self.algorithm,
            "jwk": self.key.as_dict(private=False),
        } | (header or {})
        key = (signed_by or self).key
        return compact(without_none(head), without_none(claims), key)


def without_none(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def compact(head: dict[str, Any], claims: Any, key: Key) -> str:
    """Sign whatever stands there, also what no library would; alg may lie."""
    parts = [coded(json.dumps(part).encode()) for part in (head, claims)]
    algorithm = "ES256" if isinstance(key, ECKey) else "EdDSA"
    if isinstance(key, RSAKey):
        algorithm = "RS256" if head.get("alg") == "RS256" else "PS256"
    plain = ".".join(parts).encode()
    signature = jws.JWSRegistry.algorithms[algorithm].sign(plain, key)
    return f"{plain.decode()}.{coded(signature)}"


def coded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def ath(access_token: str) -> str:
    """RFC 9449 §4.2."""
    return coded(hashlib.sha256(access_token.encode()).digest())
