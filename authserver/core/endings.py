"""Sessions end, with the tokens that hang on them, and their clients are told.

Whatever ends a session comes through here: signing out, another password, an operator, a
replayed token.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.clock import Clock
from authserver.core import unredeemed
from authserver.core.audit import Audit, EventTag
from authserver.core.clients import OWN_CLIENT
from authserver.core.notices import Notices
from authserver.core.signals import Signals
from authserver.models import Client, Session, TokenFamily


@dataclass(frozen=True)
class Endings:
    """Ends sessions."""

    db: scoped_session[DbSession]
    clock: Clock
    audit: Audit
    notices: Notices
    signals: Signals

    def one(self, session_id: uuid.UUID, *, user_id: uuid.UUID, because: str) -> bool:
        """End one session of a user; tokens with ``offline_access`` go on."""
        ended = self._end(
            Session.id == session_id, Session.user_id == user_id, because=because
        )
        own = select(Client.id).where(Client.client_id == OWN_CLIENT)
        self._revoke(
            TokenFamily.session_id.in_(ended),
            or_(
                TokenFamily.scope.not_like("%offline_access%"),
                TokenFamily.client_id == own.scalar_subquery(),
            ),
            because=because,
        )
        if ended:
            self.audit.record(
                EventTag.SESSION_REVOKED, user_id=user_id, reason=because, count=1
            )
        return bool(ended)

    def all_of(
        self, user_id: uuid.UUID, *, because: str, save: uuid.UUID | None = None
    ) -> bool:
        """End all sessions of a user and every token, but those of session ``save``."""
        others = Session.id != save if save else Session.id.is_not(None)
        ended = self._end(others, Session.user_id == user_id, because=because)
        unredeemed.end(self.db, user_id=user_id)
        kept = or_(TokenFamily.session_id.is_(None), TokenFamily.session_id != save)
        self._revoke(
            TokenFamily.user_id == user_id, *([kept] if save else []), because=because
        )
        if ended:
            self.audit.record(
                EventTag.SESSIONS_REVOKED,
                user_id=user_id,
                reason=because,
                count=len(ended),
            )
        return bool(ended)

    def everybody(self, *, because: str) -> int:
        """End every session and every token there is; give how many sessions."""
        ended = self._end(because=because)
        unredeemed.end(self.db)
        self._revoke(because=because)
        return len(ended)

    def _end(self, *which: object, because: str) -> Sequence[uuid.UUID]:
        ended = self.db.scalars(
            update(Session)
            .where(*which, Session.is_active.is_(True))  # type: ignore[arg-type]
            .values(
                is_active=False, revoked_at=self.clock.now(), revoked_because=because
            )
            .returning(Session.id)
            .execution_options(synchronize_session=False)
        ).all()
        self.notices.tell_of_end(ended)
        self.signals.sessions_revoked(ended)
        return ended

    def _revoke(self, *which: object, because: str) -> None:
        self.db.execute(
            update(TokenFamily)
            .where(*which, TokenFamily.revoked_at.is_(None))  # type: ignore[arg-type]
            .values(revoked_at=self.clock.now(), revoked_because=because)
            .execution_options(synchronize_session=False)
        )
