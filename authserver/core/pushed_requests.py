"""Authorization requests that a client sends ahead: keep, find, spend (RFC 9126)."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.clock import Clock
from authserver.config import Settings
from authserver.core.apps import App
from authserver.crypto import opaque
from authserver.errors import InvalidRequestUri
from authserver.models import PushedRequest
from authserver.models.constants import Constant
from authserver.models.engines import Reads

PREFIX = "urn:ietf:params:oauth:request_uri:"

_added = Constant(insert(PushedRequest))
_found = Constant(
    select(
        PushedRequest.id,
        PushedRequest.client_id,
        PushedRequest.request,
        PushedRequest.expires_at,
        PushedRequest.used_at,
    ).where(PushedRequest.uri_hash == bindparam("uri_hash"))
)
_spent = Constant(
    update(PushedRequest)
    .where(PushedRequest.id == bindparam("pushed_id"))
    .where(PushedRequest.used_at.is_(None))
    .values(used_at=bindparam("now"))
    .returning(PushedRequest.id)
)


@dataclass(frozen=True)
class Pushed:
    """A request that was sent ahead and may be used."""

    id: uuid.UUID
    params: dict[str, Any]


@dataclass(frozen=True)
class PushedRequests:
    """Keeps pushed requests."""

    db: scoped_session[DbSession]
    reads: Reads
    clock: Clock
    settings: Settings

    def push(self, app: App, params: Mapping[str, Any]) -> tuple[str, int]:
        """Keep a checked request; give its ``request_uri`` and its life in seconds.

        The URI holds 256 random bits (RFC 9126 §7.1), of which we keep the hash.
        """
        name, now = opaque.new_secret(), self.clock.now()
        life = self.settings.par_ttl
        kept = {
            "id": uuid.uuid4(),
            "uri_hash": opaque.fingerprint(name),
            "client_id": app.id,
            "request": dict(params),
            "created_at": now,
            "expires_at": now + life,
        }
        self.reads.run_alone(_added, kept, self.db)
        return PREFIX + name, int(life.total_seconds())

    def find(self, request_uri: str, *, app: App) -> Pushed:
        """Give a request by its URI.  Looking does not spend it.

        A page may be loaded twice, and a link looked at ahead; what is used once is
        the answer (``finish``).

        Raises:
            InvalidRequestUri: Unknown, another client's, expired, or answered.
        """
        name = request_uri.removeprefix(PREFIX)
        row = self.reads.first(_found, {"uri_hash": opaque.fingerprint(name)})
        if row is None or row.client_id != app.id:
            raise InvalidRequestUri("no such request_uri of this client")
        if row.used_at is not None:
            raise InvalidRequestUri(f"request_uri {row.id} has been answered")
        if row.expires_at <= self.clock.now():
            raise InvalidRequestUri(f"request_uri {row.id} has expired")
        return Pushed(row.id, dict(row.request))

    def finish(self, pushed_id: uuid.UUID) -> bool:
        """Take the one answer that a pushed request gives; False when it was taken.

        One UPDATE that finds it unspent, so of many at once one wins (RFC 9126 §7.3).
        It may have expired meanwhile: the person was in time, and typed.
        """
        sent = {"pushed_id": pushed_id, "now": self.clock.now()}
        return _spent.first(self.db, sent) is not None
