"""A client's stream of security events: made, read, changed, ended (OpenID SSF 1.0 §8).

Each client has one stream at most, and sees its own alone.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.clock import Clock
from authserver.config import Settings
from authserver.core import stream_wishes
from authserver.core.apps import App
from authserver.core.audit import Audit, EventTag
from authserver.core.signals import (
    DISABLED,
    ENABLED,
    KEPT,
    PUSH,
    VERIFICATION,
    WAITING,
    Event,
    Signals,
)
from authserver.core.stream_subjects import StreamSubjects
from authserver.core.stream_wishes import STATUSES, Config, bad, line
from authserver.crypto.sealed import Sealer
from authserver.errors import Conflict, NotFound
from authserver.models import Client, EventStream, Notice

Receiver = App | Client
"""Whose a stream is, as a request sees it or as its row."""
OURS = ("iss", "aud", "events_supported", "events_delivered")
"""What a client may send back as it was told, and not otherwise (§8.1.1.3)."""
MAX_WAITING_CHECKS = 20


@dataclass(frozen=True)
class Streams:
    """Keeps the streams."""

    db: scoped_session[DbSession]
    clock: Clock
    settings: Settings
    sealer: Sealer
    signals: Signals
    subjects: StreamSubjects
    audit: Audit

    def create(self, app: Receiver, wishes: Mapping[str, Any], **who: Any) -> Config:
        """Make a client's stream (§8.1.1.1).

        Args:
            app: Whose.
            wishes: As §8.1.1.1 has them.
            who: ``by`` and ``reason`` of an operator, here and below.

        Raises:
            AuthError: Something is not as it should be.
            Conflict: It has one.
        """
        facts = stream_wishes.read(wishes)
        if self.of(app) is not None:
            raise Conflict("has a stream", public="This client has a stream already.")
        now = self.clock.now()
        row = EventStream(
            id=uuid.uuid4(), client_id=app.id, status=ENABLED,
            created_at=now, updated_at=now,
        )  # fmt: skip
        self._write(row, facts)
        self.db.add(row)
        self.db.flush()
        self._record(app, "created", who)
        return self.config(row, app)

    def list_of(self, app: Receiver) -> list[Config]:
        """Give the streams of a client: one or none (§8.1.1.2)."""
        row = self.of(app)
        return [] if row is None else [self.config(row, app)]

    def get(self, app: Receiver, stream_id: object) -> EventStream:
        """Give a stream of this client.

        Raises:
            AuthError: It was not said which.
            NotFound: There is none of that id, or it is another client's.
        """
        if not isinstance(stream_id, str) or not stream_id:
            raise bad("stream_id is missing")
        row = self.of(app)
        if row is None or str(row.id) != stream_id:
            raise NotFound(f"no stream {stream_id[:64]!r} of {app.client_id}")
        return row

    def change(
        self, app: Receiver, wishes: Mapping[str, Any], *, is_whole: bool, **who: Any
    ) -> Config:
        """Change what is named (§8.1.1.3), or replace all of it (§8.1.1.4)."""
        row = self.get(app, wishes.get("stream_id"))
        shown = self.config(row, app)
        for name in OURS:
            if name in wishes and wishes[name] != shown[name]:
                raise bad(f"{name} is not for the receiver to choose")
        names = ("events_requested", "delivery", "description")
        before: Config = {n: shown[n] for n in names if n in shown and not is_whole}
        wanted = {**before, **wishes}
        facts = stream_wishes.read(wanted, own_url=self._poll_url(row))
        self._write(row, facts)
        row.updated_at = self.clock.now()
        self._sort_waiting(row)
        self._record(app, "configured", who)
        return self.config(row, app)

    def end(self, app: Receiver, stream_id: object, **who: Any) -> None:
        """Delete a stream with what waits in it (§8.1.1.5)."""
        row = self.get(app, stream_id)
        self.db.execute(delete(Notice).where(Notice.stream_id == row.id))
        self.db.delete(row)
        self._record(app, "deleted", who)

    def set_status(
        self, app: Receiver, wishes: Mapping[str, Any], **who: Any
    ) -> Config:
        """Pause a stream, stop it, or let it go on (§8.1.2.2)."""
        row = self.get(app, wishes.get("stream_id"))
        status, reason = wishes.get("status"), wishes.get("reason")
        if status not in STATUSES:
            raise bad(f"status is one of {', '.join(STATUSES)}")
        row.status, row.reason = status, line("reason", reason)
        self._sort_waiting(row)
        self._record(app, status, who)
        return self.status(row)

    def status(self, row: EventStream) -> Config:
        """Say how a stream goes (§8.1.2.1)."""
        said = {"stream_id": str(row.id), "status": row.status}
        return said | ({"reason": row.reason} if row.reason else {})

    def verify(self, app: App, wishes: Mapping[str, Any]) -> None:
        """Put an event into a stream that shows that it flows (§8.1.4.2).

        Raises:
            AuthError: As many wait already as anybody needs.
        """
        row = self.get(app, wishes.get("stream_id"))
        state = line("state", wishes.get("state"))
        waiting = self.db.scalars(
            select(Notice.id)
            .where(
                Notice.stream_id == row.id,
                Notice.user_id.is_(None),
                Notice.status.in_((WAITING, KEPT)),
            )
            .limit(MAX_WAITING_CHECKS)
        ).all()
        if len(waiting) == MAX_WAITING_CHECKS:
            raise bad("too many verifications wait")
        row.verified_at = self.clock.now()
        self.signals.put(row, VERIFICATION, {"state": state} if state else {})

    def add_subject(self, app: App, wishes: Mapping[str, Any]) -> None:
        """Add somebody to a stream (§8.1.3.2)."""
        row = self.get(app, wishes.get("stream_id"))
        self.subjects.include(row, app, wishes.get("subject"))

    def remove_subject(self, app: App, wishes: Mapping[str, Any]) -> None:
        """Take somebody out of a stream (§8.1.3.3)."""
        row = self.get(app, wishes.get("stream_id"))
        self.subjects.exclude(row, app, wishes.get("subject"))

    def config(self, row: EventStream, app: Receiver) -> Config:
        """Show a stream as its client sees it (§8.1.1)."""
        delivery: Config = {
            "method": row.method,
            "endpoint_url": row.endpoint_url or self._poll_url(row),
        }
        if row.authorization_sealed:
            header = self.sealer.open(row.authorization_sealed, row.id.bytes)
            delivery["authorization_header"] = header.decode()
        supported = [event.value for event in Event]
        said = {
            "stream_id": str(row.id),
            "iss": self.settings.issuer,
            "aud": app.client_id,
            "delivery": delivery,
            "events_supported": supported,
            "events_requested": list(row.events_requested),
            "events_delivered": [
                one for one in supported if one in row.events_requested
            ],
        }
        return said | ({"description": row.description} if row.description else {})

    def _record(self, app: Receiver, change: str, who: Mapping[str, Any]) -> None:
        self.audit.record(
            EventTag.STREAM_CHANGED,
            client_id=app.id,
            actor_id=who.get("by"),
            reason=who.get("reason"),
            change=change,
        )

    def _poll_url(self, row: EventStream) -> str:
        return f"{self.settings.issuer}/ssf/poll/{row.id}"

    def of(self, app: Receiver) -> EventStream | None:
        """Give the stream of a client, if it has one."""
        found = select(EventStream).where(EventStream.client_id == app.id)
        return self.db.scalar(found)

    def _write(self, row: EventStream, facts: Config) -> None:
        row.events_requested = facts["events_requested"]
        row.description = facts["description"]
        row.method, row.endpoint_url = facts["method"], facts["endpoint_url"]
        header = facts["authorization_header"]
        row.authorization_sealed = (
            self.sealer.seal(header.encode(), row.id.bytes) if header else None
        )

    def _sort_waiting(self, row: EventStream) -> None:
        """Let what waits go the way that the stream goes now."""
        if row.status == DISABLED:
            self.db.execute(
                delete(Notice)
                .where(Notice.stream_id == row.id, Notice.status.in_((WAITING, KEPT)))
                .execution_options(synchronize_session=False)
            )
            return
        is_pushed = row.method == PUSH and row.status == ENABLED
        before, after = (KEPT, WAITING) if is_pushed else (WAITING, KEPT)
        self.db.execute(
            update(Notice)
            .where(Notice.stream_id == row.id, Notice.status == before)
            .values(status=after)
            .execution_options(synchronize_session=False)
        )
