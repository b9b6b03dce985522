"""Pairwise subject identifiers (OIDC Core §8.1) by AES-SIV (RFC 5297).

Deterministic, so one person is one ``sub`` at one sector for ever; a sector's
identifiers say nothing of another's, nor of the person; and whoever holds the key finds
the person again.  What nobody has sealed does not open: a made-up ``sub`` is nobody's.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import uuid

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

KEY_BYTES = 64
_SUB = re.compile(r"[A-Za-z0-9_-]{43}")


def new_key() -> bytes:
    """Make a key.  It lasts as long as the identifiers: for ever."""
    return os.urandom(KEY_BYTES)


def conceal(key: bytes, sector: str, user_id: uuid.UUID) -> str:
    """Give the ``sub`` of a person at a sector: 43 characters."""
    sealed = AESSIV(key).encrypt(user_id.bytes, [sector.encode("utf-8")])
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode("ascii")


def reveal(key: bytes, sector: str, sub: object) -> uuid.UUID | None:
    """Give the person of a ``sub`` at this sector; None for anything else."""
    if not isinstance(sub, str) or not _SUB.fullmatch(sub):
        return None
    try:
        sealed = base64.urlsafe_b64decode(f"{sub}=")
        plain = AESSIV(key).decrypt(sealed, [sector.encode("utf-8")])
    except (InvalidTag, binascii.Error, ValueError):
        return None
    found = (
        uuid.UUID(bytes=plain) if len(plain) == len(uuid.UUID(int=0).bytes) else None
    )
    # The last of the 43 characters has bits to spare: one name for one person.
    return found if found and conceal(key, sector, found) == sub else None
