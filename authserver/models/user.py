"""People (auth.users, every column of the seeds) and the institutions they belong to."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from authserver.models.base import Base, HasCreated, HasId, HasTimes
from authserver.models.types import Citext

STATUSES = ("pending_verification", "active", "locked", "disabled", "deleted")

TO_ANONYMISE = text("deleted_at IS NOT NULL AND anonymised_at IS NULL")
"""Deleted, and still somebody: what housekeeping looks for, by an index of its own."""


class User(HasId, HasTimes, Base):
    """A person.

    ``password_hash`` is a PHC string or an older service's hash; ``mfa_secret`` is
    sealed; ``mfa_backup_codes`` holds fingerprints.  ``profile`` holds the standard
    claims of OIDC Core §5.1 that have no column of their own.
    """

    __tablename__ = "users"
    __table_args__ = (
        Index("ix_users_created", "created_at", "id"),
        Index("ix_users_status", "status", "created_at", "id"),
        Index(
            "ix_users_to_anonymise",
            "deleted_at",
            postgresql_where=TO_ANONYMISE,
            sqlite_where=TO_ANONYMISE,
        ),
    )

    email: Mapped[str] = mapped_column(Citext, unique=True)
    phone: Mapped[str | None] = mapped_column(unique=True)
    username: Mapped[str | None] = mapped_column(Citext, unique=True)
    full_name: Mapped[str | None]
    avatar_url: Mapped[str | None]
    date_of_birth: Mapped[date | None]
    password_hash: Mapped[str | None]
    status: Mapped[str] = mapped_column(
        default="pending_verification", server_default="pending_verification"
    )
    is_email_verified: Mapped[bool] = mapped_column(
        default=False, server_default=text("false")
    )
    is_phone_verified: Mapped[bool] = mapped_column(
        default=False, server_default=text("false")
    )
    email_verified_at: Mapped[datetime | None]
    phone_verified_at: Mapped[datetime | None]
    failed_login_attempts: Mapped[int] = mapped_column(
        default=0, server_default=text("0")
    )
    locked_until: Mapped[datetime | None]
    last_password_change: Mapped[datetime | None]
    mfa_enabled: Mapped[bool] = mapped_column(
        default=False, server_default=text("false")
    )
    mfa_secret: Mapped[str | None]
    mfa_backup_codes: Mapped[list[str] | None]
    language: Mapped[str] = mapped_column(default="pt-BR", server_default="pt-BR")
    timezone: Mapped[str] = mapped_column(
        default="America/Sao_Paulo", server_default="America/Sao_Paulo"
    )
    extra: Mapped[dict[str, Any]] = mapped_column(
        "metadata", default=dict, server_default=text("'{}'")
    )
    last_login_at: Mapped[datetime | None]
    last_seen_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    # Ours, beside the seeds' columns.
    profile: Mapped[dict[str, Any]] = mapped_column(
        default=dict, server_default=text("'{}'")
    )
    cpf_sealed: Mapped[str | None]
    cpf_index: Mapped[str | None] = mapped_column(unique=True)
    totp_last_step: Mapped[int | None]
    backup_codes_sealed: Mapped[str | None]
    must_change_password: Mapped[bool] = mapped_column(
        default=False, server_default=text("false")
    )
    anonymised_at: Mapped[datetime | None]

    @property
    def waits_for_proof(self) -> bool:
        """Whether the address is still to be proved, and the account then good."""
        is_denied = self.status in ("locked", "disabled", "deleted")
        return not (self.is_email_verified or is_denied or self.deleted_at)


class Institution(HasTimes, Base):
    """An organisation; its code goes into tokens."""

    __tablename__ = "institutions"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(Citext, unique=True)
    name: Mapped[str]


class UserInstitution(HasCreated, Base):
    """Who belongs to which institution."""

    __tablename__ = "user_institutions"

    user_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("auth.users.id", ondelete="CASCADE"), primary_key=True
    )
    institution_id: Mapped[int] = mapped_column(
        ForeignKey("auth.institutions.id", ondelete="CASCADE"), primary_key=True
    )
