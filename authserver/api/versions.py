"""``ETag`` and ``If-Match``: nobody overwrites what they have not seen (RFC 9110 §13)."""

import hashlib
from typing import Protocol

from flask import request

from authserver.errors import StaleVersion


class HasVersion(Protocol):
    """A row whose ``updated_at`` moves with every change."""

    id: object
    updated_at: object


def version_of(row: HasVersion) -> str:
    """Give the version of a row."""
    text = f"{row.id}|{row.updated_at}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def tag_of(version: str) -> str:
    """Write a version as a strong ETag."""
    return f'"{version}"'


def check_match(version: str) -> None:
    """Refuse a change on top of another one; without ``If-Match`` nothing is compared.

    Raises:
        StaleVersion: The row has changed since it was read.
    """
    if "If-Match" not in request.headers:
        return
    wanted = request.if_match
    if not wanted.star_tag and version not in wanted:
        raise StaleVersion(f"If-Match does not name {version}")
