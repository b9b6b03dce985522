"""Which security profile a client could move to, and what stands in the way.

Three things are told of each profile: members of the registration that do not fit it,
what the client was seen doing lately that would be refused, and which rules would be
others.  The first two are obstacles; the last is what its developers have to know.
"""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.clock import Clock
from authserver.core import security_profiles
from authserver.core.audit import Audit, EventTag
from authserver.core.clients import Clients
from authserver.core.security_profiles import PROFILES, SecurityProfile
from authserver.errors import Conflict, InvalidInput
from authserver.models import AuthorizationCode, Client, PushedRequest

LOOKED_AT = timedelta(days=7)
MOST_ROWS = 50_000
"""Of a busy server the last hours will do: nobody shall wait for a count."""


@dataclass(frozen=True)
class Move:
    """What it would take to give a client another profile."""

    profile: str
    is_current: bool
    faults: Mapping[str, list[str]] = field(default_factory=dict)
    """Members of the registration that do not fit, and why."""
    seen: list[str] = field(default_factory=list)
    """What it did lately that would be refused."""
    changes: list[str] = field(default_factory=list)
    """The rules that would be others than now."""

    @property
    def fits(self) -> bool:
        """Whether nothing stands in the way."""
        return not self.faults and not self.seen


@dataclass(frozen=True)
class Habits:
    """What a client was seen doing in the last days."""

    codes: int
    without_challenge: int
    pushed: int
    with_resource: int = 0
    """Codes that were asked for naming a resource (RFC 8707); of one client alone."""


@dataclass(frozen=True)
class ClientCheck:
    """Holds clients against profiles, and moves them."""

    db: scoped_session[DbSession]
    clock: Clock
    clients: Clients
    audit: Audit

    def move(self, client_id: str, profile: str, *, anyway: bool = False) -> Client:
        """Give a client another profile; its next request has to fit it.

        Args:
            client_id: Which.
            profile: The name of the profile.
            anyway: Also when it was seen doing what will be refused.

        Raises:
            NotFound: No such client.
            InvalidInput: Its registration does not fit, or there is no such profile.
            Conflict: It was seen doing what would be refused.
        """
        row = self.clients.get(client_id)
        found = {move.profile: move for move in self.moves(row)}
        if profile not in found:
            raise InvalidInput(fields={"profile": [f"One of {', '.join(found)}."]})
        if faults := found[profile].faults:
            raise InvalidInput(fields=faults)
        if found[profile].seen and not anyway:
            raise Conflict("not ready to move", public=" ".join(found[profile].seen))
        before, row.profile = row.profile, profile
        row.updated_at = self.clock.now()
        self.audit.record(
            EventTag.CLIENT_CHANGED, client_id=row.id, before=before, profile=profile
        )
        self.clients.cache.pop(client_id, None)
        return row

    def moves(self, client: Client, habits: Habits | None = None) -> list[Move]:
        """Give one line for each profile, the present one among them.

        Args:
            client: Which.
            habits: What it was seen doing, if that has been read.
        """
        now = security_profiles.of(client.profile)
        seen = habits or self.habits_of(client)
        return [_move(client, now, wanted, seen) for wanted in PROFILES.values()]

    def is_ready_for_more(self, client: Any, habits: Habits) -> bool:
        """Whether a stricter profile than its own fits, with nothing in the way.

        Args:
            client: A row with what ``faults_of`` reads of a registration.
            habits: What it was seen doing.
        """
        names = list(PROFILES)
        own = names.index(security_profiles.of(client.profile).name)
        stricter = (PROFILES[name] for name in names[own + 1 :])
        return any(
            not _faults(client, wanted) and not list(_seen(wanted, habits))
            for wanted in stricter
        )

    def habits_of_all(self) -> dict[uuid.UUID, Habits]:
        """Give what every client was seen doing lately, in two statements."""
        codes = self._latest(AuthorizationCode, AuthorizationCode.challenge)
        asked = self.db.execute(
            select(
                codes.c.client_id, func.count(), func.count(codes.c.challenge)
            ).group_by(codes.c.client_id)
        )
        pushed = self._latest(PushedRequest, PushedRequest.used_at)
        uses = select(pushed.c.client_id, func.count(pushed.c.used_at))
        counted = self.db.execute(uses.group_by(pushed.c.client_id)).all()
        answered: dict[uuid.UUID, int] = {row[0]: row[1] for row in counted}
        return {
            client: Habits(count, count - challenged, answered.get(client, 0))
            for client, count, challenged in asked
        }

    def habits_of(self, client: Client) -> Habits:
        """Give what one client was seen doing lately."""
        codes = self._latest(
            AuthorizationCode, AuthorizationCode.challenge, AuthorizationCode.resources
        )
        found = self.db.execute(
            select(
                func.count(),
                func.count(codes.c.challenge),
                func.count(codes.c.resources),
            ).where(codes.c.client_id == client.id)
        ).one()
        pushed = self._latest(PushedRequest, PushedRequest.used_at)
        answered = self.db.scalar(
            select(func.count(pushed.c.used_at)).where(pushed.c.client_id == client.id)
        )
        return Habits(found[0], found[0] - found[1], answered or 0, found[2])

    def _latest(self, table: Any, *shown: Any) -> Any:
        """Give the latest rows of all clients, read by the index on their end."""
        since = self.clock.now() - LOOKED_AT
        return (
            select(table.client_id, *shown)
            .where(table.expires_at > since)
            .order_by(table.expires_at.desc())
            .limit(MOST_ROWS)
            .subquery()
        )


def _move(
    client: Client, now: SecurityProfile, wanted: SecurityProfile, habits: Habits
) -> Move:
    return Move(
        profile=wanted.name,
        is_current=wanted is now,
        faults=_faults(client, wanted),
        seen=list(_seen(wanted, habits)),
        changes=list(security_profiles.differences(now, wanted)),
    )


def _faults(client: Any, wanted: SecurityProfile) -> dict[str, list[str]]:
    faults: dict[str, list[str]] = {}
    for member, why in security_profiles.faults_of(
        wanted,
        auth_method=client.token_endpoint_auth_method,
        response_types=tuple(client.response_types),
        jwks=client.jwks,
        extra=client.extra or {},
    ):
        faults.setdefault(member, []).append(why)
    return faults


def _seen(wanted: SecurityProfile, habits: Habits) -> Iterator[str]:
    if wanted.needs_pkce and habits.without_challenge:
        count = habits.without_challenge
        yield f"{count} of {habits.codes} codes were asked for without a challenge."
    unpushed = habits.codes - habits.pushed
    if wanted.needs_par and unpushed > 0:
        yield f"{unpushed} of {habits.codes} codes were asked for without pushing."
