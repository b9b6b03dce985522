"""Requests that an app makes for somebody who is elsewhere: OpenID CIBA Core 1.0.

The app names a person, and polls (or is pinged) until they have decided on a page of
ours.  The ``auth_req_id`` has 256 random bits and only its fingerprint is kept; for a
ping, which must name it, it waits sealed until the ping goes out.
"""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.clock import Clock
from authserver.config import Settings
from authserver.core.apps import App
from authserver.core.audit import Audit, EventTag
from authserver.core.grant import Grant
from authserver.core.letters import Letters
from authserver.core.limiter import Limiter
from authserver.core.polling import Polling, Wanted
from authserver.core.signed_in import SignedIn
from authserver.core.users import DENIED_STATUSES
from authserver.crypto import opaque
from authserver.crypto.sealed import Sealer
from authserver.errors import ChallengeExpired, UnknownUser
from authserver.models import BackchannelRequest, Client, User

LIMIT = "backchannel:account"
PING = "ping"
OVER = "This request has waited too long, or has its answer."


@dataclass(frozen=True)
class Wish:
    """A checked authentication request (CIBA §7.1)."""

    user_id: uuid.UUID
    wanted: Wanted
    binding_message: str | None
    notification_token: str | None
    """What the ping is authenticated with; only for clients that are pinged."""
    requested_expiry: timedelta | None


@dataclass(frozen=True)
class Begun:
    """What the app is told (CIBA §7.3)."""

    auth_req_id: str
    expires_in: int
    interval: int


@dataclass(frozen=True)
class Asked:
    """A request that waits, as its person may see it."""

    id: uuid.UUID
    client_id: str
    client_key: uuid.UUID
    wanted: Wanted
    binding_message: str | None
    asked_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class Backchannel:
    """The requests that wait for people."""

    db: scoped_session[DbSession]
    clock: Clock
    settings: Settings
    polling: Polling
    letters: Letters
    limiter: Limiter
    sealer: Sealer
    audit: Audit

    def begin(self, app: App, wish: Wish) -> Begun:
        """Let an app wait for somebody's decision, and tell them by letter.

        Raises:
            UnknownUser: Nobody who may sign in is meant.
            TooManyTries: The person has been asked often enough (ASVS 6.6.4).
        """
        user = self.db.get(User, wish.user_id)
        is_gone = user is None or user.deleted_at is not None
        if user is None or is_gone or user.status in DENIED_STATUSES:
            raise UnknownUser(f"no user {wish.user_id} who may sign in")
        self.limiter.hit(LIMIT, str(user.id))
        now, key, secret = self.clock.now(), uuid.uuid4(), opaque.new_secret()
        longest = self.settings.backchannel_ttl
        life = min(wish.requested_expiry or longest, longest)
        self.db.add(
            BackchannelRequest(
                id=key,
                secret_hash=opaque.fingerprint(secret),
                client_id=app.id,
                user_id=user.id,
                **wish.wanted.columns,
                interval_s=self.settings.poll_interval,
                created_at=now,
                expires_at=now + life,
                binding_message=wish.binding_message,
                ping_sealed=self._ping(key, secret, wish.notification_token),
            )
        )
        self.letters.approve_request(user, app=app.name, valid_for=life)
        self.audit.record(EventTag.BACKCHANNEL_ASKED, user_id=user.id, client_id=app.id)
        return Begun(
            secret, int(life.total_seconds()), interval=self.settings.poll_interval
        )

    def _ping(self, key: uuid.UUID, secret: str, token: str | None) -> str | None:
        if token is None:
            return None
        return self.sealer.seal(json.dumps([secret, token]).encode(), key.bytes)

    def list_of(self, user_id: uuid.UUID) -> list[Asked]:
        """Give what waits for somebody, the newest first."""
        newest = BackchannelRequest.created_at.desc()
        rows = self.db.execute(self._open(user_id).order_by(newest)).all()
        return [_asked(row) for row in rows]

    def get(self, request_id: uuid.UUID, *, user_id: uuid.UUID) -> Asked:
        """Give one that waits.

        Raises:
            ChallengeExpired: It does not wait any more, or is somebody else's.
        """
        found = self._open(user_id).where(BackchannelRequest.id == request_id)
        row = self.db.execute(found).first()
        if row is None:
            raise ChallengeExpired(f"{request_id} does not wait", public=OVER)
        return _asked(row)

    def allow(self, one: Asked, who: SignedIn, scopes: Sequence[str]) -> None:
        """Let the app act for the person, within these scopes.

        Raises:
            ChallengeExpired: It has waited too long, or has its answer.
        """
        kept = tuple(each for each in one.wanted.scopes if each in set(scopes))
        scope = " ".join(kept)
        if not self.polling.allow(BackchannelRequest, one.id, who, scope):
            raise ChallengeExpired(f"{one.id} has its answer", public=OVER)
        self.polling.remember(who, one.client_key, replace(one.wanted, scopes=kept))
        self._note(EventTag.BACKCHANNEL_ALLOWED, one, who)

    def deny(self, one: Asked, who: SignedIn) -> None:
        """Tell the app no.

        Raises:
            ChallengeExpired: It has waited too long, or has its answer.
        """
        if not self.polling.deny(BackchannelRequest, one.id, who):
            raise ChallengeExpired(f"{one.id} has its answer", public=OVER)
        self._note(EventTag.BACKCHANNEL_DENIED, one, who)

    def redeem(self, auth_req_id: str, *, app: App, **narrowing: Any) -> Grant:
        """Answer a poll; see ``Polling.redeem``."""
        return self.polling.redeem(
            BackchannelRequest, auth_req_id, app=app, **narrowing
        )

    def _note(self, tag: EventTag, one: Asked, who: SignedIn) -> None:
        self.audit.record(tag, user_id=who.user_id, client_id=one.client_key)

    def _open(self, user_id: uuid.UUID) -> Select[BackchannelRequest, str]:
        return (
            select(BackchannelRequest, Client.client_id)
            .join(Client, Client.id == BackchannelRequest.client_id)
            .where(
                BackchannelRequest.user_id == user_id,
                BackchannelRequest.allowed_at.is_(None),
                BackchannelRequest.denied_at.is_(None),
                BackchannelRequest.expires_at > self.clock.now(),
            )
        )


def _asked(found: Row[BackchannelRequest, str]) -> Asked:
    row, client_id = found
    return Asked(
        id=row.id,
        client_id=client_id,
        client_key=row.client_id,
        wanted=Wanted.of(row),
        binding_message=row.binding_message,
        asked_at=row.created_at,
        expires_at=row.expires_at,
    )
