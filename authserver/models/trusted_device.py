"""Browsers that are not asked for the second factor for a while."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from authserver.models.base import Base, HasCreated, HasId


class TrustedDevice(HasId, HasCreated, Base):
    """A browser that one user trusts; ``device_id`` as in ``auth.sessions``."""

    __tablename__ = "trusted_devices"
    __table_args__ = (
        UniqueConstraint("user_id", "device_id"),
        Index("ix_trusted_devices_expires_at", "expires_at"),
    )

    user_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("auth.users.id", ondelete="CASCADE")
    )
    device_id: Mapped[str]
    name: Mapped[str | None]
    expires_at: Mapped[datetime]
