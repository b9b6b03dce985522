"""PKCE with S256, the only method we know (RFC 7636, RFC 9700 §2.1.1)."""

from __future__ import annotations

import base64
import hashlib
import re

from authserver.crypto import opaque

_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")  # RFC 7636 §4.1
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")  # base64url of one SHA-256


def is_valid_verifier(text: object) -> bool:
    """RFC 7636 §4.1: 43 to 128 unreserved characters."""
    return isinstance(text, str) and _VERIFIER.fullmatch(text) is not None


def is_valid_challenge(text: object) -> bool:
    """RFC 7636 §4.2: what S256 can yield, no padding."""
    return isinstance(text, str) and _CHALLENGE.fullmatch(text) is not None


def challenge_of(verifier: str) -> str:
    """RFC 7636 §4.2: BASE64URL(SHA256(ASCII(verifier)))."""
    if not is_valid_verifier(verifier):
        raise ValueError("not a code_verifier (RFC 7636 §4.1)")
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def matches(verifier: object, challenge: object) -> bool:
    """RFC 7636 §4.6, in constant time; False for anything outside the grammar."""
    if not isinstance(verifier, str) or not isinstance(challenge, str):
        return False
    if not is_valid_verifier(verifier):
        return False
    return opaque.same(challenge_of(verifier), challenge)
