"""Linked social identities, and who is on the way to a provider and back."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from authserver.models.base import Base, HasCreated, HasId


class OAuthProvider(HasId, HasCreated, Base):
    """An identity at a provider, keyed by (issuer, subject), never by address."""

    __tablename__ = "oauth_providers"
    __table_args__ = (
        UniqueConstraint("issuer", "subject"),
        Index("ix_oauth_providers_user_id", "user_id"),
    )

    user_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("auth.users.id", ondelete="CASCADE")
    )
    provider: Mapped[str]
    issuer: Mapped[str]
    subject: Mapped[str]
    email: Mapped[str | None]
    profile: Mapped[dict[str, Any]] = mapped_column(default=dict)
    last_used_at: Mapped[datetime | None]


class ConnectionAttempt(HasId, Base):
    """Somebody who was sent to a provider and is expected back, once.

    The id and a secret are the ``state`` (RFC 6749 §10.12); of the secret a
    fingerprint is kept.  ``browser_hash`` ties it to the browser that was sent,
    ``secrets_sealed`` holds ``nonce`` and ``code_verifier``.  With a ``user_id`` the
    identity is to be linked to that user, who was signed in at ``session_id``.
    """

    __tablename__ = "connection_attempts"
    __table_args__ = (Index("ix_connection_attempts_expires_at", "expires_at"),)

    state_hash: Mapped[str]
    provider: Mapped[str]
    face: Mapped[str]
    browser_hash: Mapped[str]
    secrets_sealed: Mapped[str]
    return_to: Mapped[str | None]
    remember: Mapped[bool]
    interaction_id: Mapped[uuid.UUID | None]
    user_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("auth.users.id", ondelete="CASCADE")
    )
    session_id: Mapped[uuid.UUID | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
