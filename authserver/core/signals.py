"""What happens to accounts, for the streams that want to know (CAEP 1.0).

An event is a row for each stream, in the transaction of what it tells about.  It goes to
clients that the person uses, or that have added the person themselves, and to no other.
"""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import and_, exists, insert, or_, select
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.clock import Clock
from authserver.models import (
    ClientConsent,
    EventStream,
    Notice,
    Session,
    StreamSubject,
    TokenFamily,
    User,
)

EVENT = "event"
PUSH, POLL = "urn:ietf:rfc:8935", "urn:ietf:rfc:8936"
METHODS = (PUSH, POLL)
ENABLED, PAUSED, DISABLED = "enabled", "paused", "disabled"
WAITING, KEPT = "waiting", "kept"
"""To be pushed; to be fetched, or held back while the stream is paused."""
AT_ONCE = 500
_CAEP = "https://schemas.openid.net/secevent/caep/event-type"
_SSF = "https://schemas.openid.net/secevent/ssf/event-type"


class Event(StrEnum):
    """The types of events that a client may ask for."""

    SESSION_REVOKED = f"{_CAEP}/session-revoked"
    CREDENTIAL_CHANGE = f"{_CAEP}/credential-change"


VERIFICATION = f"{_SSF}/verification"
STREAM_UPDATED = f"{_SSF}/stream-updated"


@dataclass(frozen=True)
class Signals:
    """Writes events into streams."""

    db: scoped_session[DbSession]
    clock: Clock

    def sessions_revoked(self, ended: Sequence[uuid.UUID]) -> None:
        """Tell that sessions have ended (CAEP §3.1)."""
        streams = self._streams(Event.SESSION_REVOKED) if ended else []
        if not streams:
            return
        for start in range(0, len(ended), AT_ONCE):
            batch = ended[start : start + AT_ONCE]
            owners = self.db.execute(
                select(Session.id, Session.user_id).where(Session.id.in_(batch))
            )
            by_user: dict[uuid.UUID, list[uuid.UUID]] = defaultdict(list)
            for session_id, user_id in owners:
                by_user[user_id].append(session_id)
            for stream, user_id in self._audience(streams, list(by_user)):
                for session_id in by_user[user_id]:
                    self.put(
                        stream,
                        Event.SESSION_REVOKED,
                        {},
                        user_id=user_id,
                        session_id=session_id,
                    )

    def credential_changed(self, user_id: uuid.UUID, *, kind: str, change: str) -> None:
        """Tell that a proof of somebody's was made, changed or taken (CAEP §3.3).

        Args:
            user_id: Whose.
            kind: ``password``, ``fido2-roaming``, ``app`` and the like.
            change: ``create``, ``update``, ``revoke`` or ``delete``.
        """
        facts = {"credential_type": kind, "change_type": change}
        streams = self._streams(Event.CREDENTIAL_CHANGE)
        for stream, _ in self._audience(streams, [user_id]):
            self.put(stream, Event.CREDENTIAL_CHANGE, facts, user_id=user_id)

    def put(
        self,
        stream: EventStream,
        event: str,
        facts: Mapping[str, Any],
        *,
        user_id: uuid.UUID | None = None,
        session_id: uuid.UUID | None = None,
    ) -> None:
        """Put one event into one stream."""
        now = self.clock.now()
        is_pushed = stream.method == PUSH and stream.status == ENABLED
        self.db.execute(
            insert(Notice).values(
                id=uuid.uuid4(),
                kind=EVENT,
                client_id=stream.client_id,
                stream_id=stream.id,
                user_id=user_id,
                session_id=session_id,
                payload={"event": event, "facts": dict(facts)},
                status=WAITING if is_pushed else KEPT,
                not_before=now,
                created_at=now,
            )
        )

    def _streams(self, event: Event) -> list[EventStream]:
        going = self.db.scalars(
            select(EventStream).where(EventStream.status != DISABLED)
        )
        return [one for one in going if event in one.events_requested]

    def _audience(
        self, streams: Sequence[EventStream], users: Sequence[uuid.UUID]
    ) -> list[tuple[EventStream, uuid.UUID]]:
        """Say which stream may hear of whom."""
        if not streams or not users:
            return []
        by_id = {stream.id: stream for stream in streams}
        has_used = or_(
            exists().where(
                TokenFamily.client_id == EventStream.client_id,
                TokenFamily.user_id == User.id,
            ),
            exists().where(
                ClientConsent.client_id == EventStream.client_id,
                ClientConsent.user_id == User.id,
            ),
        )
        said = StreamSubject.is_included
        rows = self.db.execute(
            select(EventStream.id, User.id)
            .join(User, User.id.in_(users))
            .outerjoin(
                StreamSubject,
                and_(
                    StreamSubject.stream_id == EventStream.id,
                    StreamSubject.user_id == User.id,
                ),
            )
            .where(
                EventStream.id.in_(list(by_id)),
                or_(said.is_(True), and_(said.is_(None), has_used)),
            )
        )
        return [(by_id[stream_id], user_id) for stream_id, user_id in rows]
