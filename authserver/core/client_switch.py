"""Switch an app off for a while, and on again; nothing of it is lost.

An app that is off gets no token, refreshes none, and asks nobody to sign in; tokens that
it has are good nowhere that asks us.  Whoever checks a JWT alone learns of it when that
ends, which is within minutes.  Other processes hear of it within three seconds: that is
how long they keep a client (``clients``); checks of tokens read it each time.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.clock import Clock
from authserver.core.audit import Audit, EventTag
from authserver.core.client_secrets import is_plain
from authserver.core.clients import OWN_CLIENT, Clients
from authserver.errors import Conflict
from authserver.models import Client
from authserver.models.engines import Reads


@dataclass(frozen=True)
class ClientSwitch:
    """Switches apps off and on."""

    db: scoped_session[DbSession]
    reads: Reads
    clock: Clock
    clients: Clients
    audit: Audit

    def turn_off(
        self, client_id: str, *, by: uuid.UUID | None, reason: str | None = None
    ) -> Client:
        """Switch an app off.

        Args:
            client_id: Which.
            by: Who does it, for the security log; None for the command.
            reason: Why, for the security log.

        Raises:
            NotFound: No such app.
            Conflict: It is our own, or it is off.
        """
        if client_id == OWN_CLIENT:
            raise Conflict("the /v1 API's own client stays as it is")
        return self._turn(
            client_id, self.clock.now(), EventTag.CLIENT_DISABLED, by, reason
        )

    def turn_on(
        self, client_id: str, *, by: uuid.UUID | None, reason: str | None = None
    ) -> Client:
        """Switch an app on again.  Arguments as of ``turn_off``.

        Raises:
            NotFound: No such app.
            Conflict: It is on.
        """
        return self._turn(client_id, None, EventTag.CLIENT_ENABLED, by, reason)

    def is_off(self, client_id: str) -> bool:
        """Whether there is such an app, and it is off; read anew."""
        if not is_plain(client_id):
            return False
        off = Client.disabled_at.is_not(None)
        found = select(Client.id).where(Client.client_id == client_id, off)
        return self.reads.first(found) is not None

    def _turn(
        self,
        client_id: str,
        at: datetime | None,
        event: EventTag,
        by: uuid.UUID | None,
        reason: str | None,
    ) -> Client:
        row = self.clients.get(client_id)
        if (row.disabled_at is None) is (at is None):
            raise Conflict(f"client {client_id[:80]!r} is so already")
        row.disabled_at = at
        row.updated_at = self.clock.now()
        self.audit.record(event, client_id=row.id, actor_id=by, reason=reason)
        self.clients.cache.pop(client_id, None)
        return row
