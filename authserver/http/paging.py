"""Cursor paging: keyset, so that page 10,000 costs what page 1 costs."""

import base64
import binascii
import json
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from authserver.errors import InvalidInput

LARGEST = 2**63 - 1
Kind = Callable[[Any], bool]


def is_count(key: Any) -> bool:
    """Whether it is the key of a row that is counted."""
    return type(key) is int and 0 <= key <= LARGEST


def is_moment(key: Any) -> bool:
    """Whether it is a moment as we write it."""
    try:
        return datetime.fromisoformat(key).tzinfo is not None
    except (TypeError, ValueError):
        return False


def is_id(key: Any) -> bool:
    """Whether it is the id of a row."""
    try:
        return str(uuid.UUID(key)) == key
    except (AttributeError, TypeError, ValueError):
        return False


def read_cursor(cursor: str | None, *kinds: Kind) -> list[Any] | None:
    """Open a cursor: the sort keys of the last row that was shown.

    Args:
        cursor: As it came, hostile or not.
        kinds: What each key must be.

    Raises:
        InvalidInput: It is not one of ours.
    """
    if cursor is None:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        keys = json.loads(base64.urlsafe_b64decode(padded))
    except (binascii.Error, ValueError, RecursionError):
        keys = None
    is_ours = isinstance(keys, list) and len(keys) == len(kinds)
    if not is_ours or not all(fits(key) for fits, key in zip(kinds, keys, strict=True)):
        raise InvalidInput(fields={"cursor": ["Use the nextCursor of a page."]})
    return keys  # type: ignore[no-any-return]


def write_cursor(keys: list[Any]) -> str:
    """Close a cursor over the sort keys of the last row."""
    text = json.dumps(keys, default=str, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()
