"""Authorization requests that wait for a person."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from authserver.models.base import Base, HasId


class Interaction(HasId, Base):
    """A checked authorization request, kept while somebody signs in and consents.

    ``request`` holds its parameters, wherever they came from; ``pushed_id`` names the
    pushed request that they came by.  With a ``device_id`` it is a device that waits
    for its person, and nobody is redirected (RFC 8628 §3.3).  ``finished_at`` is set
    once: one interaction gives one answer; the code that it is has the same id.
    """

    __tablename__ = "interactions"
    __table_args__ = (
        Index("ix_interactions_expires_at", "expires_at"),
        Index("ix_interactions_client_id", "client_id"),
        Index("ix_interactions_created_at", "created_at", "id"),
        Index("ix_interactions_trace_id", "trace_id"),
    )

    client_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("auth.clients.id", ondelete="CASCADE")
    )
    request: Mapped[dict[str, Any]]
    pushed_id: Mapped[uuid.UUID | None]
    device_id: Mapped[uuid.UUID | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    account_chosen_at: Mapped[datetime | None]
    consented_at: Mapped[datetime | None]
    consented_by: Mapped[uuid.UUID | None]
    granted_scope: Mapped[str | None]
    denied_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    trace_id: Mapped[str | None]
    """Of the request that began it: an operator finds it by that."""
