"""Pictures of clients and of the brand, from our own origin: no page asks anybody else."""

import uuid

from flask import Response

from authserver.errors import NotFound
from authserver.http.assets import YEAR_SECONDS
from authserver.http.context import services


def logo(client_id: uuid.UUID, digest: str) -> Response:
    """Give a PNG; its address changes with its content, so it may be kept."""
    return _kept(services().logos.find(client_id, digest))


def brand_logo(digest: str) -> Response:
    """Give the logo of this deployment, in the same way."""
    return _kept(services().brands.logo(digest))


def _kept(picture: bytes | None) -> Response:
    if picture is None:
        raise NotFound("no such logo")
    kept = f"private, max-age={YEAR_SECONDS}, immutable"
    return Response(picture, headers={"Cache-Control": kept}, mimetype="image/png")
