"""Passkeys: public keys that people sign in with (WebAuthn Level 3 §4)."""

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from authserver.models.base import Base, HasCreated, HasId


class Passkey(HasId, HasCreated, Base):
    """One passkey; id and key as base64url without padding."""

    __tablename__ = "passkeys"
    __table_args__ = (
        UniqueConstraint("credential_id"),
        Index("ix_passkeys_user_id", "user_id"),
    )

    user_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("auth.users.id", ondelete="CASCADE")
    )
    credential_id: Mapped[str]
    public_key: Mapped[str]
    sign_count: Mapped[int] = mapped_column(BigInteger)
    aaguid: Mapped[str]
    is_synced: Mapped[bool]
    name: Mapped[str]
    last_used_at: Mapped[datetime | None]
