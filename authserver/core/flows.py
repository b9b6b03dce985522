"""The flow inspector: what was asked, what was decided, and why, by trace id.

Nothing is written for a flow that goes well, beyond the rows that it has anyway: its
interaction, its code.  A refusal is one line, redacted before it comes here, of which so
many are written in a minute and no more: whoever floods us fills no table.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, or_, select
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.clock import Clock, is_fresh
from authserver.core import flow_redaction, flow_rules
from authserver.core.apps import App
from authserver.core.directory import Page
from authserver.errors import AuthError
from authserver.models import Client, Interaction, RefusedRequest
from authserver.models.engines import Reads

MINUTE = timedelta(minutes=1)
MOST_OF_ONE, MOST = 60, 600
"""Lines that a worker writes in a minute: of one app (or of nobody's), and of all."""


@dataclass
class Allowance:
    """How many more lines may be written in this minute, by this worker."""

    since: datetime | None = None
    spent: dict[uuid.UUID | None, int] = field(default_factory=dict)

    def spend(self, client_id: uuid.UUID | None, now: datetime) -> bool:
        """Take one, if there is one left."""
        if not is_fresh(self.since, now, MINUTE):
            self.since, self.spent = now, {}
        used = self.spent.get(client_id, 0)
        if used >= MOST_OF_ONE or sum(self.spent.values()) >= MOST:
            return False
        self.spent[client_id] = used + 1
        return True


@dataclass(frozen=True)
class Sent:
    """A request as it came, before it is redacted."""

    endpoint: str
    params: dict[str, str]
    app: App | None = None
    interaction_id: uuid.UUID | None = None
    has_basic: bool = False
    is_page: bool = False
    """Whether a person typed it: then nothing of it is kept, only what was said."""


@dataclass(frozen=True)
class FlowsWanted:
    """What the list is narrowed to."""

    client_id: uuid.UUID | None = None
    error: str | None = None
    trace_id: str | None = None


@dataclass(frozen=True)
class Flows:
    """Notes refusals, and lists them beside the interactions that there are."""

    db: scoped_session[DbSession]
    reads: Reads
    clock: Clock
    allowance: Allowance = field(default_factory=Allowance, repr=False)

    def note(self, error: AuthError, sent: Sent, trace_id: str) -> bool:
        """Write down a refusal; False when this minute has had enough of them.

        Args:
            error: What was refused, and why.
            sent: The request.
            trace_id: What its answer shows.
        """
        now = self.clock.now()
        client_id = sent.app.id if sent.app else None
        if not self.allowance.spend(client_id, now):
            return False
        hidden = flow_redaction.secrets_of(sent.params)
        asked = {} if sent.is_page else flow_redaction.redact(sent.params)
        detail = "" if sent.is_page else error.detail
        if sent.has_basic:
            asked["Authorization"] = "Basic"
        parameter, section = flow_rules.locate(
            detail, error.public, error.oauth, sent.endpoint
        )
        row = RefusedRequest(
            trace_id=trace_id,
            endpoint=sent.endpoint,
            client_id=client_id,
            interaction_id=sent.interaction_id,
            grant_id=getattr(error, "grant_id", None),
            asked=asked,
            error=error.code if sent.is_page else error.oauth,
            status=error.status,
            description=flow_redaction.scrub(error.public, hidden),
            detail=flow_redaction.scrub(detail, hidden),
            parameter=parameter,
            section=section,
            created_at=now,
        )
        self.db.add(row)
        return True

    def page(
        self, wanted: FlowsWanted, *, limit: int, after: list[Any] | None = None
    ) -> Page:
        """List refusals and interactions, the newest first.

        Each kind is read by its own index, and the two are merged here.

        Args:
            wanted: What to narrow to; with ``error`` there are refusals alone.
            limit: How many at most.
            after: Moment and id of the last one that was shown.
        """
        tables = (RefusedRequest,) if wanted.error else (RefusedRequest, Interaction)
        found: list[Any] = []
        for table in tables:
            found += self._some(table, wanted, limit, after)
        found.sort(key=lambda row: (row.created_at, str(row.id)), reverse=True)
        shown = found[:limit]
        is_last = len(found) <= limit
        keys = [shown[-1].created_at.isoformat(), str(shown[-1].id)] if shown else None
        return Page(shown, None if is_last else keys)

    def apps_of(self, ids: Iterable[uuid.UUID | None]) -> dict[uuid.UUID, Row[Any]]:
        """Give name and ``client_id`` of some apps by the ids of their rows."""
        wanted = {one for one in ids if one is not None}
        if not wanted:
            return {}
        found = select(Client.id, Client.name, Client.client_id)
        rows = self.reads.all(found.where(Client.id.in_(wanted)))
        return {row.id: row for row in rows}

    def _some(
        self, table: Any, wanted: FlowsWanted, limit: int, after: list[Any] | None
    ) -> Sequence[Any]:
        found = select(*table.__table__.columns)
        for name in ("client_id", "error", "trace_id"):
            value = getattr(wanted, name)
            if value is not None and name in table.__table__.columns:
                found = found.where(table.__table__.columns[name] == value)
        if after is not None:
            moment, last = datetime.fromisoformat(after[0]), uuid.UUID(after[1])
            found = found.where(
                or_(
                    table.created_at < moment,
                    and_(table.created_at == moment, table.id < last),
                )
            )
        found = found.order_by(table.created_at.desc(), table.id.desc())
        return self.reads.all(found.limit(limit + 1))
