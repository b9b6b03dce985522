"""What other servers are told: that a session has ended, or what else has happened."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from authserver.models.base import Base, HasCreated, HasId


class Notice(HasId, HasCreated, Base):
    """Something that a client is to be told, until it has been.

    There is no token here: it is signed when it is sent, since it lives two minutes.
    """

    __tablename__ = "notices"
    __table_args__ = (
        Index("ix_notices_due", "status", "not_before"),
        Index("ix_notices_client", "client_id", "created_at"),
        Index("ix_notices_session_id", "session_id"),
        Index("ix_notices_stream", "stream_id", "status", "created_at"),
    )

    kind: Mapped[str]
    client_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("auth.clients.id", ondelete="CASCADE")
    )
    user_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("auth.users.id", ondelete="CASCADE")
    )
    session_id: Mapped[uuid.UUID | None]
    stream_id: Mapped[uuid.UUID | None]
    payload: Mapped[dict[str, Any] | None]
    status: Mapped[str] = mapped_column(default="waiting", server_default="waiting")
    attempts: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    not_before: Mapped[datetime]
    claimed_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    last_error: Mapped[str | None]
