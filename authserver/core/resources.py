"""The registry of resources: APIs that tokens are for (RFC 8707).

Reading is on every hot path, so all are read at once and kept for seconds.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.clock import Clock, is_fresh
from authserver.config import Settings
from authserver.core import resource_metadata
from authserver.core.audit import Audit, EventTag
from authserver.core.keys import DEFAULT_ALG, Keys
from authserver.core.targets import Api, Catalogue, canonical
from authserver.errors import Conflict, InvalidInput, NotFound
from authserver.models import Resource
from authserver.models.engines import Reads

LOOK_EVERY = timedelta(seconds=3)
_every = select(
    Resource.identifier,
    Resource.name,
    Resource.names,
    Resource.scopes,
    Resource.token_ttl,
    Resource.signing_alg,
    Resource.token_typ,
    Resource.introspection_clients,
    Resource.is_open,
).order_by(Resource.identifier)


@dataclass
class Resources:
    """The registry."""

    db: scoped_session[DbSession]
    reads: Reads
    clock: Clock
    settings: Settings
    keys: Keys
    audit: Audit
    _known: Catalogue | None = field(default=None, repr=False)
    _read_at: datetime | None = None

    def catalogue(self) -> Catalogue:
        """Give all of them, at most seconds old."""
        now = self.clock.now()
        if self._known is None or not is_fresh(self._read_at, now, LOOK_EVERY):
            self._known = self._read()
            self._read_at = now
        return self._known

    def forget(self) -> None:
        """Read them again at the next question: one has changed."""
        self._read_at = None

    def _read(self) -> Catalogue:
        issuer = self.settings.issuer
        apis = {row.identifier: _api(row) for row in self.reads.all(_every)}
        return Catalogue(
            issuer=issuer,
            life=self.settings.access_ttl,
            alg=DEFAULT_ALG,
            apis=apis,
            by_canonical={canonical(one): one for one in (*apis, issuer)},
            owners={
                scope: api.identifier for api in apis.values() for scope in api.scopes
            },
        )

    def list_all(self) -> Sequence[Resource]:
        """Give all rows, by identifier."""
        return self.db.scalars(select(Resource).order_by(Resource.identifier)).all()

    def get(self, resource_id: uuid.UUID) -> Resource:
        """Give a row.

        Raises:
            NotFound: There is none.
        """
        row = self.db.get(Resource, resource_id)
        if row is None:
            raise NotFound(f"no resource {resource_id}")
        return row

    def get_by_identifier(self, identifier: str) -> Resource:
        """Give the row of an identifier, in any spelling.

        Raises:
            NotFound: There is none.
        """
        row = self._by_identifier(identifier)
        if row is None:
            raise NotFound("no resource by that identifier")
        return row

    def create(
        self, *, by: uuid.UUID | None, reason: str | None = None, **facts: Any
    ) -> Resource:
        """Register a resource.

        Args:
            by: Who does.
            reason: Why, for the security log.
            facts: ``identifier``, ``name``, ``names``, ``scopes``, ``token_ttl`` in
                seconds, ``signing_alg``, ``token_typ``, ``introspection_clients``,
                ``is_open``.

        Raises:
            InvalidInput: Something does not fit; each fault by field.
            Conflict: The identifier or a scope is another's.
        """
        self._check(facts, but=None)
        now = self.clock.now()
        row = Resource(id=uuid.uuid4(), created_at=now, updated_at=now, **facts)
        self.db.add(row)
        self.db.flush()
        self._record(EventTag.RESOURCE_CREATED, row, by, reason)
        return row

    def replace(
        self,
        resource_id: uuid.UUID,
        *,
        by: uuid.UUID | None,
        reason: str | None = None,
        **facts: Any,
    ) -> Resource:
        """Replace all of a resource but its identifier: tokens and consents name it.

        Raises:
            NotFound: There is none.
            InvalidInput: Something does not fit, or the identifier is another.
            Conflict: A scope is another's.
        """
        row = self.get(resource_id)
        if facts["identifier"] != row.identifier:
            said = ["Register another resource for another identifier."]
            raise InvalidInput(fields={"identifier": said})
        self._check(facts, but=row)
        for name, value in facts.items():
            setattr(row, name, value)
        row.updated_at = self.clock.now()
        self._record(EventTag.RESOURCE_CHANGED, row, by, reason)
        return row

    def delete(
        self, resource_id: uuid.UUID, *, by: uuid.UUID | None, reason: str | None = None
    ) -> None:
        """Remove a resource: no token for it is given any more.

        Raises:
            NotFound: There is none.
        """
        row = self.get(resource_id)
        self._record(EventTag.RESOURCE_DELETED, row, by, reason)
        self.db.delete(row)

    def _check(self, facts: dict[str, Any], *, but: Resource | None) -> None:
        faults = resource_metadata.faults_of(
            facts, algorithms=sorted(self.keys.ring().active)
        )
        if faults:
            raise InvalidInput("resource", fields=faults)
        is_ours = canonical(facts["identifier"]) == canonical(self.settings.issuer)
        is_taken = but is None and self._by_identifier(facts["identifier"]) is not None
        if is_ours or is_taken:
            raise Conflict(f"resource {facts['identifier']} exists")
        others = [row for row in self.list_all() if row is not but]
        taken = {scope for row in others for scope in row.scopes}
        if shared := sorted(taken & set(facts["scopes"])):
            raise Conflict(f"scopes {shared} belong to another resource")

    def _by_identifier(self, identifier: str) -> Resource | None:
        try:
            wanted = canonical(identifier)
        except ValueError:
            return None
        same = [row for row in self.list_all() if canonical(row.identifier) == wanted]
        return same[0] if same else None

    def _record(
        self, tag: EventTag, row: Resource, by: uuid.UUID | None, reason: str | None
    ) -> None:
        self.forget()
        self.audit.record(tag, actor_id=by, reason=reason, resource=row.identifier)


def _api(row: Any) -> Api:
    return Api(
        identifier=row.identifier,
        name=row.name,
        names=row.names,
        scopes=row.scopes,
        life=timedelta(seconds=row.token_ttl) if row.token_ttl else None,
        alg=row.signing_alg,
        typ=row.token_typ,
        introspectors=frozenset(row.introspection_clients),
        is_open=row.is_open,
    )
