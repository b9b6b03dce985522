"""``ETag`` and ``If-Match``: nobody overwrites what they have not seen (RFC 9110 §13)."""

from typing import Any

from flask import Response, request

from authserver.api.endpoint import Answer
from authserver.core.versions import version_of
from authserver.errors import StaleVersion
from authserver.http.context import services

__all__ = ["check_match", "tagged", "under", "version_of"]


def tagged(row: Any, told: Any = None) -> Answer:
    """Answer with a row, under the ETag of what it is now.

    Args:
        row: What has a version.
        told: What is told of it, if not the row itself.
    """
    services().audit.db.flush()  # which moves the version of what was changed
    return under(version_of(row), row if told is None else told)


def under(version: str, told: Any) -> Answer:
    """Answer with something, under a version as its strong ETag."""

    def prepare(response: Response) -> None:
        response.set_etag(version)

    return Answer(told, prepare=prepare)


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
