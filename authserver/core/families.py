"""Whose a token family is: a token that was exchanged is of another client's."""

import uuid

from sqlalchemy import select

from authserver.core.apps import App
from authserver.models import TokenFamily
from authserver.models.engines import Reads


def is_of(reads: Reads, family_id: uuid.UUID, app: App) -> bool:
    """Whether a family is the client's own.

    Who may narrow a token may not end the sign-in that it came from (RFC 8693).
    """
    owner = select(TokenFamily.client_id).where(TokenFamily.id == family_id)
    row = reads.first(owner)
    return row is not None and row.client_id == app.id
