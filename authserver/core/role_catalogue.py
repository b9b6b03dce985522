"""Create, change and delete roles; which permissions there are."""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.clock import Clock
from authserver.core.audit import Audit, EventTag
from authserver.core.roles import Roles
from authserver.errors import Conflict, InvalidInput
from authserver.models import Role, UserRole

PERMISSIONS: dict[str, str] = {
    "profile:read": "See one's own account",
    "profile:update": "Change one's own account",
    "users:read": "Find people and see their details",
    "users:create": "Add people",
    "users:update": "Change people's details",
    "users:delete": "Delete people",
    "users:lock": "Lock and unlock people",
    "users:reset_password": "Send people a link to choose another password",
    "roles:read": "See roles and who holds them",
    "roles:assign": "Give and take roles below one's own",
    "roles:assign_admin": "Give and take admin and super_admin",
    "roles:create": "Add roles",
    "roles:update": "Change what a role permits",
    "roles:delete": "Delete roles",
    "institutions:read": "See institutions and who belongs to them",
    "institutions:create": "Add institutions",
    "institutions:update": "Change institutions and memberships",
    "institutions:delete": "Delete institutions",
    "sessions:read": "See people's sessions",
    "sessions:revoke": "End a person's sessions",
    "sessions:revoke_all": "End everybody's sessions",
    "clients:read": "See apps",
    "clients:create": "Register apps",
    "clients:update": "Change apps and rotate their secrets",
    "clients:delete": "Delete apps",
    "resources:read": "See the APIs that tokens are for",
    "resources:create": "Register APIs",
    "resources:update": "Change APIs and their scopes",
    "resources:delete": "Delete APIs",
    "keys:read": "See signing keys",
    "keys:rotate": "Rotate and retire signing keys",
    "logs:read": "Read the sign-in and security logs",
    "stats:read": "See figures",
    "mail:preview": "Preview letters",
    "mail:read": "See the letters that wait or were given up",
    "mail:send": "Send letters again, and test letters",
    "maintenance:read": "See the state of the system",
    "maintenance:run": "Clean up what has expired",
    "settings:read": "See settings",
    "settings:update": "Change settings",
}
"""Every permission that an endpoint or page asks for, in words."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{1,49}")


@dataclass(frozen=True)
class RoleCatalogue:
    """The roles that operators keep."""

    db: scoped_session[DbSession]
    clock: Clock
    roles: Roles
    audit: Audit

    def list_all(self) -> Sequence[Role]:
        """Give all roles, by name."""
        return self.db.scalars(select(Role).order_by(Role.name)).all()

    def create(
        self,
        *,
        by: uuid.UUID | None,
        name: str,
        description: str | None,
        permissions: Sequence[str],
        reason: str | None = None,
    ) -> Role:
        """Add a role of the operator's own; system roles are made by migrations only.

        Raises:
            Conflict: The name is taken.
            InvalidInput: The name or a permission is none.
        """
        self._check(name, permissions)
        if self.roles.find(name) is not None:
            raise Conflict(f"role {name} exists")
        row = Role(
            name=name.lower(),
            description=description,
            permissions=sorted(set(permissions)),
            is_system_role=False,
            created_at=self.clock.now(),
            updated_at=self.clock.now(),
        )
        self.db.add(row)
        self.db.flush()
        self.roles.forget()
        self.audit.record(
            EventTag.ROLE_CREATED, actor_id=by, reason=reason, role=row.name
        )
        return row

    def change(
        self,
        role_id: int,
        *,
        by: uuid.UUID | None,
        name: str,
        description: str | None,
        permissions: Sequence[str],
        reason: str | None = None,
    ) -> Role:
        """Replace a role's name, description and permissions.

        A system role keeps its name, and super_admin what it permits: nobody must be
        able to lock everybody out of administration.

        Raises:
            NotFound: There is none.
            Conflict: The name is taken, or a system role's.
            InvalidInput: The name or a permission is none.
        """
        row = self.roles.get(role_id)
        self._check(name, permissions)
        renamed = name.lower() != row.name.lower()
        if renamed and (row.is_system_role or self.roles.find(name) is not None):
            raise Conflict(f"role {row.name} cannot become {name}")
        is_weaker = not set(row.permissions) <= set(permissions)
        if row.name.lower() == "super_admin" and is_weaker:
            raise Conflict(
                "super_admin weakened",
                public="The super administrator keeps every permission.",
            )
        before, after = set(row.permissions), set(permissions)
        changed: dict[str, Any] = {
            "given": sorted(after - before),
            "taken": sorted(before - after),
        }
        row.name, row.description = name.lower(), description
        row.permissions = sorted(set(permissions))
        row.updated_at = self.clock.now()
        self.roles.forget()
        self.audit.record(
            EventTag.ROLE_CHANGED, actor_id=by, reason=reason, role=row.name, **changed
        )
        return row

    def delete(
        self, role_id: int, *, by: uuid.UUID | None, reason: str | None = None
    ) -> None:
        """Remove a role that nobody holds.

        Raises:
            NotFound: There is none.
            Conflict: It is a system role, or somebody holds it.
        """
        row = self.roles.get(role_id)
        if row.is_system_role:
            raise Conflict("system role", public="A system role cannot be deleted.")
        held = select(func.count()).where(UserRole.role_id == role_id)
        if self.db.scalar(held):
            raise Conflict("role is held", public="Somebody still holds this role.")
        self.roles.forget()
        self.audit.record(
            EventTag.ROLE_DELETED, actor_id=by, reason=reason, role=row.name
        )
        self.db.delete(row)

    def _check(self, name: str, permissions: Sequence[str]) -> None:
        faults: dict[str, list[str]] = {}
        if not _NAME.fullmatch(name):
            faults["name"] = ["Use 2 to 50 letters, digits, dashes or underscores."]
        if unknown := sorted(set(permissions) - set(PERMISSIONS)):
            faults["permissions"] = [f"Unknown: {', '.join(unknown)}."]
        if faults:
            raise InvalidInput("role", fields=faults)
