"""What is known of a token once it has been looked at."""

import uuid
from dataclasses import dataclass
from typing import Any

from authserver.core.subjects import Subject


@dataclass(frozen=True)
class Checked:
    """A good access token of a user."""

    claims: dict[str, Any]
    scopes: frozenset[str]
    subject: Subject
    session_id: uuid.UUID | None
    asked: dict[str, Any] | None
    owner: Any = None
    """A row with ``subjects.owner_columns``, where it was asked for."""


@dataclass(frozen=True)
class Holder:
    """Whose a token is, and what dies with it."""

    user_id: uuid.UUID
    family_id: uuid.UUID
    session_id: uuid.UUID | None
