"""One flow, step by step, as its rows tell it; found by any trace id of it."""

import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select

from authserver.clock import Clock
from authserver.core import flow_advice, flow_redaction, flow_rules
from authserver.core.apps import App
from authserver.core.clients import Clients
from authserver.core.flow_advice import Refused
from authserver.core.flow_redaction import Asked
from authserver.errors import NotFound
from authserver.models import (
    AuthorizationCode,
    Client,
    Interaction,
    RefusedRequest,
    SecurityEvent,
    TokenFamily,
)
from authserver.models.engines import Reads

MOST = 50
TRACE_ID = re.compile(r"[0-9a-f]{32}")
ORDER = (
    *("asked", "account_chosen", "consented", "denied", "event"),
    *("answered", "redeemed", "refused", "revoked", "expired"),
)
"""What comes first of what happened at one moment."""


@dataclass(frozen=True)
class Step:
    """One thing that happened.

    Attributes:
        at: When.
        what: One of ``ORDER``.
        trace_id: Of the request that did it, where that is known.
        facts: What there is to say of it, by name; never a secret.
    """

    at: datetime
    what: str
    trace_id: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Story:
    """A flow: who asked, for what, and what became of it."""

    trace_id: str
    app: App | None
    asked: Asked
    steps: Sequence[Step]

    @property
    def outcome(self) -> str:
        """Give how it stands: ``what`` of its last step."""
        return self.steps[-1].what


@dataclass(frozen=True)
class FlowStories:
    """Tells flows."""

    reads: Reads
    clock: Clock
    clients: Clients

    def of(self, trace_id: str) -> Story:
        """Tell the flow that a trace id belongs to.

        Args:
            trace_id: Of the error page, or of any other request of the flow that left a
                row; only rows that carry it, and those of the same interaction, are read.

        Raises:
            NotFound: Nothing is kept under it.
        """
        if not TRACE_ID.fullmatch(trace_id):
            raise NotFound("no trace id")
        refusals = self._all(RefusedRequest, RefusedRequest.trace_id == trace_id)
        begun = {one.interaction_id or one.grant_id for one in refusals} - {None}
        rows = self._all(
            Interaction,
            or_(Interaction.trace_id == trace_id, Interaction.id.in_(begun)),
        )
        refusals = self._with_later(refusals, rows)
        traces = {trace_id} | {one.trace_id for one in (*rows, *refusals)} - {None, ""}
        events = self._all(SecurityEvent, SecurityEvent.trace_id.in_(traces))
        if not (refusals or rows or events):
            raise NotFound(f"nothing under trace {trace_id[:40]!r}")
        app = self._app(one.client_id for one in (*rows, *refusals, *events))
        steps = [
            *(step for row in rows for step in self._of_interaction(row)),
            *self._of_codes({row.id for row in rows}),
            *(_of_refusal(row, app) for row in refusals),
            *(_of_event(row) for row in events),
        ]
        steps.sort(key=lambda step: (step.at, ORDER.index(step.what)))
        return Story(trace_id, app, _asked(rows, refusals), steps)

    def _all(self, table: Any, rule: Any) -> list[Any]:
        found = select(*table.__table__.columns).where(rule).limit(MOST)
        return list(self.reads.all(found))

    def _with_later(self, refusals: list[Any], rows: list[Any]) -> list[Any]:
        """Add what was refused of the same interactions, and of their codes."""
        ids = {row.id for row in rows} | {one.grant_id for one in refusals} - {None}
        later = self._all(
            RefusedRequest,
            or_(
                RefusedRequest.interaction_id.in_(ids),
                RefusedRequest.grant_id.in_(ids),
            ),
        )
        return list({one.id: one for one in (*refusals, *later)}.values())

    def _app(self, ids: Iterable[uuid.UUID | None]) -> App | None:
        known = next((one for one in ids if one is not None), None)
        if known is None:
            return None
        row = self.reads.first(select(Client.client_id).where(Client.id == known))
        return self.clients.find(row.client_id) if row else None

    def _of_interaction(self, row: Any) -> list[Step]:
        trace = row.trace_id or None
        steps = [Step(row.created_at, "asked", trace)]
        if row.account_chosen_at:
            steps.append(Step(row.account_chosen_at, "account_chosen"))
        if row.consented_at:
            granted = {"scope": row.granted_scope or ""}
            steps.append(Step(row.consented_at, "consented", facts=granted))
        if row.denied_at:
            steps.append(Step(row.denied_at, "denied"))
        if row.finished_at:
            if not row.denied_at:
                steps.append(Step(row.finished_at, "answered"))
        elif row.expires_at <= self.clock.now():
            steps.append(Step(row.expires_at, "expired"))
        return steps

    def _of_codes(self, ids: set[uuid.UUID]) -> list[Step]:
        if not ids:
            return []
        steps = []
        for code in self._all(AuthorizationCode, AuthorizationCode.id.in_(ids)):
            if code.used_at:
                steps.append(Step(code.used_at, "redeemed"))
            elif code.expires_at <= self.clock.now():
                steps.append(Step(code.expires_at, "expired", facts={"is_code": True}))
        for family in self._all(TokenFamily, TokenFamily.id.in_(ids)):
            if family.revoked_at:
                because = {"because": family.revoked_because}
                steps.append(Step(family.revoked_at, "revoked", facts=because))
        return steps


def _of_refusal(row: Any, app: App | None) -> Step:
    refused = Refused(
        row.error, row.endpoint, row.parameter, row.asked, row.description
    )
    names = ("endpoint", "error", "status", "description", "detail", "parameter")
    facts = {name: getattr(row, name) for name in (*names, "section", "asked")}
    facts["section_url"] = flow_rules.link(row.section)
    facts["advice"] = flow_advice.advise(refused, app)
    return Step(row.created_at, "refused", row.trace_id, facts)


def _of_event(row: Any) -> Step:
    return Step(row.created_at, "event", row.trace_id, {"event": row.event})


def _asked(rows: Sequence[Any], refusals: Sequence[Any]) -> Asked:
    """Give what was asked: of the interaction, which has all of it, or of a refusal."""
    if rows:
        texts = {
            name: value for name, value in rows[0].request.items() if _is_text(value)
        }
        return flow_redaction.redact(texts)
    return dict(refusals[0].asked) if refusals else {}


def _is_text(value: Any) -> bool:
    return isinstance(value, str)
