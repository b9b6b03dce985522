"""The registry of types of authorization details (RFC 9396 §2, §5).

Read when a request brings details, and then kept for seconds.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from jsonschema import Draft202012Validator
from sqlalchemy import select
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.clock import Clock, is_fresh
from authserver.core import detail_metadata, details
from authserver.core.apps import App
from authserver.core.audit import Audit, EventTag
from authserver.core.details import LOCATIONS, TYPE, Detail
from authserver.errors import Conflict, InvalidDetails, InvalidInput, NotFound
from authserver.models import DetailType
from authserver.models.engines import Reads

LOOK_EVERY = timedelta(seconds=3)
_every = select(
    DetailType.type,
    DetailType.fields,
    DetailType.required,
    DetailType.texts,
    DetailType.resources,
    DetailType.is_remembered,
).order_by(DetailType.type)


@dataclass(frozen=True)
class Kind:
    """A type as a request sees it."""

    type: str
    texts: Mapping[str, str]
    resources: tuple[str, ...]
    is_remembered: bool
    validator: Draft202012Validator

    def check(self, detail: Detail) -> None:
        """Hold an object to its type (RFC 9396 §5).

        Raises:
            InvalidDetails: A field is unknown, missing, or not as the type has it.
        """
        fault = next(iter(self.validator.iter_errors(detail)), None)
        if fault is not None:
            place = "/".join(str(step) for step in fault.absolute_path)
            raise InvalidDetails(f"{self.type}: {fault.validator} at {place!r}")
        if self.resources and not set(self.owners(detail)) <= set(self.resources):
            raise InvalidDetails(f"{self.type}: locations of other APIs")

    def owners(self, detail: Detail) -> tuple[str, ...]:
        """Name the APIs that one object is for; none means this server."""
        named = detail.get(LOCATIONS)
        if not self.resources or not named:
            return self.resources
        return tuple(str(one) for one in named) if isinstance(named, list) else ("",)


@dataclass
class DetailTypes:
    """The registry."""

    db: scoped_session[DbSession]
    reads: Reads
    clock: Clock
    audit: Audit
    _known: dict[str, Kind] = field(default_factory=dict, repr=False)
    _read_at: datetime | None = None

    def known(self) -> Mapping[str, Kind]:
        """Give all by name, at most seconds old."""
        now = self.clock.now()
        if not is_fresh(self._read_at, now, LOOK_EVERY):
            self._known = {row.type: _kind(row) for row in self.reads.all(_every)}
            self._read_at = now
        return self._known

    def asked(self, text: str | None, app: App) -> tuple[Detail, ...]:
        """Read the details of a request and hold each to its type.

        Raises:
            InvalidDetails: Malformed, of an unknown type, of one that this client has
                not registered for (RFC 9396 §10), or not as the type has it.
        """
        found = details.parse(text)
        may = app.extra.get("authorization_details_types") or ()
        for one in found:
            kind = self.known().get(one[TYPE]) if one[TYPE] in may else None
            if kind is None:
                raise InvalidDetails(f"{app.client_id} may not ask for this type")
            kind.check(one)
        return tuple(found)

    def owned(
        self, granted: Iterable[Detail] | None
    ) -> tuple[tuple[Detail, tuple[str, ...]], ...]:
        """Pair granted details with the APIs they are for; a type that is gone, not."""
        if not granted:
            return ()
        known = self.known()
        return tuple(
            (one, known[one[TYPE]].owners(one)) for one in granted if one[TYPE] in known
        )

    def may_remember(self, granted: Iterable[Detail]) -> list[Detail]:
        """Give those whose consent may be kept: a payment is allowed once."""
        known = self.known() if granted else {}
        return [
            one
            for one in granted
            if one[TYPE] in known and known[one[TYPE]].is_remembered
        ]

    # -- keeping them

    def list_all(self) -> Sequence[DetailType]:
        """Give all rows, by name."""
        return self.db.scalars(select(DetailType).order_by(DetailType.type)).all()

    def get(self, type_id: uuid.UUID) -> DetailType:
        """Give a row.

        Raises:
            NotFound: There is none.
        """
        row = self.db.get(DetailType, type_id)
        if row is None:
            raise NotFound(f"no detail type {type_id}")
        return row

    def find(self, name: str) -> DetailType | None:
        """Find a row by the name of its type."""
        return self.db.scalar(select(DetailType).where(DetailType.type == name))

    def create(
        self, *, by: uuid.UUID | None, reason: str | None = None, **facts: Any
    ) -> DetailType:
        """Register a type.

        Args:
            by: Who does.
            reason: Why, for the security log.
            facts: ``type``, ``fields``, ``required``, ``texts``, ``resources``,
                ``is_remembered``.

        Raises:
            InvalidInput: Something does not fit; each fault by field.
            Conflict: The name is taken.
        """
        self._check(facts)
        if self.find(facts["type"]) is not None:
            raise Conflict("the type exists")
        now = self.clock.now()
        row = DetailType(id=uuid.uuid4(), created_at=now, updated_at=now, **facts)
        self.db.add(row)
        self.db.flush()
        self._record(EventTag.DETAIL_TYPE_CREATED, row, by, reason)
        return row

    def replace(
        self,
        type_id: uuid.UUID,
        *,
        by: uuid.UUID | None,
        reason: str | None = None,
        **facts: Any,
    ) -> DetailType:
        """Replace all of a type but its name.

        Raises:
            NotFound: There is none.
            InvalidInput: Something does not fit, or the name is another.
        """
        row = self.get(type_id)
        if facts["type"] != row.type:
            raise InvalidInput(fields={"type": ["Register another type."]})
        self._check(facts)
        for name, value in facts.items():
            setattr(row, name, value)
        row.updated_at = self.clock.now()
        self._record(EventTag.DETAIL_TYPE_CHANGED, row, by, reason)
        return row

    def delete(
        self, type_id: uuid.UUID, *, by: uuid.UUID | None, reason: str | None = None
    ) -> None:
        """Remove a type: what was granted of it stands in no further token.

        Raises:
            NotFound: There is none.
        """
        row = self.get(type_id)
        self._record(EventTag.DETAIL_TYPE_DELETED, row, by, reason)
        self.db.delete(row)

    def _check(self, facts: dict[str, Any]) -> None:
        if faults := detail_metadata.faults_of(facts):
            raise InvalidInput("detail type", fields=faults)

    def _record(
        self, tag: EventTag, row: DetailType, by: uuid.UUID | None, reason: str | None
    ) -> None:
        self._read_at = None
        self.audit.record(tag, actor_id=by, reason=reason, type=row.type)


def _kind(row: Any) -> Kind:
    return Kind(
        type=row.type,
        texts=row.texts,
        resources=tuple(row.resources),
        is_remembered=row.is_remembered,
        validator=detail_metadata.validator_of(row.type, row.fields, row.required),
    )
