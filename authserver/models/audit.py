"""What happened: every sign-in (auth.login_history) and every security event."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from authserver.models.base import Base, BigId, HasCreated
from authserver.models.types import Inet


class LoginRecord(HasCreated, Base):
    """One try to sign in, granted or refused."""

    __tablename__ = "login_history"
    __table_args__ = (
        Index("ix_login_history_user", "user_id", "id"),
        Index("ix_login_history_created_at", "created_at"),
        Index("ix_login_history_ip", "ip_address", "id"),
        Index("ix_login_history_trace_id", "trace_id"),
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
    trace_id: Mapped[str | None]
    extra: Mapped[dict[str, Any]] = mapped_column(
        "metadata", default=dict, server_default=text("'{}'")
    )


WAITING = text("chain IS NULL")
"""Written, and not yet sealed: what the sealing looks for, by an index of its own."""
PLACED = text("position IS NOT NULL")


class SecurityEvent(HasCreated, Base):
    """One line of the security log.

    ``chain`` answers for the line and for all before it; ``position`` says which is
    before.  Both come a moment after the line, outside the request: two requests need
    not wait for each other, and a line of a slow one may have a lower id than its
    neighbour and yet come later.
    """

    __tablename__ = "security_events"
    __table_args__ = (
        Index("ix_security_events_user", "user_id", "id"),
        Index("ix_security_events_created_at", "created_at"),
        Index("ix_security_events_event", "event", "id"),
        Index("ix_security_events_trace_id", "trace_id"),
        Index("ix_security_events_ip", "ip_address", "id"),
        Index("ix_security_events_actor", "actor_id", "id"),
        Index(
            "ix_security_events_waiting",
            "id",
            postgresql_where=WAITING,
            sqlite_where=WAITING,
        ),
        Index(
            "ix_security_events_position",
            "position",
            unique=True,
            postgresql_where=PLACED,
            sqlite_where=PLACED,
        ),
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
    position: Mapped[int | None] = mapped_column(BigInteger)


class AuditChain(Base):
    """Where the chain of the security log begins and ends: one row.

    Lines up to ``first_position`` have been deleted because their time was over;
    ``last_position`` is the newest that was sealed.  ``seal`` answers for the row.
    """

    __tablename__ = "audit_chain"

    name: Mapped[str] = mapped_column(primary_key=True)
    first_position: Mapped[int] = mapped_column(BigInteger)
    first_chain: Mapped[str]
    last_position: Mapped[int] = mapped_column(BigInteger)
    last_chain: Mapped[str]
    seal: Mapped[str]
    updated_at: Mapped[datetime]
