"""Terms and notices that people accept: which version, when, and the proof (LGPD art. 8).

Every answer is a new row that nobody changes; the last one of a document counts.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.clock import Clock
from authserver.config import Settings
from authserver.core.audit import Audit, EventTag
from authserver.core.device import here
from authserver.errors import InvalidInput
from authserver.models import TermsConsent

MOST = 500


@dataclass(frozen=True)
class Document:
    """A document that is to be accepted, in its version."""

    document: str
    version: str


@dataclass(frozen=True)
class Answer:
    """What somebody said to a document, and the proof of it."""

    id: uuid.UUID
    document: str
    version: str
    accepted: bool
    created_at: datetime
    ip_address: str | None
    user_agent: str | None
    in_force: bool
    """Whether this answer still counts: the last one, to the version of today."""


@dataclass(frozen=True)
class Answers:
    """All answers of a person, and what waits for one."""

    consents: list[Answer]
    outstanding: list[Document]


@dataclass(frozen=True)
class Terms:
    """Records what people accept."""

    db: scoped_session[DbSession]
    clock: Clock
    settings: Settings
    audit: Audit

    @property
    def in_force(self) -> dict[str, str]:
        """The version of today, by document; empty where the operator named none."""
        return dict(one.split(":", 1) for one in self.settings.terms)

    def record(
        self,
        user_id: uuid.UUID,
        *,
        document: str,
        version: str | None,
        accepted: bool,
    ) -> Answer:
        """Note that somebody accepts a document, or takes that back.

        Args:
            user_id: Who.
            document: Which, such as ``terms`` or ``privacy``.
            version: Of the text that was shown; the one in force when not said.
            accepted: No is an answer too: consent can be taken back at any time.

        Raises:
            InvalidInput: There is no such document, or its version is another one.
        """
        current = self.in_force.get(document)
        if self.in_force and current is None:
            known = {"document": ["There is no such document."]}
            raise InvalidInput(f"no document {document!r}", fields=known)
        if version is None and current is None:
            raise InvalidInput(fields={"version": ["Say which version was shown."]})
        if accepted and current is not None and version not in (None, current):
            # Nobody can accept today what is not shown any more.
            old = {"version": ["Another version is in force. Show that one."]}
            raise InvalidInput(f"{document} is at {current}", fields=old)
        device = here.get()
        row = TermsConsent(
            id=uuid.uuid4(),
            user_id=user_id,
            document=document,
            version=version or current,
            accepted=accepted,
            ip_address=device.ip,
            user_agent=device.user_agent,
            created_at=self.clock.now(),
        )
        self.db.add(row)
        tag = EventTag.TERMS_ACCEPTED if accepted else EventTag.TERMS_WITHDRAWN
        self.audit.record(tag, user_id=user_id, document=document, version=row.version)
        return self._answer(row, is_last=True)

    def list_of(self, user_id: uuid.UUID) -> Answers:
        """Give all answers, the latest first, and the documents that wait for one."""
        rows = self.db.scalars(
            select(TermsConsent)
            .where(TermsConsent.user_id == user_id)
            .order_by(TermsConsent.created_at.desc(), TermsConsent.id)
            .limit(MOST)
        ).all()
        answered: dict[str, Answer] = {}
        answers = []
        for row in rows:
            answer = self._answer(row, is_last=row.document not in answered)
            answered.setdefault(row.document, answer)
            answers.append(answer)
        waiting = [
            Document(name, version)
            for name, version in self.in_force.items()
            if name not in answered or not answered[name].in_force
        ]
        return Answers(answers, waiting)

    def _answer(self, row: TermsConsent, *, is_last: bool) -> Answer:
        current = self.in_force.get(row.document, row.version)
        return Answer(
            id=row.id,
            document=row.document,
            version=row.version,
            accepted=row.accepted,
            created_at=row.created_at,
            ip_address=row.ip_address,
            user_agent=row.user_agent,
            in_force=is_last and row.accepted and row.version == current,
        )
