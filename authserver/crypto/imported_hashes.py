"""Password hashes other systems wrote: PBKDF2, scrypt, and bcrypt over SHA-256.

They are only verified, never made; after the first sign-in the password is
hashed anew.  Each spelling becomes one `_Recipe`, and a recipe that asks for
absurd work is refused: a hash string is input too.

    $pbkdf2-sha256$29000$salt$hash          passlib (ab64)
    $pbkdf2-sha512$i=210000,l=64$salt$hash  PHC (base64), also from Keycloak
    pbkdf2_sha256$720000$salt$hash          Django (text salt)
    pbkdf2:sha256:600000$salt$hex           Werkzeug
    $scrypt$ln=16,r=8,p=1$salt$hash         PHC and passlib
    scrypt:32768:8:1$salt$hex               Werkzeug
    scrypt$16384$salt$8$1$hash              Django (text salt)
    bcrypt_sha256$$2b$12$...                Django
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass

import bcrypt

_MAX_ITERATIONS = 10_000_000
_MAX_SCRYPT_BYTES = 256 << 20
_MAX_HASH_BYTES = 128

_B64 = r"[A-Za-z0-9+/.=]"
_PBKDF2 = re.compile(
    rf"\$pbkdf2(?:-(sha1|sha256|sha512))?\$(?:i=)?([0-9]{{1,8}})(?:,l=[0-9]{{1,3}})?"
    rf"\$({_B64}{{0,1400}})\$({_B64}{{1,180}})"
)
_DJANGO = re.compile(
    rf"pbkdf2_(sha1|sha256)\$([0-9]{{1,8}})\$([^$]{{1,128}})\$({_B64}{{1,180}})"
)
_WERKZEUG_PBKDF2 = re.compile(
    r"pbkdf2:(sha1|sha256|sha512):([0-9]{1,8})\$([^$]{1,128})\$([0-9a-f]{2,256})"
)
_SCRYPT = re.compile(
    rf"\$scrypt\$ln=([0-9]{{1,2}}),r=([0-9]{{1,3}}),p=([0-9]{{1,3}})"
    rf"\$({_B64}{{0,1400}})\$({_B64}{{1,180}})"
)
_DJANGO_SCRYPT = re.compile(
    rf"scrypt\$([0-9]{{1,8}})\$([^$]{{1,128}})\$([0-9]{{1,3}})\$([0-9]{{1,3}})"
    rf"\$({_B64}{{1,180}})"
)
_DJANGO_BCRYPT = re.compile(r"bcrypt_sha256\$(\$2[aby]\$([0-9]{2})\$[./A-Za-z0-9]{53})")
_MAX_BCRYPT_ROUNDS = 17
_WERKZEUG_SCRYPT = re.compile(
    r"scrypt:([0-9]{1,8}):([0-9]{1,3}):([0-9]{1,3})\$([^$]{1,128})\$([0-9a-f]{2,256})"
)


@dataclass(frozen=True)
class _Recipe:
    """What has to be computed, and what should come out."""

    salt: bytes
    expected: bytes
    digest: str = ""
    iterations: int = 0
    n: int = 0
    r: int = 0
    p: int = 0

    def is_affordable(self) -> bool:
        if not 1 <= len(self.expected) <= _MAX_HASH_BYTES:
            return False
        if self.digest:
            return 1 <= self.iterations <= _MAX_ITERATIONS
        power_of_two = self.n > 1 and self.n & (self.n - 1) == 0
        work = 128 * self.n * self.r * self.p
        return power_of_two and 0 < work <= _MAX_SCRYPT_BYTES

    def derive(self, password: bytes) -> bytes:
        size = len(self.expected)
        if self.digest:
            return hashlib.pbkdf2_hmac(
                self.digest, password, self.salt, self.iterations, size
            )
        return hashlib.scrypt(
            password,
            salt=self.salt,
            n=self.n,
            r=self.r,
            p=self.p,
            maxmem=2 * _MAX_SCRYPT_BYTES,
            dklen=size,
        )


def unwrap(encoded: str) -> str:
    """Django and Spring put a name before a string that says it all itself."""
    for prefix in ("argon2$argon2", "bcrypt$$2", "{bcrypt}$2", "{argon2}$argon2"):
        if encoded.startswith(prefix):
            return "$" + encoded[len(prefix) - len(prefix.split("$")[-1]) :]
    return encoded


def kind_of(encoded: str) -> str | None:
    """What this is, or None for a string that is none of ours or asks for too much."""
    if match := _DJANGO_BCRYPT.fullmatch(encoded):
        return "bcrypt-sha256" if 4 <= int(match[2]) <= _MAX_BCRYPT_ROUNDS else None
    try:
        recipe = _read(encoded)
    except (ValueError, OverflowError):
        return None
    if recipe is None or not recipe.is_affordable():
        return None
    return "pbkdf2" if recipe.digest else "scrypt"


def verify(encoded: str, password: bytes) -> bool:
    """Is this the password?  False for a string that is none of ours."""
    if match := _DJANGO_BCRYPT.fullmatch(encoded):
        return _verify_django_bcrypt(match, password)
    try:
        recipe = _read(encoded)
        if recipe is None or not recipe.is_affordable():
            return False
        return hmac.compare_digest(recipe.derive(password), recipe.expected)
    except (ValueError, OverflowError, MemoryError):
        return False


def _verify_django_bcrypt(match: re.Match[str], password: bytes) -> bool:
    """Django hashes to hexadecimal first, so that bcrypt cuts nothing off."""
    if int(match[2]) > _MAX_BCRYPT_ROUNDS:
        return False
    digest = hashlib.sha256(password).hexdigest().encode("ascii")
    try:
        return bcrypt.checkpw(digest, match[1].encode("ascii"))
    except ValueError:
        return False


def _read(encoded: str) -> _Recipe | None:
    for pattern, reader in _READERS:
        if match := pattern.fullmatch(encoded):
            return reader(*match.groups())
    return None


def _pbkdf2(digest: str | None, iterations: str, salt: str, hashed: str) -> _Recipe:
    return _Recipe(
        _unbase64(salt),
        _unbase64(hashed),
        digest=digest or "sha1",
        iterations=int(iterations),
    )


def _django(digest: str, iterations: str, salt: str, hashed: str) -> _Recipe:
    return _Recipe(
        salt.encode(), _unbase64(hashed), digest=digest, iterations=int(iterations)
    )


def _werkzeug_pbkdf2(digest: str, iterations: str, salt: str, hashed: str) -> _Recipe:
    return _Recipe(
        salt.encode(), bytes.fromhex(hashed), digest=digest, iterations=int(iterations)
    )


def _scrypt(log_n: str, r: str, p: str, salt: str, hashed: str) -> _Recipe:
    n = 1 << int(log_n)
    return _Recipe(_unbase64(salt), _unbase64(hashed), n=n, r=int(r), p=int(p))


def _django_scrypt(n: str, salt: str, r: str, p: str, hashed: str) -> _Recipe:
    return _Recipe(salt.encode(), _unbase64(hashed), n=int(n), r=int(r), p=int(p))


def _werkzeug_scrypt(n: str, r: str, p: str, salt: str, hashed: str) -> _Recipe:
    return _Recipe(salt.encode(), bytes.fromhex(hashed), n=int(n), r=int(r), p=int(p))


_READERS: tuple[tuple[re.Pattern[str], Callable[..., _Recipe]], ...] = (
    (_PBKDF2, _pbkdf2),
    (_DJANGO, _django),
    (_WERKZEUG_PBKDF2, _werkzeug_pbkdf2),
    (_SCRYPT, _scrypt),
    (_WERKZEUG_SCRYPT, _werkzeug_scrypt),
    (_DJANGO_SCRYPT, _django_scrypt),
)


def _unbase64(text: str) -> bytes:
    """Standard base64 with or without padding; passlib writes "." for "+"."""
    plain = text.rstrip("=").replace(".", "+")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from None
