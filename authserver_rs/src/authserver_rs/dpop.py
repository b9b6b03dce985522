"""Check a proof of possession (RFC 9449 §4.3, §7): signed, for this request, once."""

import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from authserver_rs.decoding import json_object, sha256_url
from authserver_rs.errors import Denied
from authserver_rs.replay import MemoryReplays, Replays

ALGORITHMS = ("ES256", "PS256", "EdDSA", "Ed25519")
PAST_SECONDS, FUTURE_SECONDS = 60, 10
"""How old a proof may be, and how far ahead its clock."""
NONCE_SECONDS = 300
MAX_PROOF, MAX_JTI = 8192, 512
MIN_RSA_BITS, MAX_RSA_BITS = 2048, 8192

_CLASSES: dict[str, type[ECKey | OKPKey | RSAKey]] = {
    "EC": ECKey,
    "OKP": OKPKey,
    "RSA": RSAKey,
}
_MEMBERS = {"EC": ("crv", "x", "y"), "OKP": ("crv", "x"), "RSA": ("e", "n")}
_KEY_TYPE = {"ES256": "EC", "PS256": "RSA", "EdDSA": "OKP", "Ed25519": "OKP"}
_CURVES = {"EC": "P-256", "OKP": "Ed25519"}
_SECRET = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_PORTS = {"https": 443, "http": 80}

Clock = Callable[[], float]


@dataclass
class Proofs:
    """Checks proofs.

    With ``nonce_key`` every proof must hold a nonce of ours (§9): a proof made ahead
    is worth nothing then.  All processes must share the key.
    """

    replays: Replays = field(default_factory=MemoryReplays)
    nonce_key: bytes | None = None
    clock: Clock = time.time

    def check(
        self, proof: str, *, method: str, url: str, token: str, thumbprint: str
    ) -> None:
        """Hold a proof to the request that it came with, and spend it.

        Args:
            proof: The ``DPoP`` header.
            method: Of the request.
            url: Of the request, as the client wrote it; query and fragment are cut.
            token: The access token, for ``ath``.
            thumbprint: The token's ``cnf.jkt``.

        Raises:
            Denied: It does not hold, belongs to another key, or came before.
        """
        jkt, claims = _open(proof)
        if not hmac.compare_digest(jkt, thumbprint):
            raise Denied("invalid_token", "the proof is of another key", scheme="DPoP")
        if claims.get("htm") != method:
            raise _bad("htm is another method")
        if _plain(str(claims.get("htu"))) != _plain(url):
            raise _bad("htu is another address")
        if claims.get("ath") != sha256_url(token.encode("ascii", "replace")):
            raise _bad("ath is of another token")
        now = self.clock()
        at = claims.get("iat")
        if isinstance(at, bool) or not isinstance(at, int | float):
            raise _bad("iat is no number")
        if not now - PAST_SECONDS <= at <= now + FUTURE_SECONDS:
            raise _bad("iat is too old or too new")
        self._check_nonce(claims.get("nonce"))
        jti = claims.get("jti")
        if not isinstance(jti, str) or not 0 < len(jti) <= MAX_JTI:
            raise _bad("no jti")
        name = sha256_url(f"{jkt}\n{jti}".encode("utf-8", "replace"))
        ends = at + PAST_SECONDS + FUTURE_SECONDS
        if not self.replays.spend(name, ends=ends, now=now):
            raise _bad("the proof came before")

    def nonce(self) -> str | None:
        """Give the nonce that proofs should hold now, where they must."""
        return None if self.nonce_key is None else self._nonce_at(self._window())

    def _check_nonce(self, sent: object) -> None:
        if self.nonce_key is None:
            return
        window = self._window()
        good = [self._nonce_at(window), self._nonce_at(window - 1)]
        given = sent if isinstance(sent, str) and sent.isascii() else ""
        if not any(hmac.compare_digest(given, one) for one in good):
            raise Denied("use_dpop_nonce", "nonce missing or old", scheme="DPoP")

    def _window(self) -> int:
        return int(self.clock() // NONCE_SECONDS)

    def _nonce_at(self, window: int) -> str:
        mark = hmac.digest(self.nonce_key or b"", str(window).encode(), "sha256")
        return sha256_url(mark)


def new_nonce_key() -> bytes:
    """Make a key for ``Proofs.nonce_key``."""
    return secrets.token_bytes(32)


def _bad(detail: str) -> Denied:
    return Denied("invalid_dpop_proof", detail, scheme="DPoP")


def _open(proof: str) -> tuple[str, dict[str, Any]]:
    """Read a proof with the key that it shows; give the key's thumbprint."""
    if not proof.isascii() or len(proof) > MAX_PROOF:
        raise _bad("no short ASCII text")
    try:
        signed = jws.extract_compact(
            proof.encode(), registry=JWSRegistry(algorithms=list(ALGORITHMS))
        )
        header = signed.protected
        alg = header["alg"]
        if header.get("typ") != "dpop+jwt" or alg not in ALGORITHMS or "crit" in header:
            raise _bad("typ or algorithm does not fit")
        key, thumbprint = _public_key(header.get("jwk"), _KEY_TYPE[alg])
        checked = jws.deserialize_compact(proof, key, algorithms=list(ALGORITHMS))
        return thumbprint, json_object(checked.payload)
    except (JoseError, ValueError, TypeError, KeyError, RecursionError):
        raise _bad("the proof cannot be read, or its signature does not hold") from None


def _public_key(jwk: object, kty: str) -> tuple[Key, str]:
    """Read the key; who shows a private one has given it away."""
    if not isinstance(jwk, dict) or jwk.get("kty") != kty or _SECRET & jwk.keys():
        raise _bad("no public key that fits the algorithm")
    members = {name: jwk[name] for name in ("kty", *_MEMBERS[kty])}
    if not all(isinstance(value, str) for value in members.values()):
        raise _bad("a member of the key is no text")
    if members.get("crv") != _CURVES.get(kty):
        raise _bad("another curve")
    # Six bits a character: a huge key is not even read.
    if kty == "RSA" and not MIN_RSA_BITS <= 6 * len(members["n"]) <= MAX_RSA_BITS + 8:
        raise _bad("an RSA key of that size")
    key = _CLASSES[kty].import_key(members)
    return key, key.thumbprint()


def _plain(url: str) -> tuple[str, str, int | None, str]:
    """Cut query and fragment; compare as RFC 3986 §6.2.2 and §6.2.3 say."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        raise _bad("htu is no URL") from None
    return parts.scheme.lower(), (parts.hostname or "").lower(), port, parts.path or "/"
