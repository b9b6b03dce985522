"""Statements that change nothing, and cost what those cost that do.

Whoever asks about an address that nobody has must wait as long as for one that
somebody has (C12).
"""

import uuid
from typing import Any

from sqlalchemy import Insert, false, insert, literal, select

from authserver.models.base import Base


def nothing_into(table: type[Base]) -> Insert:
    """Insert no row into a table: the same way there and back."""
    key: Any = literal(uuid.uuid4()).label("id")
    return insert(table).from_select(
        ["id"], select(key).where(false()), include_defaults=False
    )
