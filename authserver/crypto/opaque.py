"""Opaque secrets: make them, split them, hash them for storage, compare them.

A handle is `selector.verifier`: the selector is a UUID we may store and log,
the verifier is 32 random bytes of which only an HMAC is ever stored.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import uuid

SECRET_BYTES = 32

# 32 bytes are 43 characters of unpadded base64url; uuid.UUID alone would also
# take braces, upper case and "urn:uuid:", and so let one handle have many names.
_HANDLE = re.compile(
    r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.([A-Za-z0-9_-]{43})"
)


def new_secret(nbytes: int = SECRET_BYTES) -> str:
    """Random bytes from the operating system, as unpadded base64url."""
    return secrets.token_urlsafe(nbytes)


def new_code(digits: int = 6) -> str:
    """A decimal code for a person to type; leading zeros are kept."""
    return f"{secrets.randbelow(10**digits):0{digits}d}"


def new_word(length: int, alphabet: str) -> str:
    """Random characters of an alphabet, for what people copy by hand."""
    return "".join(secrets.choice(alphabet) for _ in range(length))


def fingerprint(secret: str, *, key: bytes = b"") -> str:
    """What we store in place of a secret: HMAC-SHA-256, or SHA-256 without a key.

    Plain SHA-256 is enough for 32 random bytes.  Short codes need the key: a
    million codes are soon hashed by whoever has read the table.
    """
    data = _as_bytes(secret)
    if key:
        return hmac.digest(key, data, "sha256").hex()
    return hashlib.sha256(data).hexdigest()


def new_handle() -> tuple[uuid.UUID, str, str]:
    """A fresh (selector, verifier, token); the token is what the client gets."""
    selector, verifier = uuid.uuid4(), new_secret()
    return selector, verifier, f"{selector}.{verifier}"


def split_handle(token: object) -> tuple[uuid.UUID, str] | None:
    """The two halves of a handle, or None for whatever else came in."""
    if not isinstance(token, str):
        return None
    match = _HANDLE.fullmatch(token)
    if match is None:
        return None
    return uuid.UUID(match[1]), match[2]


def same(a: str, b: str) -> bool:
    """Equality in constant time; on bytes, since compare_digest raises on é."""
    return hmac.compare_digest(_as_bytes(a), _as_bytes(b))


def _as_bytes(text: str) -> bytes:
    # A lone surrogate is legal in a Python string (JSON "\ud800") but not in
    # UTF-8; hostile input must be compared, not answered with a crash.
    return text.encode("utf-8", "surrogatepass")
