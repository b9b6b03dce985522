"""Apps that somebody let in, and the way to put them out again (ASVS 10.7.3)."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.clock import Clock
from authserver.core.clients import OWN_CLIENT
from authserver.core.consents import Consents
from authserver.errors import NotFound
from authserver.models import Client, ClientConsent, TokenFamily

MOST_COUNTED = 50_000
"""Of one app: nobody shall wait for a count of millions."""


@dataclass(frozen=True)
class AppGrant:
    """One app, and what it may read."""

    client_id: str
    name: str
    client_uri: str | None
    policy_uri: str | None
    tos_uri: str | None
    initiate_login_uri: str | None
    scopes: tuple[str, ...]
    granted_at: datetime | None
    """When the person allowed it; None where the operator did for all."""
    last_signin_at: datetime | None
    is_active: bool
    """Whether it holds tokens that are good now."""


@dataclass(frozen=True)
class AppUse:
    """Who uses one app: those for whom it holds tokens that may be good now."""

    people: int
    grants: int
    last_signin_at: datetime | None
    is_more: bool
    """Whether there are more than were counted."""


@dataclass(frozen=True)
class AppGrants:
    """Lists what was granted, and withdraws it."""

    db: scoped_session[DbSession]
    clock: Clock
    consents: Consents

    def list_of(self, user_id: uuid.UUID) -> list[AppGrant]:
        """Give every app that a user has allowed or that holds tokens, by name."""
        held = self._held(user_id)
        rows = self.db.execute(
            select(Client, ClientConsent.scope, ClientConsent.granted_at)
            .outerjoin(
                ClientConsent,
                and_(
                    ClientConsent.client_id == Client.id,
                    ClientConsent.user_id == user_id,
                ),
            )
            .where(
                Client.client_id != OWN_CLIENT,
                ClientConsent.id.is_not(None) | Client.id.in_(held),
            )
            .order_by(Client.name, Client.id)
        ).all()
        return [
            self._grant(client, scope, granted_at, held.get(client.id))
            for client, scope, granted_at in rows
        ]

    def use_of(self, client: Client) -> AppUse:
        """Say how many people use an app; of a busy one, only so many are counted."""
        living = (
            select(TokenFamily.user_id, TokenFamily.created_at)
            .where(
                TokenFamily.client_id == client.id,
                TokenFamily.revoked_at.is_(None),
                TokenFamily.expires_at > self.clock.now(),
            )
            .limit(MOST_COUNTED)
            .subquery()
        )
        people, grants, last = self.db.execute(
            select(
                func.count(living.c.user_id.distinct()),
                func.count(),
                func.max(living.c.created_at),
            ).select_from(living)
        ).one()
        return AppUse(people, grants, last, is_more=grants >= MOST_COUNTED)

    def withdraw(self, user_id: uuid.UUID, client_id: str) -> None:
        """Take away what an app was allowed, and end its tokens at once.

        Raises:
            NotFound: It was allowed nothing.
        """
        asked = client_id if client_id.isprintable() else ""
        found = self.db.scalar(select(Client.id).where(Client.client_id == asked))
        is_own = client_id == OWN_CLIENT
        has_any = found is not None and (
            self.consents.find(user_id, found) is not None
            or found in self._held(user_id)
        )
        if found is None or is_own or not has_any:
            raise NotFound(f"{user_id} granted nothing to {client_id[:64]!r}")
        self.consents.withdraw(user_id, found)

    def _held(self, user_id: uuid.UUID) -> dict[uuid.UUID, Any]:
        """Give the clients with living tokens, with the last sign-in and all scopes."""
        rows = self.db.execute(
            select(
                TokenFamily.client_id,
                func.max(TokenFamily.created_at).label("last"),
                func.max(TokenFamily.scope).label("scope"),
            )
            .where(
                TokenFamily.user_id == user_id,
                TokenFamily.revoked_at.is_(None),
                TokenFamily.expires_at > self.clock.now(),
            )
            .group_by(TokenFamily.client_id)
        ).all()
        return {row.client_id: row for row in rows}

    def _grant(
        self, client: Client, scope: str | None, granted_at: datetime | None, held: Any
    ) -> AppGrant:
        allowed = scope if scope is not None else (held.scope if held else "")
        extra = client.extra or {}
        return AppGrant(
            client_id=client.client_id,
            name=client.name,
            client_uri=extra.get("client_uri"),
            policy_uri=extra.get("policy_uri"),
            tos_uri=extra.get("tos_uri"),
            initiate_login_uri=extra.get("initiate_login_uri"),
            scopes=tuple(allowed.split()),
            granted_at=granted_at,
            last_signin_at=held.last if held else None,
            is_active=held is not None,
        )
