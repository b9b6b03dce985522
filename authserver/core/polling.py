"""Redeem what a client polls for, once (RFC 8628 §3.5, OpenID CIBA §11).

The answer to a poll is decided here for both kinds of waiting grants, so that neither
can forget a check: whose it is, was it used, was it denied, is it over, did the person
decide, did the client wait long enough.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.clock import Clock
from authserver.core import subjects, unredeemed
from authserver.core.apps import App
from authserver.core.audit import Audit, EventTag
from authserver.core.binding import UNBOUND, Binding
from authserver.core.consents import Consents
from authserver.core.details import Detail
from authserver.core.grant import Grant, reach
from authserver.core.signed_in import SignedIn
from authserver.core.subjects import Subject
from authserver.core.targets import Target
from authserver.core.tokens import Tokens
from authserver.core.users import DENIED_STATUSES
from authserver.crypto import opaque
from authserver.errors import (
    AuthorizationPending,
    ExpiredToken,
    GrantDenied,
    GrantReplayed,
    InvalidGrant,
    SlowDown,
)
from authserver.models import User
from authserver.models.constants import Constant

SLOWER_BY_SECONDS = 5
"""RFC 8628 §3.5: by how much the interval grows with each poll that came too soon."""
TOLERANCE = timedelta(milliseconds=500)
"""How much earlier a poll may come: networks are not even."""

Table = Any
"""A class of ``models/polled``; for mypy the class of a mixin cannot be a key."""


@cache
def _asked(table: Table) -> Constant:
    return Constant(
        select(
            table.id,
            table.client_id,
            table.scope,
            table.resources,
            table.details,
            table.interval_s,
            table.polled_at,
            table.auth_time,
            table.acr,
            table.amr,
            table.expires_at,
            table.allowed_at,
            table.denied_at,
            table.used_at,
            *subjects.columns,
        )
        .outerjoin(User, User.id == table.user_id)
        .where(table.secret_hash == bindparam("secret_hash"))
    )


@cache
def _spent(table: Table) -> Constant:
    return Constant(
        update(table)
        .where(table.id == bindparam("grant_id"), table.used_at.is_(None))
        .where(table.expires_at > bindparam("now"))
        .values(used_at=bindparam("now"))
        .returning(table.id)
    )


@dataclass(frozen=True)
class Wanted:
    """What a client asks of somebody who is elsewhere."""

    scopes: tuple[str, ...]
    resources: tuple[str, ...] = ()
    details: tuple[Detail, ...] = ()

    @property
    def columns(self) -> dict[str, Any]:
        """Give it as a row keeps it."""
        return reach(self.scopes, self.resources, self.details)

    @classmethod
    def of(cls, row: Any) -> "Wanted":
        """Read it from a row."""
        resources, details = row.resources or (), row.details or ()
        return cls(tuple(row.scope.split()), tuple(resources), tuple(details))


@dataclass(frozen=True)
class Polling:
    """Answers polls, and notes what people decide."""

    db: scoped_session[DbSession]
    clock: Clock
    tokens: Tokens
    consents: Consents
    audit: Audit

    def redeem(
        self,
        table: Table,
        secret: str,
        *,
        app: App,
        shown: Binding = UNBOUND,
        resource: str | None = None,
        details: str | None = None,
    ) -> Grant:
        """Spend a grant that its person has allowed, and open the family of its tokens.

        Spending is one UPDATE that finds it unused, so of many requests at once one
        wins; the others are replays and take the winner's tokens down (RFC 9700 §4).

        Args:
            table: Of which kind.
            secret: What the client polls with.
            app: Who asks.
            shown: What the tokens will be bound to.
            resource: The ``resource`` parameter of the token request.
            details: Its ``authorization_details``.

        Raises:
            InvalidGrant: There is none such of this client, or its person is gone.
            GrantReplayed: It was used before; its family is revoked.
            GrantDenied: The person said no.
            ExpiredToken: Nobody decided in time.
            AuthorizationPending: Nobody has decided yet.
            SlowDown: The same, and the client asked too soon.
            InvalidTarget: A resource that was not authorized (RFC 8707 §2.2).
            InvalidDetails: Details that were not granted (RFC 9396 §6).
        """
        sent = {"secret_hash": opaque.fingerprint(secret)}
        row = _asked(table).first(self.db, sent)
        if row is None or row.client_id != app.id:
            raise InvalidGrant("nothing of this client waits under that name")
        if row.used_at is not None:
            self._replayed(row)
        if row.denied_at is not None:
            raise GrantDenied(f"grant {row.id} was denied")
        if row.expires_at <= self.clock.now():
            raise ExpiredToken(f"grant {row.id} is over")
        if row.allowed_at is None:
            self._wait(table, row)
        subject = subjects.of(row)
        if subject.is_deleted or subject.status in DENIED_STATUSES:
            raise InvalidGrant(f"user {subject.id} is {subject.status}")
        target = self.tokens.targeting.of_request(
            row.scope.split(),
            authorized=row.resources or (),
            granted=row.details or (),
            resource=resource,
            asked=details,
            app=app,
        )
        self._spend(table, row, sent)
        return self._grant(app, row, subject, shown, target)

    def _spend(self, table: Table, row: Row[Any], sent: dict[str, str]) -> None:
        """Take the grant, or find who was first: another poll, or the end of it."""
        wanted = {"grant_id": row.id, "now": self.clock.now()}
        if _spent(table).first(self.db, wanted) is not None:
            return
        again = _asked(table).first(self.db, sent)
        if again is not None and again.used_at is None:
            raise ExpiredToken(f"grant {row.id} ended with the person's tokens")
        self._replayed(row)

    def remember(self, who: SignedIn, client_id: uuid.UUID, wanted: Wanted) -> None:
        """Keep what was allowed among the apps of the account (ASVS 10.7.3)."""
        self.consents.remember(
            who.user_id,
            client_id,
            wanted.scopes,
            resources=wanted.resources,
            details=self.tokens.targeting.detail_types.may_remember(wanted.details),
        )

    def allow(
        self, table: Table, grant_id: uuid.UUID, who: SignedIn, scope: str
    ) -> bool:
        """Note that the person allows; False when somebody has decided, or too late.

        Too late it is as well when they have been signed out meanwhile.
        """
        return unredeemed.goes_on(self.db, who.session_id) and self._decide(
            table,
            grant_id,
            who,
            allowed_at=self.clock.now(),
            scope=scope,
            auth_time=who.auth_time,
            acr=who.acr,
            amr=list(who.amr),
        )

    def deny(self, table: Table, grant_id: uuid.UUID, who: SignedIn) -> bool:
        """Note that the person does not; False when somebody has decided, or too late."""
        return self._decide(table, grant_id, who, denied_at=self.clock.now())

    def _decide(
        self, table: Table, grant_id: uuid.UUID, who: SignedIn, **facts: Any
    ) -> bool:
        """Take the one decision that a grant waits for, of whom it may be."""
        decided = self.db.scalar(
            update(table)
            .where(
                table.id == grant_id,
                table.user_id.is_(None) | (table.user_id == who.user_id),
                table.allowed_at.is_(None),
                table.denied_at.is_(None),
                table.expires_at > self.clock.now(),
            )
            .values(user_id=who.user_id, **facts)
            .returning(table.id)
            .execution_options(synchronize_session=False)
        )
        return decided is not None

    def _wait(self, table: Table, row: Row[Any]) -> None:
        """Note the poll, and say how to go on (RFC 8628 §3.5)."""
        now = self.clock.now()
        is_early = _is_early(now, row.polled_at, row.interval_s)
        more = SLOWER_BY_SECONDS if is_early else 0
        self.db.execute(
            update(table)
            .where(table.id == row.id)
            .values(polled_at=now, interval_s=table.interval_s + more)
            .execution_options(synchronize_session=False)
        )
        if is_early:
            raise SlowDown(f"grant {row.id} was polled too soon")
        raise AuthorizationPending(f"grant {row.id} waits for its person")

    def _replayed(self, row: Row[Any]) -> None:
        self.tokens.revoke_family(row.id, because="grant replayed")
        self.audit.record(
            EventTag.GRANT_REPLAYED, user_id=row.user_id, client_id=row.client_id
        )
        raise GrantReplayed(f"grant {row.id} was used before")

    def _grant(
        self,
        app: App,
        row: Row[Any],
        subject: Subject,
        shown: Binding,
        target: Target,
    ) -> Grant:
        # No session: what somebody allowed on a phone does not end with the browser
        # there; it ends with the family, the consent, or the account.
        grant = Grant.of_row(
            row,
            app=app,
            subject=subject,
            session_id=None,
            binding=shown,
            target=target,
        )
        self.tokens.begin_family(grant)
        return grant


def _is_early(now: datetime, last: datetime | None, interval_s: int) -> bool:
    pause = timedelta(seconds=interval_s) - TOLERANCE
    return last is not None and now - last < pause
