"""Sessions (auth.sessions): one device signed in, by page or by API."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from authserver.models.base import Base, HasCreated, HasId
from authserver.models.types import Inet


class Session(HasId, HasCreated, Base):
    """One device signed in.  ``id`` is the ``sid`` of ID tokens.

    ``refresh_token`` holds a public handle and ``refresh_token_hash`` the fingerprint
    of the secret behind it: the cookie of a browser, or the API's refresh token.
    """

    __tablename__ = "sessions"
    __table_args__ = (
        Index("ix_sessions_user", "user_id", "is_active"),
        Index("ix_sessions_expires_at", "expires_at"),
        Index("ix_sessions_created", "created_at", "id"),
        Index("ix_sessions_ip", "ip_address", "created_at", "id"),
    )

    user_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("auth.users.id", ondelete="CASCADE")
    )
    refresh_token: Mapped[str] = mapped_column(unique=True)
    refresh_token_hash: Mapped[str] = mapped_column(unique=True)
    device_id: Mapped[str | None]
    device_type: Mapped[str | None]
    device_name: Mapped[str | None]
    ip_address: Mapped[str | None] = mapped_column(Inet)
    user_agent: Mapped[str | None]
    location_country: Mapped[str | None]
    location_city: Mapped[str | None]
    expires_at: Mapped[datetime]
    is_active: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    last_activity_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    # Ours: what ID tokens say about this sign-in, and how long it may last.
    kind: Mapped[str] = mapped_column(default="browser", server_default="browser")
    auth_time: Mapped[datetime]
    acr: Mapped[str]
    amr: Mapped[list[str]]
    remembered: Mapped[bool] = mapped_column(
        default=False, server_default=text("false")
    )
    absolute_expires_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    revoked_because: Mapped[str | None]
