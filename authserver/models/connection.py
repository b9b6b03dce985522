"""Linked social identities."""

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
