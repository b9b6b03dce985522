"""Who is to be told that a session has ended, and who has been.

Every client that was given tokens in a session, and has an address for it, gets a notice
in the transaction that ends the session; ``back_channel`` says it.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from authserver.core.audit import Audit, EventTag
from authserver.core.directory import beyond
from authserver.core.queue import Queue, pause_after
from authserver.models import Client, Notice, TokenFamily

LOGOUT = "logout"
BACK_CHANNEL = "backchannel_logout_uri"
MAX_ATTEMPTS = 10
"""The last try is three quarters of an hour after the first."""
AT_ONCE = 500
"""How many sessions are asked about in one statement."""
SAID = 300


@dataclass(frozen=True)
class Due:
    """A notice in the hand of one process, for one lease."""

    id: uuid.UUID
    kind: str
    client_id: str
    client_key: uuid.UUID
    user_id: uuid.UUID | None
    session_id: uuid.UUID | None
    stream_id: uuid.UUID | None
    payload: dict[str, Any] | None
    attempts: int
    created_at: datetime
    held_until: datetime


@dataclass(frozen=True)
class Outcome:
    """How a try went: without a fault the client knows."""

    fault: str | None = None
    is_final: bool = False
    """Whether trying again would be in vain."""


@dataclass(frozen=True)
class Notices(Queue):
    """The queue of notices."""

    table = Notice

    audit: Audit

    def tell_of_end(self, ended: Sequence[uuid.UUID]) -> None:
        """Queue a notice to each client of each of these sessions.

        Whether its tokens are good still is of no matter: the person is signed in
        there, and the client's own session is what is to end.
        """
        for start in range(0, len(ended), AT_ONCE):
            self._tell(ended[start : start + AT_ONCE])

    def _tell(self, ended: Sequence[uuid.UUID]) -> None:
        concerned = self.db.execute(
            select(TokenFamily.client_id, TokenFamily.user_id, TokenFamily.session_id)
            .join(Client, Client.id == TokenFamily.client_id)
            .where(
                TokenFamily.session_id.in_(ended),
                Client.extra[BACK_CHANNEL].as_string().is_not(None),
                Client.disabled_at.is_(None),
            )
            .distinct()
        ).all()
        if not concerned:
            return
        now = self.clock.now()
        moments = {"not_before": now, "created_at": now}
        self.db.execute(
            insert(Notice),
            [
                {"id": uuid.uuid4(), "kind": LOGOUT, **row._asdict(), **moments}
                for row in concerned
            ],
        )

    def take(self, most: int, *, session_id: uuid.UUID | None = None) -> list[Due]:
        """Claim notices that are due.  Commit before anybody is told.

        Args:
            most: How many at most.
            session_id: Only those that tell of the end of this session.
        """
        only = (Notice.session_id == session_id, Notice.kind == LOGOUT)
        which = () if session_id is None else only
        rows = self.claim(most, *which)
        if not rows:
            return []
        keys = {row.client_id for row in rows}
        found = select(Client.id, Client.client_id).where(Client.id.in_(keys))
        names = {row.id: row.client_id for row in self.db.execute(found)}
        return [
            Due(
                id=row.id,
                kind=row.kind,
                client_id=names[row.client_id],
                client_key=row.client_id,
                user_id=row.user_id,
                session_id=row.session_id,
                stream_id=row.stream_id,
                payload=row.payload,
                attempts=row.attempts,
                created_at=row.created_at,
                held_until=row.claimed_until,
            )
            for row in rows
            if row.client_id in names
        ]

    def mark(self, due: Due, outcome: Outcome) -> None:
        """Note how a try went; what another process holds by now is left to it."""
        now = self.clock.now()
        noted: dict[str, Any] = {"claimed_until": None, "last_error": None}
        is_over = outcome.is_final or due.attempts >= MAX_ATTEMPTS
        if outcome.fault is None:
            noted |= {"status": "sent", "sent_at": now}
        else:
            noted["last_error"] = outcome.fault[:SAID]
            noted |= (
                {"status": "failed"}
                if is_over
                else {"not_before": now + pause_after(due.attempts)}
            )
        marked = self.db.scalar(
            update(Notice)
            .where(Notice.id == due.id, Notice.claimed_until == due.held_until)
            .values(noted)
            .returning(Notice.status)
            .execution_options(synchronize_session=False)
        )
        if marked == "failed":
            self.audit.record(
                EventTag.NOTICE_FAILED,
                user_id=due.user_id,
                client_id=due.client_key,
                reason=noted["last_error"],
                kind=due.kind,
            )

    def of_client(
        self, client: Client, *, limit: int, after: Sequence[Any] | None
    ) -> list[Notice]:
        """Give what a client was told or is to be told, the newest first.

        Args:
            client: Whom.
            limit: How many at most.
            after: Moment and id of the last one that was shown.
        """
        found = select(Notice).where(
            Notice.client_id == client.id, Notice.kind == LOGOUT
        )
        if after is not None:
            found = found.where(beyond(Notice.created_at, Notice.id, after))
        newest = found.order_by(Notice.created_at.desc(), Notice.id.desc())
        return list(self.db.scalars(newest.limit(limit)))
