"""What was refused in a flow, kept for whoever is asked why."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from authserver.models.base import Base, HasId


class RefusedRequest(HasId, Base):
    """One refusal: what was asked, redacted before it comes here, and what was said.

    ``asked`` has a text, a length or nothing for each parameter; see
    ``core/flow_redaction``.  No column refers to another table: a line outlives the app
    that it is about, and writing it looks nothing up.
    """

    __tablename__ = "refused_requests"
    __table_args__ = (
        Index("ix_refused_requests_created_at", "created_at", "id"),
        Index("ix_refused_requests_trace_id", "trace_id"),
        Index("ix_refused_requests_client_id", "client_id", "created_at"),
        Index("ix_refused_requests_interaction_id", "interaction_id"),
        Index("ix_refused_requests_grant_id", "grant_id"),
    )

    trace_id: Mapped[str]
    endpoint: Mapped[str]
    client_id: Mapped[uuid.UUID | None]
    interaction_id: Mapped[uuid.UUID | None]
    grant_id: Mapped[uuid.UUID | None]
    """The code that was shown, where one of ours was: its id, which is no secret."""
    asked: Mapped[dict[str, Any]]
    error: Mapped[str]
    status: Mapped[int]
    description: Mapped[str]
    detail: Mapped[str]
    parameter: Mapped[str | None]
    section: Mapped[str]
    created_at: Mapped[datetime]
