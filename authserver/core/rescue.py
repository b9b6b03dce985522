"""An account in strange hands, given back to its owner.

``disown`` answers the letter of ``first_seen``: the sign-in ends with all that hangs on
it, the password goes, since somebody else knows it, and recovery begins.
"""

import uuid
from dataclasses import dataclass

from sqlalchemy import update
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.clock import Clock
from authserver.core.audit import Audit, EventTag
from authserver.core.challenges import Challenges, Purpose
from authserver.core.recovery import Recovery
from authserver.core.sessions import Sessions
from authserver.core.users import Users
from authserver.models import Challenge, Session, TokenFamily, User

NOT_THEIRS = "the owner says that it was not them"
WAYS_IN = (Purpose.RESET_PASSWORD, Purpose.MAGIC_LINK, Purpose.SECOND_FACTOR)


@dataclass(frozen=True)
class Rescue:
    """Gives accounts back."""

    db: scoped_session[DbSession]
    clock: Clock
    users: Users
    challenges: Challenges
    sessions: Sessions
    recovery: Recovery
    audit: Audit

    def look(self, token: str) -> Challenge:
        """Check the link of a letter without using it: what a GET may do.

        Raises:
            ChallengeExpired: Unknown, spent or too old.
        """
        return self.challenges.look(Purpose.DISOWN, token)

    def disown(self, token: str) -> User:
        """Believe the owner that a sign-in was not theirs.

        Raises:
            ChallengeExpired: The link is unknown, spent or too old.
        """
        row = self.challenges.redeem_token(Purpose.DISOWN, token)
        user = self.users.get(row.user_id)
        session_id = uuid.UUID(row.extra["session_id"])
        self.sessions.revoke(session_id, user_id=user.id, because=NOT_THEIRS)
        self._end_all_of(session_id)
        self.audit.record(
            EventTag.SIGNIN_DISOWNED, user_id=user.id, session=str(session_id)
        )
        self.take_password(user)
        return user

    def take_password(self, user: User) -> None:
        """Take away a password that somebody else knows, and send the way to another.

        A lock would not do: it opens by itself, and for devices that are known.
        """
        for purpose in WAYS_IN:
            self.challenges.revoke_all(purpose, user.id)
        user.password_hash = None
        self.audit.record(
            EventTag.USER_PASSWORD_LOCKED, user_id=user.id, reason=NOT_THEIRS
        )
        self.recovery.ask(user.email)

    def _end_all_of(self, session_id: uuid.UUID) -> None:
        """End also what apps were allowed there for longer, and forget the device."""
        self.db.execute(
            update(TokenFamily)
            .where(
                TokenFamily.session_id == session_id, TokenFamily.revoked_at.is_(None)
            )
            .values(revoked_at=self.clock.now(), revoked_because=NOT_THEIRS)
            .execution_options(synchronize_session=False)
        )
        self.db.execute(
            update(Session)
            .where(Session.id == session_id)
            .values(device_id=None, location_country=None, user_agent=None)
            .execution_options(synchronize_session=False)
        )
