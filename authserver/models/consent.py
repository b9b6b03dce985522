"""What a person granted to an app, and which terms they accepted."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from authserver.models.base import Base, HasCreated, HasId
from authserver.models.types import Inet, JsonB


class ClientConsent(HasId, Base):
    """What a user has allowed a client: scopes, resources, details; one row a pair."""

    __tablename__ = "client_consents"
    __table_args__ = (
        UniqueConstraint("user_id", "client_id"),
        Index("ix_client_consents_client_id", "client_id"),
    )

    user_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("auth.users.id", ondelete="CASCADE")
    )
    client_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("auth.clients.id", ondelete="CASCADE")
    )
    scope: Mapped[str]
    resources: Mapped[list[str] | None]
    details: Mapped[list[dict[str, Any]] | None] = mapped_column(JsonB)
    granted_at: Mapped[datetime]


class TermsConsent(HasId, HasCreated, Base):
    """Proof that somebody accepted a version of the terms (LGPD art. 8)."""

    __tablename__ = "terms_consents"
    __table_args__ = (Index("ix_terms_consents_user_id", "user_id"),)

    user_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("auth.users.id", ondelete="CASCADE")
    )
    document: Mapped[str]
    version: Mapped[str]
    accepted: Mapped[bool]
    ip_address: Mapped[str | None] = mapped_column(Inet)
    user_agent: Mapped[str | None]
