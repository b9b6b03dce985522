"""Password hashes: Argon2id (RFC 9106) or bcrypt for new ones, many for old.

New hashes are PHC strings.  A pepper is a key kept outside the database; which
pepper was used stands in the string as `keyid`, so that one can be replaced.
Hashes that came from elsewhere are verified by `imported_hashes`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import threading
import unicodedata
from collections.abc import Sequence
from typing import Any, Literal

import bcrypt
from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2d, Argon2i, Argon2id

from authserver.crypto import imported_hashes

Algorithm = Literal["argon2id", "bcrypt"]

_HASH_BYTES = 32
_SALT_BYTES = 16
_BCRYPT_BYTES = 72
_BCRYPT_MIN_ROUNDS = 10
_BCRYPT_LEAST = 4
_SHORTEST_SALT, _SHORTEST_HASH = 11, 6
"""Characters of 8 and of 4 bytes: less is no Argon2 (RFC 9106 §3.1)."""
_NORMALISED_CHARS = 4096

# A hash string names its own cost.  One that somebody else wrote must not be
# able to take all memory or a core for an hour.
_MAX_MEMORY_KIB = 1 << 20
_MAX_WORK_KIB = 1 << 23
_MAX_BCRYPT_ROUNDS = 17

_ARGON2 = re.compile(
    r"\$argon2(id|i|d)\$v=19\$m=([0-9]{1,10}),t=([0-9]{1,10}),p=([0-9]{1,8})"
    r"(?:,keyid=([A-Za-z0-9+/]{1,11}))?(\$[A-Za-z0-9+/]{1,128}\$[A-Za-z0-9+/]{1,171})"
)
_ARGON2_KINDS: dict[str, Any] = {"id": Argon2id, "i": Argon2i, "d": Argon2d}
_BCRYPT = re.compile(r"\$2[aby]\$([0-9]{2})\$[./A-Za-z0-9]{53}")
_BCRYPT_SHA256 = re.compile(
    r"\$bcrypt-sha256\$v=2,t=2b,r=([0-9]{1,2})(?:,keyid=([A-Za-z0-9+/]{1,11}))?"
    r"\$([./A-Za-z0-9]{22})\$([./A-Za-z0-9]{31})"
)


class PasswordHasher:
    """Makes hashes of one kind and verifies those of every kind we know."""

    def __init__(
        self,
        *,
        memory_kib: int = 19456,
        iterations: int = 2,
        lanes: int = 1,
        pepper: bytes | None = None,
        former_peppers: Sequence[bytes] = (),
        algorithm: Algorithm = "argon2id",
        bcrypt_rounds: int = 12,
        max_concurrent: int | None = None,
    ) -> None:
        if algorithm not in ("argon2id", "bcrypt"):
            raise ValueError(f"no such password hash: {algorithm!r}")
        if not _BCRYPT_MIN_ROUNDS <= bcrypt_rounds <= _MAX_BCRYPT_ROUNDS:
            raise ValueError(f"bcrypt_rounds is 10 to {_MAX_BCRYPT_ROUNDS}")
        self._algorithm = algorithm
        self._memory_kib = memory_kib
        self._iterations = iterations
        self._lanes = lanes
        self._rounds = bcrypt_rounds
        peppers = [key for key in (pepper, *former_peppers) if key]
        self._peppers = {_key_id(key): key for key in peppers}
        self._key_id = _key_id(pepper) if pepper else None
        # Each run takes the whole of memory_kib and a core; more at once than
        # there are cores makes everybody wait longer, and may take all memory.
        self._slots = threading.BoundedSemaphore(
            max_concurrent or max(2, os.cpu_count() or 1)
        )

    def hash(self, password: str) -> str:
        data = _prepare(password)
        with self._slots:
            if self._algorithm == "bcrypt":
                return self._new_bcrypt(data)
            return self._new_argon2id(data)

    def verify(self, encoded: str, password: str) -> bool:
        """Is this the password?  A hash we cannot read is nobody's password."""
        if not isinstance(encoded, str) or not encoded.isascii():
            return False
        data = _prepare(password)
        encoded = imported_hashes.unwrap(encoded)
        with self._slots:
            if match := _ARGON2.fullmatch(encoded):
                return self._verify_argon2(match, data)
            if match := _BCRYPT_SHA256.fullmatch(encoded):
                return self._verify_bcrypt_sha256(match, data)
            if match := _BCRYPT.fullmatch(encoded):
                return _verify_bcrypt(encoded, int(match[1]), data)
            return imported_hashes.verify(encoded, data)

    def needs_rehash(self, encoded: str) -> bool:
        """Would `hash` write it otherwise today: kind, cost or pepper?"""
        if self._algorithm == "argon2id":
            match = _ARGON2.fullmatch(encoded)
            wanted = (self._memory_kib, self._iterations, self._lanes)
            if match is None or match[1] != "id" or _cost_of(match) != wanted:
                return True
            return match[5] != self._key_id
        if match := _BCRYPT_SHA256.fullmatch(encoded):
            return int(match[1]) != self._rounds or match[2] != self._key_id
        match = _BCRYPT.fullmatch(encoded)
        if match is None or self._key_id is not None:
            return True
        return int(match[1]) != self._rounds

    def burn(self, password: str) -> None:
        """The work of one verification, for a user who does not exist."""
        self.hash(password)

    def _new_argon2id(self, data: bytes) -> str:
        kdf = Argon2id(
            salt=os.urandom(_SALT_BYTES),
            length=_HASH_BYTES,
            iterations=self._iterations,
            lanes=self._lanes,
            memory_cost=self._memory_kib,
            secret=self._peppers.get(self._key_id or ""),
        )
        encoded = kdf.derive_phc_encoded(data)
        if self._key_id is None:
            return encoded
        head, cost, tail = encoded.partition(f"p={self._lanes}$")
        return f"{head}{cost[:-1]},keyid={self._key_id}${tail}"

    def _verify_argon2(self, match: re.Match[str], data: bytes) -> bool:
        memory, iterations, lanes = _cost_of(match)
        if not _is_affordable(memory, iterations):
            return False
        pepper = self._peppers.get(match[5]) if match[5] else None
        if match[5] and pepper is None:
            return False
        kind = match[1]
        plain = f"$argon2{kind}$v=19$m={memory},t={iterations},p={lanes}{match[6]}"
        try:
            _ARGON2_KINDS[kind].verify_phc_encoded(data, plain, pepper)
        except (InvalidKey, ValueError, MemoryError):
            return False
        return True

    def _new_bcrypt(self, data: bytes) -> str:
        salt = bcrypt.gensalt(self._rounds)
        if self._key_id is None and len(data) <= _BCRYPT_BYTES:
            return bcrypt.hashpw(data, salt).decode("ascii")
        short = salt[-22:].decode("ascii")
        pepper = self._peppers.get(self._key_id or "")
        checksum = _bcrypt_sha256(data, short, self._rounds, pepper=pepper)
        key_id = f",keyid={self._key_id}" if self._key_id else ""
        return f"$bcrypt-sha256$v=2,t=2b,r={self._rounds}{key_id}${short}${checksum}"

    def _verify_bcrypt_sha256(self, match: re.Match[str], data: bytes) -> bool:
        rounds, key_id, salt, checksum = match.groups()
        pepper = self._peppers.get(key_id) if key_id else None
        if (key_id and pepper is None) or int(rounds) > _MAX_BCRYPT_ROUNDS:
            return False
        try:
            found = _bcrypt_sha256(data, salt, int(rounds), pepper=pepper)
        except ValueError:
            return False
        return hmac.compare_digest(found, checksum)


def kind_of(encoded: str) -> str | None:
    """Which kind of hash this is, or None if nobody could sign in with it here.

    For hashes that come from elsewhere: nothing is computed, so that a hundred
    thousand can be looked at.  One with a pepper is nobody's: we do not have it.
    """
    if not encoded.isascii():
        return None
    encoded = imported_hashes.unwrap(encoded)
    if match := _ARGON2.fullmatch(encoded):
        memory, iterations, lanes = _cost_of(match)
        _, salt, hashed = match[6].split("$")
        is_good = iterations >= 1 and lanes >= 1 and memory >= 8 * lanes
        is_long = len(salt) >= _SHORTEST_SALT and len(hashed) >= _SHORTEST_HASH
        is_good = is_good and is_long and _is_affordable(memory, iterations)
        return f"argon2{match[1]}" if is_good and not match[5] else None
    if match := _BCRYPT.fullmatch(encoded):
        return (
            "bcrypt" if _BCRYPT_LEAST <= int(match[1]) <= _MAX_BCRYPT_ROUNDS else None
        )
    if match := _BCRYPT_SHA256.fullmatch(encoded):
        is_good = _BCRYPT_LEAST <= int(match[1]) <= _MAX_BCRYPT_ROUNDS and not match[2]
        return "bcrypt-sha256" if is_good else None
    return imported_hashes.kind_of(encoded)


def _cost_of(match: re.Match[str]) -> tuple[int, ...]:
    return tuple(int(number) for number in match.groups()[1:4])


def _is_affordable(memory: int, iterations: int) -> bool:
    return memory <= _MAX_MEMORY_KIB and memory * iterations <= _MAX_WORK_KIB


def _bcrypt_sha256(data: bytes, salt: str, rounds: int, *, pepper: bytes | None) -> str:
    """Passlib's bcrypt_sha256, version 2: HMAC first, so no byte is cut off.

    The HMAC is keyed with the salt, else a SHA-256 of the password stolen
    elsewhere could be tried here as if it were one ("password shucking").
    """
    if pepper:
        data = hmac.new(pepper, data, hashlib.sha256).digest()
    digest = hmac.new(salt.encode("ascii"), data, hashlib.sha256).digest()
    config = f"$2b${rounds:02d}${salt}".encode("ascii")
    return bcrypt.hashpw(base64.b64encode(digest), config)[-31:].decode("ascii")


def _verify_bcrypt(encoded: str, rounds: int, data: bytes) -> bool:
    """Bcrypt as all the world wrote it: only 72 bytes were ever looked at."""
    if rounds > _MAX_BCRYPT_ROUNDS:
        return False
    try:
        return bcrypt.checkpw(data[:_BCRYPT_BYTES], encoded.encode("ascii"))
    except ValueError:
        return False


def _prepare(password: str) -> bytes:
    """RFC 8265 §4.2.1: one composed form, so é is é on every keyboard.

    What no person types (composing it can take quadratic time) stays as it is.
    """
    if len(password) <= _NORMALISED_CHARS:
        password = unicodedata.normalize("NFC", password)
    return password.encode("utf-8", "surrogatepass")


def _key_id(pepper: bytes) -> str:
    digest = hmac.new(pepper, b"authserver pepper id", hashlib.sha256).digest()
    return base64.b64encode(digest[:6]).decode("ascii")
