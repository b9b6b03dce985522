"""Streams of security events, and whom each is about (OpenID SSF 1.0 §8)."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from authserver.models.base import Base, HasId, HasTimes


class EventStream(HasId, HasTimes, Base):
    """What one client is told of people's accounts; each client has one at most.

    ``authorization_sealed`` is what we show at the client's endpoint (RFC 8935 §2).
    """

    __tablename__ = "event_streams"
    __table_args__ = (Index("ix_event_streams_client_id", "client_id"),)

    client_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("auth.clients.id", ondelete="CASCADE"), unique=True
    )
    method: Mapped[str]
    endpoint_url: Mapped[str | None]
    authorization_sealed: Mapped[str | None]
    events_requested: Mapped[list[str]]
    description: Mapped[str | None]
    status: Mapped[str] = mapped_column(default="enabled", server_default="enabled")
    reason: Mapped[str | None]
    verified_at: Mapped[datetime | None]


class StreamSubject(Base):
    """Somebody whom a client has added to its stream, or taken out of it."""

    __tablename__ = "stream_subjects"

    stream_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("auth.event_streams.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("auth.users.id", ondelete="CASCADE"), primary_key=True
    )
    is_included: Mapped[bool] = mapped_column(server_default=text("true"))
