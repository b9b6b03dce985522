"""What a client polls for while a person decides elsewhere (RFC 8628, OpenID CIBA)."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from authserver.models.base import Base, HasId
from authserver.models.types import Inet, JsonB


class Polled(HasId):
    """What the two kinds of waiting grants have in common.

    ``secret_hash`` is the fingerprint of what the client polls with.  One of
    ``allowed_at`` and ``denied_at`` is set once, ``used_at`` once after it.  A used
    row stays until it is cleaned away: it is how we notice that it came twice.  The
    family that its tokens join has the same id.
    """

    secret_hash: Mapped[str] = mapped_column(unique=True)
    client_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("auth.clients.id", ondelete="CASCADE")
    )
    user_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("auth.users.id", ondelete="CASCADE")
    )
    scope: Mapped[str]
    resources: Mapped[list[str] | None]
    details: Mapped[list[dict[str, Any]] | None] = mapped_column(JsonB)
    interval_s: Mapped[int]
    polled_at: Mapped[datetime | None]
    auth_time: Mapped[datetime | None]
    acr: Mapped[str | None]
    amr: Mapped[list[str] | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    allowed_at: Mapped[datetime | None]
    denied_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]


WAITS_TO_PING = text("ping_sealed IS NOT NULL")


class DeviceGrant(Polled, Base):
    """A device that waits for its person (RFC 8628 §3.2).

    The user code is short, so its fingerprint has a key; sealed it is kept to be shown
    once more beside the device.  Address and browser are those of the device, for the
    person to compare (§5.4).
    """

    __tablename__ = "device_grants"
    __table_args__ = (
        Index("ix_device_grants_expires_at", "expires_at"),
        Index("ix_device_grants_client_id", "client_id"),
        Index("ix_device_grants_user_id", "user_id"),
    )

    user_code_hash: Mapped[str] = mapped_column(unique=True)
    user_code_sealed: Mapped[str]
    ip_address: Mapped[str | None] = mapped_column(Inet)
    user_agent: Mapped[str | None]


class BackchannelRequest(Polled, Base):
    """A request of an app for somebody who is elsewhere (OpenID CIBA §7.1).

    ``ping_sealed`` holds the two secrets of a ping, where the app wants one, until it
    goes out.
    """

    __tablename__ = "backchannel_requests"
    __table_args__ = (
        Index("ix_backchannel_requests_expires_at", "expires_at"),
        Index("ix_backchannel_requests_client_id", "client_id"),
        Index("ix_backchannel_requests_user_id", "user_id"),
        Index(
            "ix_backchannel_requests_pings",
            "expires_at",
            postgresql_where=WAITS_TO_PING,
            sqlite_where=WAITS_TO_PING,
        ),
    )

    binding_message: Mapped[str | None]
    ping_sealed: Mapped[str | None]
