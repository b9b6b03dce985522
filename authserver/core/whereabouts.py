"""Where somebody is signed in: sessions with device, place and apps (C17, C35)."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.clock import Clock
from authserver.core.clients import OWN_CLIENT
from authserver.core.sessions import Sessions
from authserver.errors import NotFound
from authserver.models import Client, Session, TokenFamily

MOST = 200
"""How many are shown; more than anybody looks through."""

COLUMNS = (
    Session.id,
    Session.user_id,
    Session.ip_address,
    Session.is_active,
    Session.device_type,
    Session.device_name,
    Session.user_agent,
    Session.location_country,
    Session.location_city,
    Session.kind,
    Session.amr,
    Session.created_at,
    Session.last_activity_at,
    Session.expires_at,
    Session.revoked_at,
)


@dataclass(frozen=True)
class SignedInApp:
    """An app that somebody uses in a session."""

    client_id: str
    name: str


@dataclass(frozen=True)
class Entry:
    """One session, as its owner sees it.  Never a handle, a hash or a secret."""

    id: uuid.UUID
    user_id: uuid.UUID
    ip_address: str | None
    is_active: bool
    device_type: str | None
    device_name: str | None
    user_agent: str | None
    location_country: str | None
    location_city: str | None
    kind: str
    amr: tuple[str, ...]
    created_at: datetime
    last_activity_at: datetime | None
    expires_at: datetime
    revoked_at: datetime | None
    current: bool
    clients: tuple[SignedInApp, ...] = ()


@dataclass(frozen=True)
class Whereabouts:
    """Lists sessions, and ends them."""

    db: scoped_session[DbSession]
    clock: Clock
    sessions: Sessions

    def list_of(self, user_id: uuid.UUID, *, current: uuid.UUID | None) -> list[Entry]:
        """Give where a user is signed in, the latest first.

        Args:
            user_id: Whose.
            current: The session of whoever asks.
        """
        rows = self.db.execute(
            select(*COLUMNS)
            .where(
                Session.user_id == user_id,
                Session.is_active.is_(True),
                Session.expires_at > self.clock.now(),
            )
            .order_by(Session.last_activity_at.desc(), Session.id)
            .limit(MOST)
        ).all()
        return self._with_apps([self._entry(row, current) for row in rows])

    def get(
        self,
        session_id: uuid.UUID,
        *,
        user_id: uuid.UUID | None,
        current: uuid.UUID | None,
    ) -> Entry:
        """Give one session, also one that has ended.

        Args:
            session_id: Which.
            user_id: Whose it must be; None for whoever may see everybody's (C35).
            current: The session of whoever asks.

        Raises:
            NotFound: There is none, or it is somebody else's: we do not say which.
        """
        found = select(*COLUMNS).where(Session.id == session_id)
        if user_id is not None:
            found = found.where(Session.user_id == user_id)
        row = self.db.execute(found).first()
        if row is None:
            raise NotFound(f"no session {session_id} of {user_id}")
        return self._with_apps([self._entry(row, current)])[0]

    def end(
        self, session_id: uuid.UUID, *, user_id: uuid.UUID | None, because: str
    ) -> None:
        """End one session; one that has ended already stays as it is.

        Args:
            session_id: Which.
            user_id: Whose it must be; None for whoever may end everybody's (C35).
            because: Why, for the log.

        Raises:
            NotFound: There is none, or it is somebody else's.
        """
        owner = self.get(session_id, user_id=user_id, current=None).user_id
        self.sessions.revoke(session_id, user_id=owner, because=because)

    def end_others(self, user_id: uuid.UUID, *, current: uuid.UUID | None) -> None:
        """End all sessions of a user but the one that asks."""
        self.sessions.revoke_all(
            user_id, because="signed out everywhere else", save=current
        )

    def keep(self, session_id: uuid.UUID, *, current: uuid.UUID | None) -> Entry:
        """Move the end of the session that asks on; it gives no token (C34).

        Raises:
            NotFound: It is another one than the session that asks.
        """
        if current is None or session_id != current:
            raise NotFound(f"session {session_id} does not ask")
        self.sessions.touch(session_id)
        self.db.flush()
        return self.get(session_id, user_id=None, current=current)

    def _entry(self, row: Any, current: uuid.UUID | None) -> Entry:
        facts = row._asdict() | {"amr": tuple(row.amr)}
        is_active = row.is_active and row.expires_at > self.clock.now()
        return Entry(**(facts | {"is_active": is_active}), current=row.id == current)

    def _with_apps(self, entries: Sequence[Entry]) -> list[Entry]:
        """Add the apps that hold living tokens of each, in one read for all."""
        rows = self.db.execute(
            select(TokenFamily.session_id, Client.client_id, Client.name)
            .join(Client, Client.id == TokenFamily.client_id)
            .where(
                TokenFamily.session_id.in_([entry.id for entry in entries]),
                TokenFamily.revoked_at.is_(None),
                TokenFamily.expires_at > self.clock.now(),
                Client.client_id != OWN_CLIENT,
            )
            .distinct()
            .order_by(Client.name)
        ).all()
        used: dict[uuid.UUID, list[SignedInApp]] = {}
        for row in rows:
            app = SignedInApp(row.client_id, row.name)
            used.setdefault(row.session_id, []).append(app)
        return [replace(one, clients=tuple(used.get(one.id, ()))) for one in entries]
