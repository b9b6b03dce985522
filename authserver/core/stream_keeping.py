"""What operators do with the streams of apps: look, set up, stop, end (OpenID SSF 1.0 §8)."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.core.apps import App
from authserver.core.clients import Clients
from authserver.core.signals import PUSH
from authserver.core.streams import Receiver, Streams
from authserver.errors import NotFound
from authserver.models import Client, EventStream


@dataclass(frozen=True)
class StreamKeeping:
    """Acts on streams in an operator's name, by the rules that hold for their apps."""

    db: scoped_session[DbSession]
    streams: Streams
    clients: Clients

    def list_all(self) -> Sequence[Row[Any]]:
        """Give every stream with the name and ids of its app, by name."""
        found: Any = (
            select(
                EventStream,
                Client.name,
                Client.client_id,
                Client.id.label("row_id"),
            )
            .join(Client, Client.id == EventStream.client_id)
            .order_by(Client.name, Client.id)
        )
        return self.db.execute(found).all()

    def app(self, client_id: str) -> App:
        """Give an app that is open.

        Raises:
            NotFound: There is none, or it is disabled.
        """
        app = self.clients.find(client_id)
        if app is None:
            raise NotFound(f"no client {client_id[:80]!r}")
        return app

    def of(self, app: Receiver) -> EventStream | None:
        """Give the stream of an app, if it has one."""
        return self.streams.of(app)

    def put(
        self,
        app: Receiver,
        *,
        by: uuid.UUID | None,
        reason: str | None = None,
        **facts: Any,
    ) -> EventStream:
        """Make the stream of an app, or replace what there is.

        Args:
            app: Whose.
            by: Who does it; None for the command.
            reason: Why, for the security log.
            facts: ``method``, ``endpoint_url``, ``authorization_header`` (None: as it
                is), ``events_requested``, ``description``, ``status``.

        Raises:
            AuthError: Something is not as it should be.
        """
        row, who = self.of(app), {"by": by, "reason": reason}
        delivery = {"method": facts["method"]}
        if facts["method"] == PUSH:
            header = facts["authorization_header"]
            if header is None and row is not None:
                header = self.header_of(row, app)
            delivery |= {
                "endpoint_url": facts["endpoint_url"],
                "authorization_header": header,
            }
        wishes = {
            "events_requested": facts["events_requested"],
            "description": facts["description"],
            "delivery": delivery,
        }
        if row is None:
            made = self.streams.create(app, wishes, **who)
        else:
            named = {"stream_id": str(row.id), **wishes}
            made = self.streams.change(app, named, is_whole=True, **who)
        kept = self.streams.get(app, made["stream_id"])
        if facts["status"] != kept.status:
            self.turn(app, facts["status"], by=by, reason=reason)
        return kept

    def header_of(self, row: EventStream, app: Receiver) -> str | None:
        """Give what we show at its endpoint, to nobody but the core."""
        delivery = self.streams.config(row, app)["delivery"]
        header: str | None = delivery.get("authorization_header")
        return header

    def turn(
        self,
        app: Receiver,
        status: str,
        *,
        by: uuid.UUID | None,
        reason: str | None = None,
    ) -> None:
        """Let the stream of an app flow, pause or stop, and change nothing else.

        Raises:
            NotFound: It has none.
        """
        wanted = {"stream_id": str(self._row(app).id), "status": status}
        self.streams.set_status(app, wanted, by=by, reason=reason)

    def end(
        self, app: Receiver, *, by: uuid.UUID | None, reason: str | None = None
    ) -> None:
        """Delete the stream of an app with what waits in it.

        Raises:
            NotFound: It has none.
        """
        self.streams.end(app, str(self._row(app).id), by=by, reason=reason)

    def _row(self, app: Receiver) -> EventStream:
        row = self.of(app)
        if row is None:
            raise NotFound(f"{app.client_id} has no stream")
        return row
