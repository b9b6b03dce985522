"""Tell an app that its person has decided (OpenID CIBA §10.2).

A ping is claimed before it is sent, by one UPDATE, and so goes out once at most: it is
not repeated, whatever the app answers (FAPI-CIBA).  What the app misses it learns by
asking at the token endpoint.
"""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.clock import Clock
from authserver.core.client_metadata import NOTIFICATION_ENDPOINT
from authserver.crypto.sealed import Sealer
from authserver.models import BackchannelRequest, Client
from authserver.models.engines import Reads

MOST = 20


@dataclass(frozen=True)
class Ping:
    """One that is to go out now."""

    url: str
    auth_req_id: str
    token: str


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    decided = or_(
        BackchannelRequest.allowed_at.is_not(None),
        BackchannelRequest.denied_at.is_not(None),
    )
    return (
        BackchannelRequest.ping_sealed.is_not(None),
        BackchannelRequest.expires_at > now,
        decided,
    )


@dataclass(frozen=True)
class Pings:
    """What is to be told."""

    db: scoped_session[DbSession]
    reads: Reads
    clock: Clock
    sealer: Sealer

    def has_due(self) -> bool:
        """Whether there is anything to claim; takes no lock."""
        due = select(BackchannelRequest.id).where(*_due(self.clock.now())).limit(1)
        return self.reads.first(due) is not None

    def claim(self) -> list[Ping]:
        """Take what is due, for good.  Commit before sending."""
        due = (
            select(
                BackchannelRequest.id,
                BackchannelRequest.ping_sealed,
                Client.extra.label("extra"),
            )
            .join(Client, Client.id == BackchannelRequest.client_id)
            .where(*_due(self.clock.now()))
            .limit(MOST)
            .with_for_update(skip_locked=True, of=BackchannelRequest)
        )
        rows = {row.id: row for row in self.db.execute(due)}
        taken = self.db.scalars(
            update(BackchannelRequest)
            .where(
                BackchannelRequest.id.in_(rows),
                BackchannelRequest.ping_sealed.is_not(None),
            )
            .values(ping_sealed=None)
            .returning(BackchannelRequest.id)
            .execution_options(synchronize_session=False)
        ).all()
        found = []
        for key in taken:
            url = (rows[key].extra or {}).get(NOTIFICATION_ENDPOINT)
            opened = self.sealer.open(rows[key].ping_sealed, key.bytes)
            auth_req_id, token = json.loads(opened)
            if url:
                found.append(Ping(url, auth_req_id, token))
        return found
