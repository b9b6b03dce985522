"""What happened: every sign-in (auth.login_history) and every security event."""

import uuid
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from authserver.models.base import Base, BigId, HasCreated
from authserver.models.types import Inet


class LoginRecord(HasCreated, Base):
    """One try to sign in, granted or refused."""

    __tablename__ = "login_history"
    __table_args__ = (
        Index("ix_login_history_user", "user_id", "id"),
        Index("ix_login_history_created_at", "created_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[uuid.UUID | None]
    action: Mapped[str]
    status: Mapped[str]
    auth_method: Mapped[str | None]
    failure_reason: Mapped[str | None]
    ip_address: Mapped[str | None] = mapped_column(Inet)
    user_agent: Mapped[str | None]
    device_type: Mapped[str | None]
    location_country: Mapped[str | None]
    location_city: Mapped[str | None]
    attempted_email: Mapped[str | None]
    extra: Mapped[dict[str, Any]] = mapped_column(
        "metadata", default=dict, server_default=text("'{}'")
    )


class SecurityEvent(HasCreated, Base):
    """One line of the security log.  ``chain`` links it to the line before."""

    __tablename__ = "security_events"
    __table_args__ = (
        Index("ix_security_events_user", "user_id", "id"),
        Index("ix_security_events_created_at", "created_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event: Mapped[str]
    user_id: Mapped[uuid.UUID | None]
    actor_id: Mapped[uuid.UUID | None]
    client_id: Mapped[uuid.UUID | None]
    ip_address: Mapped[str | None] = mapped_column(Inet)
    user_agent: Mapped[str | None]
    trace_id: Mapped[str | None]
    reason: Mapped[str | None]
    facts: Mapped[dict[str, Any]] = mapped_column(
        default=dict, server_default=text("'{}'")
    )
    chain: Mapped[str | None]
