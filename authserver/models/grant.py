"""What an authorization answered with, before there are tokens."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from authserver.models.base import Base, HasId
from authserver.models.types import JsonB


class AuthorizationCode(HasId, Base):
    """One code of RFC 6749 §4.1.2.  We keep the hash, never the code itself.

    A used code stays until it is cleaned away: it is how we notice that it came
    twice.  The family that its tokens join has the same id.
    """

    __tablename__ = "authorization_codes"
    __table_args__ = (
        Index("ix_authorization_codes_expires_at", "expires_at"),
        Index("ix_authorization_codes_client_id", "client_id"),
    )

    code_hash: Mapped[str] = mapped_column(unique=True)
    client_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("auth.clients.id", ondelete="CASCADE")
    )
    user_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("auth.users.id", ondelete="CASCADE")
    )
    session_id: Mapped[uuid.UUID | None]
    redirect_uri: Mapped[str]
    scope: Mapped[str]
    nonce: Mapped[str | None]
    challenge: Mapped[str | None]
    dpop_jkt: Mapped[str | None]
    claims: Mapped[dict[str, Any] | None]
    resources: Mapped[list[str] | None]
    details: Mapped[list[dict[str, Any]] | None] = mapped_column(JsonB)
    auth_time: Mapped[datetime]
    acr: Mapped[str]
    amr: Mapped[list[str]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class PushedRequest(HasId, Base):
    """An authorization request that its client has sent ahead (RFC 9126).

    We keep the hash of its ``request_uri``, and the parameters without credentials.
    ``used_at`` is set when an answer is given, not when a browser comes with it.
    """

    __tablename__ = "pushed_requests"
    __table_args__ = (
        Index("ix_pushed_requests_expires_at", "expires_at"),
        Index("ix_pushed_requests_client_id", "client_id"),
    )

    uri_hash: Mapped[str] = mapped_column(unique=True)
    client_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("auth.clients.id", ondelete="CASCADE")
    )
    request: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
