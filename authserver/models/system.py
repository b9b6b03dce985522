"""What the server itself keeps: signing keys, mail to send, limits, preferences."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from authserver.models.base import Base, HasCreated, HasId, HasTimes


class StoredKey(Base):
    """A signing key: ``next`` is published, ``active`` signs, ``retired`` verifies."""

    __tablename__ = "signing_keys"

    kid: Mapped[str] = mapped_column(primary_key=True)
    alg: Mapped[str]
    state: Mapped[str]
    private_sealed: Mapped[str]
    created_at: Mapped[datetime]
    activated_at: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]


class OutboxLetter(HasId, HasCreated, Base):
    """A letter that waits to be sent; its text is sealed and goes when it is sent."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_due", "status", "not_before"),
        Index("ix_outbox_created", "created_at", "id"),
        Index("ix_outbox_status", "status", "created_at", "id"),
        Index("ix_outbox_letter", "letter", "created_at", "id"),
        Index("ix_outbox_recipient", "recipient", "created_at", "id"),
    )

    letter: Mapped[str]
    recipient: Mapped[str]
    user_id: Mapped[uuid.UUID | None]
    message_sealed: Mapped[str | None]
    status: Mapped[str] = mapped_column(default="waiting", server_default="waiting")
    attempts: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    not_before: Mapped[datetime]
    claimed_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    last_error: Mapped[str | None]


class RateLimit(Base):
    """A counter of a limit, when no Redis is configured."""

    __tablename__ = "rate_limits"
    __table_args__ = (Index("ix_rate_limits_expires_at", "expires_at"),)

    key: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    expires_at: Mapped[datetime]


class RememberedAnswer(Base):
    """The answer to a request that came with an ``Idempotency-Key``.

    ``key`` is a fingerprint of who asked, what for, and the key; ``request_print`` one
    of the body, so that another request under the same key is seen.  The answer is
    sealed: it may hold tokens or a secret that is told once.
    """

    __tablename__ = "remembered_answers"
    __table_args__ = (Index("ix_remembered_answers_expires_at", "expires_at"),)

    key: Mapped[str] = mapped_column(primary_key=True)
    request_print: Mapped[str]
    status: Mapped[int | None]
    answer_sealed: Mapped[str | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class Preference(HasTimes, Base):
    """A setting that operators change while the server runs."""

    __tablename__ = "preferences"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[dict[str, Any]]
