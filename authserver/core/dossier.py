"""What there is of one person beyond their row: factors, sessions, apps, what happened.

For operators; the owner sees the same of themselves in rooms of their own.  Never a
secret, a handle or a hash (C36).
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.core.app_grants import AppGrant, AppGrants
from authserver.core.passkeys import Passkeys
from authserver.core.timeline import Stretch, Timeline
from authserver.core.whereabouts import Entry, Whereabouts
from authserver.models import OAuthProvider, User


@dataclass(frozen=True)
class HeldPasskey:
    """A passkey, by the name that its owner gave it."""

    name: str
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True)
class Factors:
    """How somebody can prove to be there.

    Attributes:
        has_password: Whether there is one.
        password_changed_at: When it was set.
        has_totp: Whether an authenticator app is their second step.
        backup_codes_left: How many; None without an authenticator app.
        passkeys: All of them.
        connections: Names of other services that let them in.
    """

    has_password: bool
    password_changed_at: datetime | None
    has_totp: bool
    backup_codes_left: int | None
    passkeys: Sequence[HeldPasskey]
    connections: Sequence[str]


@dataclass(frozen=True)
class Dossier:
    """Reads."""

    db: scoped_session[DbSession]
    passkeys: Passkeys
    whereabouts: Whereabouts
    app_grants: AppGrants
    timeline: Timeline

    def factors(self, user: User) -> Factors:
        """Give how somebody can prove to be there."""
        linked = self.db.scalars(
            select(OAuthProvider.provider)
            .where(OAuthProvider.user_id == user.id)
            .order_by(OAuthProvider.provider)
        )
        return Factors(
            has_password=user.password_hash is not None,
            password_changed_at=user.last_password_change,
            has_totp=user.mfa_enabled,
            backup_codes_left=(
                len(user.mfa_backup_codes or ()) if user.mfa_enabled else None
            ),
            passkeys=[
                HeldPasskey(one.name, one.created_at, one.last_used_at)
                for one in self.passkeys.list_of(user.id)
            ],
            connections=list(linked),
        )

    def sessions(
        self, user_id: uuid.UUID, *, current: uuid.UUID | None = None
    ) -> list[Entry]:
        """Give where somebody is signed in, the latest first."""
        return self.whereabouts.list_of(user_id, current=current)

    def apps(self, user_id: uuid.UUID) -> list[AppGrant]:
        """Give the apps that somebody has let in."""
        return self.app_grants.list_of(user_id)

    def happenings(
        self, user_id: uuid.UUID, *, after: tuple[int, int] | None = None
    ) -> Stretch:
        """Give what happened to somebody, the latest first; see ``Timeline.of``."""
        return self.timeline.of(user_id, after=after)
