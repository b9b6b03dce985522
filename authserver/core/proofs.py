"""DPoP proofs: is this one for this request, fresh, and new?  (RFC 9449 §4.3)

A proof is good for one request: method, address, moment and, at a resource, the access
token are in it.  Its ``jti`` is taken once (``spent_proofs``).
"""

import base64
import hmac
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Row

from authserver.clock import Clock
from authserver.config import Settings
from authserver.core import spent_proofs
from authserver.core.binding import Binding
from authserver.core.spent_proofs import ProvenRead
from authserver.crypto import dpop, opaque
from authserver.crypto.signing import BadToken
from authserver.errors import InvalidProof, NonceWanted
from authserver.models.engines import Reads

MAX_AGE_SECONDS = 120
LEEWAY_SECONDS = 30
"""How far a clock may be ahead: FAPI 2.0 wants 10 taken and 60 refused."""
NONCE_SECONDS = 120
"""How long a nonce is the newest; it is taken for as long again."""
KEEP = timedelta(seconds=2 * NONCE_SECONDS + LEEWAY_SECONDS)
"""No proof is taken for longer, whichever way its freshness is known."""
MAX_JTI = 512

_NOT_URL = re.compile(r"[^\x21-\x7e]")
_ENCODED = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Proof:
    """A proof that fits its request; it counts once it is spent."""

    jkt: str
    jti: str


@dataclass(frozen=True)
class Shown:
    """What a request has shown beside its words; nothing of it is spent yet."""

    proof: Proof | None = None
    x5t: str | None = None
    """The thumbprint of the client's certificate."""

    @property
    def binding(self) -> Binding:
        """The keys alone."""
        return Binding(self.proof.jkt if self.proof else None, self.x5t)


NOTHING = Shown()


@dataclass(frozen=True)
class Proofs:
    """Judges proofs, and remembers which were used."""

    reads: Reads
    clock: Clock
    settings: Settings
    nonce_key: bytes

    def check(
        self,
        text: str,
        *,
        method: str,
        urls: tuple[str, ...],
        access_token: str | None = None,
    ) -> Proof:
        """Check a proof for a request, all but whether it was used before.

        Args:
            text: The value of the one ``DPoP`` header.
            method: Of the request.
            urls: The addresses that the request may have been sent to.
            access_token: The token that came with it, at a resource.

        Raises:
            InvalidProof: It does not prove it.
            NonceWanted: It lacks the nonce that we demand (§8).
        """
        try:
            opened = dpop.open_proof(text)
        except BadToken as why:
            raise InvalidProof(f"proof: {why}") from None
        claims = opened.claims
        if claims.get("htm") != method:
            raise InvalidProof("the proof is for another method")
        if not is_for(claims.get("htu"), urls):
            raise InvalidProof("the proof is for another address")
        jti = claims.get("jti")
        if not isinstance(jti, str) or not 0 < len(jti) <= MAX_JTI:
            raise InvalidProof("the proof has no jti")
        self._check_times(claims)
        if access_token is not None:
            given = claims.get("ath")
            due = dpop.access_token_hash(access_token)
            if not isinstance(given, str) or not opaque.same(given, due):
                raise InvalidProof("the proof is for another access token")
        return Proof(opened.jkt, jti)

    def spend(self, proof: Proof) -> None:
        """Take the ``jti`` of a proof (§11.1).

        Raises:
            InvalidProof: It was taken before.
        """
        if not spent_proofs.take(self.reads, self._kept(proof)):
            raise InvalidProof("the proof was used before")

    def first(
        self, read: ProvenRead, params: dict[str, Any], proof: Proof | None
    ) -> tuple[Row[Any] | None, bool]:
        """Read a row, and take the ``jti`` of a proof with it.

        Gives the row, and whether the proof is new; it is left alone without a row.
        """
        if proof is None:
            return self.reads.first(read.alone, params), True
        return spent_proofs.take_with(self.reads, read, params, self._kept(proof))

    def _kept(self, proof: Proof) -> dict[str, Any]:
        name = opaque.fingerprint(f"{proof.jkt}\n{proof.jti}")
        return {"fingerprint": name, "expires_at": self.clock.now() + KEEP}

    def nonce(self) -> str:
        """Give the nonce that a proof has to carry now; no row is kept of it (§8)."""
        return self._nonce_of(self.clock.timestamp() // NONCE_SECONDS)

    def _check_times(self, claims: dict[str, Any]) -> None:
        """Freshness is told by the client's clock, or better by a nonce of ours."""
        now = self.clock.now().timestamp()
        iat = _number(claims, "iat")
        exp, nbf = _number(claims, "exp", now + 1), _number(claims, "nbf", now)
        if exp <= now - LEEWAY_SECONDS or nbf > now + LEEWAY_SECONDS:
            raise InvalidProof("exp or nbf of the proof")
        if self.settings.dpop_nonce:
            self._check_nonce(claims.get("nonce"))
        elif not now - MAX_AGE_SECONDS <= iat <= now + LEEWAY_SECONDS:
            raise InvalidProof(f"a proof {now - iat:.0f} seconds old")

    def _check_nonce(self, given: object) -> None:
        slot = self.clock.timestamp() // NONCE_SECONDS
        known = (self._nonce_of(slot), self._nonce_of(slot - 1))
        if not isinstance(given, str) or not any(opaque.same(given, n) for n in known):
            raise NonceWanted("no nonce, or an old one")

    def _nonce_of(self, slot: int) -> str:
        tag = hmac.digest(self.nonce_key, str(slot).encode(), "sha256")
        return base64.urlsafe_b64encode(tag[:18]).decode()


def is_for(htu: object, urls: tuple[str, ...]) -> bool:
    """Compare ``htu`` with where a request went (§4.3, RFC 3986 §6.2.2 and §6.2.3).

    Query and fragment do not count, nor does the case of scheme and host, a default
    port, or what need not have been percent-encoded.
    """
    if not isinstance(htu, str):
        return False
    if htu in urls:
        return True
    given = _normal(htu)
    return given is not None and given in [_normal(url) for url in urls]


def _normal(url: str) -> str | None:
    if _NOT_URL.search(url):
        return None
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname
    except ValueError:
        return None
    if not host or parts.username is not None or parts.password is not None:
        return None
    shown = "" if port in (None, _PORTS.get(parts.scheme)) else f":{port}"
    path = _ENCODED.sub(_plain, parts.path) or "/"
    return f"{parts.scheme}://{host}{shown}{path}"


def _plain(found: re.Match[str]) -> str:
    letter = chr(int(found[1], 16))
    return letter if _UNRESERVED.fullmatch(letter) else found[0].upper()


def _number(claims: dict[str, Any], name: str, default: float | None = None) -> float:
    value = claims.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidProof(f"{name} of the proof is no number (RFC 7519 §2)")
    return value
