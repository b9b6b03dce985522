"""Tokens.  Access tokens are JWTs (RFC 9068) and have no row."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from authserver.models.base import Base, HasId
from authserver.models.types import JsonB


class TokenFamily(HasId, Base):
    """All tokens of one grant; lives and dies together (RFC 9700 §4.14.2).

    ``auth_time``, ``acr`` and ``amr`` are those of the sign-in, so that a refreshed
    ID token tells the truth (OIDC Core §12.2).  ``cnf`` is the key that the first
    tokens were bound to (RFC 7800 §3.1).
    """

    __tablename__ = "token_families"
    __table_args__ = (
        Index("ix_token_families_user", "user_id", "client_id"),
        Index("ix_token_families_client_id", "client_id"),
        Index("ix_token_families_session_id", "session_id"),
        Index("ix_token_families_expires_at", "expires_at"),
        Index("ix_token_families_created_at", "created_at"),
    )

    client_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("auth.clients.id", ondelete="CASCADE")
    )
    user_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("auth.users.id", ondelete="CASCADE")
    )
    session_id: Mapped[uuid.UUID | None]
    scope: Mapped[str]
    claims: Mapped[dict[str, Any] | None]
    resources: Mapped[list[str] | None]
    details: Mapped[list[dict[str, Any]] | None] = mapped_column(JsonB)
    auth_time: Mapped[datetime]
    acr: Mapped[str]
    amr: Mapped[list[str]]
    cnf: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_because: Mapped[str | None]


class RefreshToken(Base):
    """One refresh token of a family.  The id is the public half and the ``jti``.

    A spent row stays while its family lives: its return is the alarm.
    """

    __tablename__ = "refresh_tokens"
    __table_args__ = (
        Index("ix_refresh_tokens_family_id", "family_id"),
        Index("ix_refresh_tokens_expires_at", "expires_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    family_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("auth.token_families.id", ondelete="CASCADE")
    )
    token_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    successor_id: Mapped[uuid.UUID | None]


class RevokedToken(Base):
    """An access token revoked by itself, until it would have expired."""

    __tablename__ = "revoked_tokens"
    __table_args__ = (Index("ix_revoked_tokens_expires_at", "expires_at"),)

    jti: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime]


class SpentAssertion(Base):
    """A ``jti`` of a client assertion that has been used (RFC 7523 §3)."""

    __tablename__ = "spent_assertions"
    __table_args__ = (Index("ix_spent_assertions_expires_at", "expires_at"),)

    fingerprint: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime]


class SpentProof(Base):
    """A ``jti`` of a DPoP proof that has been used (RFC 9449 §11.1)."""

    __tablename__ = "spent_proofs"
    __table_args__ = (Index("ix_spent_proofs_expires_at", "expires_at"),)

    fingerprint: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime]
