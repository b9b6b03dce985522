"""Read JSON and base64url of strangers."""

import base64
import binascii
import hashlib
import json
from typing import Any


def json_object(body: bytes) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        ValueError: It is none.
    """
    try:
        found = json.loads(body)
    except RecursionError:
        msg = "nested too deep"
        raise ValueError(msg) from None
    if not isinstance(found, dict):
        msg = "no JSON object"
        raise ValueError(msg)  # noqa: TRY004 -- one kind of fault for the caller
    return found


def sha256_url(data: bytes) -> str:
    """Give a hash as base64url without padding (RFC 7638 §3, RFC 8705 §3.1)."""
    digest = hashlib.sha256(data).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def from_base64(text: str) -> bytes:
    """Read plain base64.

    Raises:
        ValueError: It is none.
    """
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as why:
        raise ValueError(str(why)) from None
