"""The pictures of clients, from our own origin: no page of ours asks anybody else."""

import uuid

from flask import Response

from authserver.errors import NotFound
from authserver.http.assets import YEAR_SECONDS
from authserver.http.context import services


def logo(client_id: uuid.UUID, digest: str) -> Response:
    """Give a PNG; its address changes with its content, so it may be kept."""
    picture = services().logos.find(client_id, digest)
    if picture is None:
        raise NotFound("no such logo")
    kept = f"private, max-age={YEAR_SECONDS}, immutable"
    return Response(picture, headers={"Cache-Control": kept}, mimetype="image/png")
