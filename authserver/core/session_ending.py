"""End other people's sessions: one, or everybody's."""

import uuid
from dataclasses import dataclass

from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.core import subjects
from authserver.core.administration import may_act_on
from authserver.core.audit import Audit, EventTag
from authserver.core.sessions import Sessions
from authserver.core.subjects import Subject
from authserver.core.whereabouts import Whereabouts
from authserver.errors import PermissionMissing


@dataclass(frozen=True)
class SessionEnding:
    """Ends sessions in an operator's name."""

    db: scoped_session[DbSession]
    sessions: Sessions
    whereabouts: Whereabouts
    audit: Audit

    def end(self, by: Subject, session_id: uuid.UUID, *, reason: str | None) -> None:
        """End one session of somebody, with the tokens that hang on it.

        Raises:
            NotFound: No such session.
            PermissionMissing: Its owner stands above the one who asks.
        """
        owner = self.whereabouts.get(session_id, user_id=None, current=None).user_id
        if not may_act_on(by, subjects.load(self.db, owner)):
            raise PermissionMissing(f"{by.id} acts on {owner}, who stands above")
        self.sessions.revoke(
            session_id, user_id=owner, because=reason or "by an administrator"
        )
        self.audit.record(
            EventTag.SESSION_ENDED,
            user_id=owner,
            actor_id=by.id,
            reason=reason,
            session=str(session_id),
        )

    def end_everybody(self, by: Subject, *, reason: str | None) -> int:
        """End every session and token there is, one's own too; give how many ended."""
        ended = self.sessions.revoke_everybody(because=reason or "by an administrator")
        self.audit.record(
            EventTag.EVERYBODY_SIGNED_OUT, actor_id=by.id, reason=reason, count=ended
        )
        return ended
