"""Cursor paging: keyset, so that page 10,000 costs what page 1 costs."""

import base64
import binascii
import json
from typing import Any

from marshmallow import fields, validate

from authserver.api.schemas.base import Strict
from authserver.errors import InvalidInput

MOST = 200
USUAL = 50


class PageQuery(Strict):
    """What every list takes."""

    limit = fields.Integer(
        load_default=USUAL,
        validate=validate.Range(1, MOST),
        metadata={"description": "How many at most."},
    )
    cursor = fields.String(
        load_default=None,
        validate=validate.Length(max=512),
        metadata={"description": "`nextCursor` of the page before."},
    )


def read_cursor(cursor: str | None) -> list[Any] | None:
    """Open a cursor: the sort keys of the last row that was shown.

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
    if not isinstance(keys, list):
        raise InvalidInput(fields={"cursor": ["Use the nextCursor of a page."]})
    return keys


def write_cursor(keys: list[Any]) -> str:
    """Close a cursor over the sort keys of the last row."""
    text = json.dumps(keys, default=str, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()
