"""Roles and permissions: what each permits, who may give which (C18).

Four system roles stand in a line; whoever gives or takes a role must stand above it,
and the last super_admin stays.
"""

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self

from sqlalchemy import func, select
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.clock import Clock, is_fresh
from authserver.core.audit import Audit, EventTag
from authserver.core.subjects import Subject
from authserver.core.users import DENIED_STATUSES
from authserver.errors import Conflict, InvalidInput, NotFound, PermissionMissing
from authserver.models import Role, User, UserRole
from authserver.models.engines import Reads

RANKS = {"user": 0, "editor": 1, "admin": 2, "super_admin": 3}
"""Where the system roles stand; a role of an operator's own stands with ``user``."""

LAST = "The last super administrator must stay."
TOP = "super_admin"

LOOK_EVERY = timedelta(seconds=3)


def rank_of(names: Iterable[str]) -> int:
    """Give how high the highest of some roles stands."""
    return max((RANKS.get(name.lower(), 0) for name in names), default=0)


def permits(held: Collection[str], permission: str) -> bool:
    """Whether what somebody holds permits it; ``*`` in either half means all."""
    resource, _, _ = permission.partition(":")
    return any(one in held for one in (permission, f"{resource}:*", "*:*"))


@dataclass(frozen=True)
class Permitted:
    """Somebody who asks, with what their roles permit."""

    subject: Subject
    permissions: frozenset[str]

    @property
    def id(self) -> uuid.UUID:
        """The user's id."""
        return self.subject.id

    def may(self, permission: str) -> bool:
        """Whether a role of theirs permits it."""
        return permits(self.permissions, permission)

    def require(self, permission: str) -> Self:
        """Give them back, if they may.

        Raises:
            PermissionMissing: They may not.
        """
        if not self.may(permission):
            raise PermissionMissing(f"{self.id} lacks {permission}")
        return self


def is_more_than_ones_own(held: Iterable[str]) -> bool:
    """Whether somebody may do more than look after their own account."""
    return any(not one.startswith("profile:") for one in held)


def _stands_above(held: Iterable[str], role: Role) -> bool:
    rank = rank_of(held)
    return rank == RANKS[TOP] or rank > RANKS.get(role.name.lower(), 0)


@dataclass
class Roles:
    """The registry of roles."""

    db: scoped_session[DbSession]
    reads: Reads
    clock: Clock
    audit: Audit
    _known: dict[str, frozenset[str]] = field(default_factory=dict, repr=False)
    _read_at: datetime | None = None

    def permissions_of(self, names: Iterable[str]) -> frozenset[str]:
        """Give what the named roles permit; at most seconds old."""
        now = self.clock.now()
        if not is_fresh(self._read_at, now, LOOK_EVERY):
            rows = self.reads.all(select(Role.name, Role.permissions))
            self._known = {r.name.lower(): frozenset(r.permissions) for r in rows}
            self._read_at = now
        held = (self._known.get(name.lower(), frozenset()) for name in names)
        return frozenset().union(*held)

    def forget(self) -> None:
        """Read the roles again at the next question: one of them has changed."""
        self._read_at = None

    def get(self, role_id: int) -> Role:
        """Give a role.

        Raises:
            NotFound: There is none.
        """
        role = self.db.get(Role, role_id)
        if role is None:
            raise NotFound(f"no role {role_id}")
        return role

    def find(self, name: str) -> Role | None:
        """Find a role by name, in any letter case."""
        return self.db.scalar(select(Role).where(func.lower(Role.name) == name.lower()))

    def assign(
        self,
        user_id: uuid.UUID,
        role: Role,
        *,
        by: uuid.UUID | None,
        by_roles: Iterable[str] | None = None,
        until: datetime | None = None,
        reason: str | None = None,
    ) -> UserRole:
        """Give a role to a user; twice renews its end.

        Args:
            user_id: To whom.
            role: Which.
            by: Who gives it.
            by_roles: The giver's roles; None for the operator at the command line.
            until: When it ends by itself.
            reason: Why, for the log.

        Raises:
            PermissionMissing: The giver does not stand above the role.
            InvalidInput: It would have ended already.
            Conflict: It would let the last super_admin end.
        """
        self._check_rank(role, by_roles)
        if until is not None and until <= self.clock.now():
            fault = "Choose a moment that is yet to come."
            raise InvalidInput("expiry in the past", fields={"expires_at": [fault]})
        row = self._held(user_id, role.id)
        if row is not None and until is not None and role.name.lower() == TOP:
            self._keep_one(role.id, user_id)
        if row is None:
            row = UserRole(user_id=user_id, role_id=role.id)
            self.db.add(row)
        row.assigned_at, row.assigned_by = self.clock.now(), by
        row.expires_at = until
        self._record(EventTag.ROLE_ASSIGNED, user_id, role, by=by, reason=reason)
        return row

    def take(
        self,
        user_id: uuid.UUID,
        role: Role,
        *,
        by: uuid.UUID,
        by_roles: Iterable[str],
        reason: str | None = None,
    ) -> None:
        """Take a role from a user.

        Raises:
            NotFound: They do not hold it.
            PermissionMissing: The taker does not stand above it.
            Conflict: It is the last super_admin.
        """
        self._check_rank(role, by_roles)
        row = self._held(user_id, role.id)
        if row is None:
            raise NotFound(f"{user_id} does not hold {role.name}")
        if role.name.lower() == TOP:
            self._keep_one(role.id, user_id)
        self.db.delete(row)
        self._record(EventTag.ROLE_TAKEN, user_id, role, by=by, reason=reason)

    def keep_one_but(self, user_id: uuid.UUID) -> None:
        """Let a user go only where a super_admin stays who can act.

        Raises:
            Conflict: They are the last one.
        """
        top = select(Role.id).where(func.lower(Role.name) == TOP)
        self._lock_holders(top)
        holders = self.db.scalars(
            select(UserRole.user_id)
            .join(User, User.id == UserRole.user_id)
            .where(
                UserRole.role_id.in_(top),
                User.deleted_at.is_(None),
                User.status == "active",
                UserRole.expires_at.is_(None)
                | (UserRole.expires_at > self.clock.now()),
            )
        ).all()
        if user_id in holders and len(holders) == 1:
            raise Conflict("last super_admin leaves", public=LAST)

    def held_by(self, user_id: uuid.UUID) -> list[dict[str, object]]:
        """Give the roles of a user with who gave them and until when they hold."""
        rows = self.db.execute(
            select(
                Role.id,
                Role.name,
                UserRole.assigned_at,
                UserRole.assigned_by,
                UserRole.expires_at,
            )
            .join(UserRole, UserRole.role_id == Role.id)
            .where(UserRole.user_id == user_id)
            .order_by(Role.name)
        )
        return [dict(row._mapping) for row in rows]  # noqa: SLF001 -- public by name

    def above(self, names: Iterable[str], ids: Iterable[uuid.UUID]) -> set[uuid.UUID]:
        """Find who of some people stands above whoever holds the named roles."""
        rank = rank_of(names)
        if not (higher := [name for name, other in RANKS.items() if other > rank]):
            return set()
        ends = UserRole.expires_at
        found = select(UserRole.user_id).join(Role, Role.id == UserRole.role_id)
        found = found.where(
            func.lower(Role.name).in_(higher), UserRole.user_id.in_(ids)
        )
        rows = self.reads.all(found.where(ends.is_(None) | (ends > self.clock.now())))
        return {row.user_id for row in rows}

    def givable(self, by_roles: Iterable[str]) -> list[Role]:
        """Give the roles that somebody may give and take, by name."""
        every = self.db.scalars(select(Role).order_by(Role.name))
        held = list(by_roles)
        return [role for role in every if _stands_above(held, role)]

    def _record(
        self,
        event: EventTag,
        user_id: uuid.UUID,
        role: Role,
        *,
        by: uuid.UUID | None,
        reason: str | None,
    ) -> None:
        self.audit.record(
            event, user_id=user_id, actor_id=by, reason=reason, role=role.name
        )

    def _check_rank(self, role: Role, by_roles: Iterable[str] | None) -> None:
        """Only super_admin gives admin and super_admin; the others give below."""
        if by_roles is not None and not _stands_above(by_roles, role):
            raise PermissionMissing(f"gives or takes {role.name} from below")

    def _lock_holders(self, roles: Any) -> None:
        """Let one at a time look who holds a role, and go.

        The lock comes before the read, and is not part of it: whoever waited must see
        what the one before has changed in other tables too.
        """
        held = select(UserRole.id).where(UserRole.role_id.in_(roles)).with_for_update()
        self.db.scalars(held).all()

    def _keep_one(self, role_id: int, leaving: uuid.UUID) -> None:
        """Refuse unless somebody else holds the role for good and may sign in.

        The rows are locked, so that two who leave at one moment cannot both be the
        last but one.
        """
        self._lock_holders([role_id])
        lasting = (
            select(UserRole.user_id)
            .join(User, User.id == UserRole.user_id)
            .where(
                UserRole.role_id == role_id,
                UserRole.expires_at.is_(None),
                User.deleted_at.is_(None),
                User.status.not_in(DENIED_STATUSES),
            )
        )
        if not [held for held in self.db.scalars(lasting) if held != leaving]:
            raise Conflict(
                "last super_admin", public="The last super administrator must stay."
            )

    def _held(self, user_id: uuid.UUID, role_id: int) -> UserRole | None:
        return self.db.scalar(
            select(UserRole).where(
                UserRole.user_id == user_id, UserRole.role_id == role_id
            )
        )
