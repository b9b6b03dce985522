"""An account goes: at once for its owner, after a grace for good (C30, LGPD art. 18 VI).

Deleted, nobody signs in any more, and a link in a letter takes it back for thirty days.
Then what says who it was is overwritten.  The row stays, since others refer to its id,
and of what happened there stays as much as the law and the retention settings ask.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.clock import Clock
from authserver.config import Settings
from authserver.core.audit import Audit, EventTag
from authserver.core.challenges import Challenges, Purpose
from authserver.core.letters import Letters
from authserver.core.presence import Presence
from authserver.core.roles import Roles
from authserver.core.sessions import Sessions
from authserver.core.users import Users
from authserver.errors import ChallengeExpired
from authserver.models import (
    Challenge,
    ClientConsent,
    LoginRecord,
    OAuthProvider,
    OutboxLetter,
    Passkey,
    Session,
    StreamSubject,
    TermsConsent,
    TokenFamily,
    TrustedDevice,
    User,
    UserInstitution,
    UserRole,
)

DELETED = "deleted"
NOWHERE = "deleted.invalid"
"""Where the address of nobody is (RFC 2606 §2)."""
GONE = (Challenge, ClientConsent, OAuthProvider, Passkey, Session, TokenFamily)
GONE_TOO = (StreamSubject, UserInstitution, UserRole, OutboxLetter, TrustedDevice)
"""Rows that go with their user, here and above."""
TRACES = {"ip_address": None, "user_agent": None}


@dataclass(frozen=True)
class Farewell:
    """When an account was deleted, and when it is gone for good."""

    deleted_at: datetime
    gone_at: datetime


@dataclass(frozen=True)
class Deletion:
    """Deletes accounts, gives them back, and makes them nobody's."""

    db: scoped_session[DbSession]
    clock: Clock
    settings: Settings
    users: Users
    roles: Roles
    sessions: Sessions
    challenges: Challenges
    presence: Presence
    letters: Letters
    audit: Audit

    def leave(
        self,
        user_id: uuid.UUID,
        *,
        session_id: uuid.UUID | None,
        password: str | None = None,
    ) -> Farewell:
        """Delete one's own account.

        Raises:
            StepUpNeeded: The last proof is too old, and no password came along.
            BadCredentials: The password is wrong.
            Conflict: The last super_admin must stay.
        """
        user = self.users.get(user_id)
        self.presence.require(user_id, session_id, password=password)
        return self.delete(user, by=user_id)

    def delete(self, user: User, *, by: uuid.UUID | None) -> Farewell:
        """Delete an account, by its owner or by an administrator, who was checked.

        Raises:
            Conflict: The last super_admin must stay.
        """
        self.roles.keep_one_but(user.id)
        now = self.clock.now()
        gone_at = now + self.settings.deletion_grace
        before = user.status
        user.status, user.deleted_at, user.updated_at = DELETED, now, now
        self.sessions.revoke_all(user.id, because="the account was deleted")
        for purpose in Purpose:
            self.challenges.revoke_all(purpose, user.id)
        undo = self.challenges.issue(
            Purpose.UNDO_DELETION,
            user.id,
            ttl=self.settings.deletion_grace,
            email=user.email,
            status=before,
        )
        self.audit.record(EventTag.ACCOUNT_DELETED, user_id=user.id, actor_id=by)
        self.letters.account_deleted(user, token=undo.token, gone_at=gone_at)
        return Farewell(now, gone_at)

    def look(self, token: str) -> Challenge:
        """Check the link that takes a deletion back, without spending it.

        Raises:
            ChallengeExpired: Unknown, spent or too old.
        """
        return self.challenges.look(Purpose.UNDO_DELETION, token)

    def undo(self, token: str) -> User:
        """Give an account back; everybody is signed out, and signs in as before.

        Raises:
            ChallengeExpired: Unknown, spent or too late.
        """
        row = self.challenges.redeem_token(Purpose.UNDO_DELETION, token)
        user = self.db.get(User, row.user_id)
        if user is None or user.anonymised_at is not None or user.status != DELETED:
            raise ChallengeExpired(f"nothing to give back of {row.user_id}")
        user.status = row.extra.get("status") or "active"
        user.deleted_at, user.updated_at = None, self.clock.now()
        self.audit.record(EventTag.ACCOUNT_RESTORED, user_id=user.id)
        return user

    def anonymise_due(self, most: int) -> int:
        """Make accounts nobody's whose grace is over; give how many it were.

        Args:
            most: How many at most.  Rows that another process has in hand are left.
        """
        ended = self.clock.now() - self.settings.deletion_grace
        due = self.db.scalars(
            select(User)
            .where(User.deleted_at <= ended, User.anonymised_at.is_(None))
            .order_by(User.deleted_at)
            .limit(most)
            .with_for_update(skip_locked=True)
        ).all()
        for user in due:
            self.anonymise(user)
        return len(due)

    def anonymise(self, user: User) -> None:
        """Overwrite what says who somebody was.

        The lines of the security log stay as they are until their own time is over:
        each answers for the one after it, and the law wants them for a while (Marco
        Civil da Internet art. 15).  They name an id that is nobody's from now on.
        """
        for table in (*GONE, *GONE_TOO):
            self.db.execute(
                delete(table)
                .where(table.user_id == user.id)
                .execution_options(synchronize_session=False)
            )
        self.db.execute(
            update(LoginRecord)
            .where(LoginRecord.user_id == user.id)
            .values(attempted_email=None, location_city=None, extra={}, **TRACES)
            .execution_options(synchronize_session=False)
        )
        # That somebody agreed is still to be proved; from where, not any more.
        self.db.execute(
            update(TermsConsent)
            .where(TermsConsent.user_id == user.id)
            .values(**TRACES)
            .execution_options(synchronize_session=False)
        )
        self._empty(user)
        self.audit.record(EventTag.ACCOUNT_ANONYMISED, user_id=user.id)

    def _empty(self, user: User) -> None:
        user.email = f"{user.id}@{NOWHERE}"
        for column in (
            *("phone", "username", "full_name", "avatar_url", "date_of_birth"),
            *("password_hash", "mfa_secret", "mfa_backup_codes", "totp_last_step"),
            *("backup_codes_sealed", "cpf_sealed", "cpf_index", "locked_until"),
            *("email_verified_at", "phone_verified_at", "last_password_change"),
            *("last_login_at", "last_seen_at"),
        ):
            setattr(user, column, None)
        user.extra, user.profile = {}, {}
        user.is_email_verified = user.is_phone_verified = user.mfa_enabled = False
        user.language, user.timezone = "en", "UTC"
        user.failed_login_attempts = 0
        user.anonymised_at = user.updated_at = self.clock.now()
