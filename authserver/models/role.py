"""Roles, what they permit, and who holds them."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from authserver.models.base import Base, HasTimes
from authserver.models.types import Citext, JsonB


class Role(HasTimes, Base):
    """A named list of permissions, each ``resource:action``."""

    __tablename__ = "roles"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Citext, unique=True)
    description: Mapped[str | None]
    permissions: Mapped[list[str]] = mapped_column(
        JsonB, default=list, server_default=text("'[]'")
    )
    is_system_role: Mapped[bool] = mapped_column(
        default=False, server_default=text("false")
    )


class UserRole(Base):
    """An assignment, with who gave it and until when it holds."""

    __tablename__ = "user_roles"
    __table_args__ = (
        UniqueConstraint("user_id", "role_id"),
        Index("ix_user_roles_role_id", "role_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("auth.users.id", ondelete="CASCADE")
    )
    role_id: Mapped[int] = mapped_column(
        ForeignKey("auth.roles.id", ondelete="CASCADE")
    )
    assigned_at: Mapped[datetime]
    assigned_by: Mapped[uuid.UUID | None]
    expires_at: Mapped[datetime | None]
