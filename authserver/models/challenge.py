"""Challenges (auth.verification_tokens): one-time secrets by purpose."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from authserver.models.base import Base, HasCreated, HasId
from authserver.models.types import Inet


class Challenge(HasId, HasCreated, Base):
    """A one-time secret: a link, a code, or both, sent to ``email``.

    ``token`` is the public handle (the id); ``token_hash`` and ``code_hash`` are
    fingerprints.  Either secret spends the row.  ``browser_hash`` ties it to the
    browser that asked.
    """

    __tablename__ = "verification_tokens"
    __table_args__ = (
        Index("ix_verification_tokens_user", "user_id", "token_type"),
        Index("ix_verification_tokens_expires_at", "expires_at"),
    )

    user_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("auth.users.id", ondelete="CASCADE")
    )
    token: Mapped[str] = mapped_column(unique=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    token_type: Mapped[str]
    expires_at: Mapped[datetime]
    is_used: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    used_at: Mapped[datetime | None]
    extra: Mapped[dict[str, Any]] = mapped_column(
        "metadata", default=dict, server_default=text("'{}'")
    )
    ip_address: Mapped[str | None] = mapped_column(Inet)
    user_agent: Mapped[str | None]
    # Ours.
    email: Mapped[str | None]
    code_hash: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    browser_hash: Mapped[str | None]
    interaction_id: Mapped[uuid.UUID | None]
