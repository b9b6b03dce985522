"""``ETag`` and ``If-Match``: nobody overwrites what they have not seen (RFC 9110 §13)."""

from flask import request

from authserver.core.versions import version_of
from authserver.errors import StaleVersion

__all__ = ["check_match", "tag_of", "version_of"]


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
