"""What a JWT says of itself before its signature is checked.

Only to choose whose key to check it with, and to tell what it was made for: nothing
that is read here may be believed.
"""

import base64
import json
from typing import Any

from authserver.crypto.signing import MAX_TOKEN_CHARS, BadToken


def read(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give header and claims of a signed JWT (RFC 7515 §7.1).

    Raises:
        BadToken: It is not one; the text is for the log.
    """
    parts = token.split(".") if len(token) <= MAX_TOKEN_CHARS else []
    if len(parts) != 3:
        raise BadToken("not a signed JWT")
    try:
        found = [json.loads(_decoded(part)) for part in parts[:2]]
    except (ValueError, RecursionError):
        raise BadToken("not a JWT") from None
    if not all(isinstance(part, dict) for part in found):
        raise BadToken("header or claims are no JSON object")
    return found[0], found[1]


def protected(token: str) -> dict[str, Any]:
    """Give the header of a JWS or JWE.

    Raises:
        BadToken: It has none; the text is for the log.
    """
    try:
        found = json.loads(_decoded(token.partition(".")[0]))
    except (ValueError, RecursionError):
        raise BadToken("not a JWT") from None
    if not isinstance(found, dict):
        raise BadToken("the header is no JSON object")
    return found


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
