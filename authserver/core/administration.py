"""What operators do to people: create, edit, lock, unlock, delete, force a letter.

Nobody acts on somebody who stands above them, nor locks or deletes themselves; the core
holds it, so that pages, API and command line cannot differ.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.clock import Clock
from authserver.config import Settings
from authserver.core import subjects
from authserver.core.audit import Audit, EventTag
from authserver.core.challenges import Challenges, Purpose
from authserver.core.letters import Letters
from authserver.core.profiles import Profiles
from authserver.core.recovery import Recovery
from authserver.core.roles import Roles, rank_of
from authserver.core.sessions import Sessions
from authserver.core.signup import SignUp
from authserver.core.subjects import Subject
from authserver.core.users import DENIED_STATUSES, Users, normalise_email
from authserver.errors import Conflict, InvalidInput, NotFound, PermissionMissing
from authserver.models import User

GRACE = timedelta(days=30)
SETTABLE = ("pending_verification", "active", "locked", "disabled")
PROFILE = frozenset(
    {
        "full_name",
        "avatar_url",
        "phone",
        "language",
        "timezone",
        "username",
        "date_of_birth",
        "cpf",
    }
)


def may_act_on(by: Subject, them: Subject) -> bool:
    """Whether nobody stands above: equals may act on each other."""
    return rank_of(them.roles) <= rank_of(by.roles)


@dataclass(frozen=True)
class Administration:
    """Acts on people in an operator's name."""

    db: scoped_session[DbSession]
    clock: Clock
    settings: Settings
    users: Users
    profiles: Profiles
    sessions: Sessions
    signup: SignUp
    recovery: Recovery
    letters: Letters
    challenges: Challenges
    roles: Roles
    audit: Audit

    def create(self, by: Subject, email: str, wishes: Mapping[str, Any]) -> User:
        """Add a person; without a password they get a letter to choose one.

        Raises:
            Conflict: Address, user name or number is taken.
            InvalidInput: A field is wrong.
        """
        facts = dict(wishes)
        status = facts.pop("status", None) or "pending_verification"
        metadata = facts.pop("metadata", None) or {}
        self._check_status(status)
        user = self.users.register(
            normalise_email(email),
            password_hash=None,
            language=self.settings.default_language,
        )
        user.extra = metadata
        self._set_status(user, status)
        self.db.flush()
        if facts:
            self.profiles.change(user.id, facts)
        self.audit.record(EventTag.USER_CREATED, user_id=user.id, actor_id=by.id)
        if user.is_email_verified:
            self.recovery.ask(user.email)
        else:
            self.signup.ask_again(user)
        return user

    def edit(
        self,
        by: Subject,
        user_id: uuid.UUID,
        wishes: Mapping[str, Any],
        *,
        reason: str | None = None,
    ) -> User:
        """Change somebody's fields; a status that ends their access signs them out.

        Raises:
            NotFound: Nobody by that id.
            PermissionMissing: They stand above the one who asks.
            InvalidInput: A field is wrong.
        """
        user = self._subordinate(by, user_id)
        facts = dict(wishes)
        status = facts.pop("status", None)
        if status is not None:
            self._check_status(status)
            self._not_oneself(by, user, status)
        if "metadata" in facts:
            user.extra = facts.pop("metadata") or {}
        unknown = set(facts) - PROFILE
        if unknown:
            raise InvalidInput(fields={n: ["Unknown field."] for n in unknown})
        if facts:
            self.profiles.change(user.id, facts)
        if status is not None and status != user.status:
            self._set_status(user, status)
            if status in ("locked", "disabled"):
                self.sessions.revoke_all(user.id, because=f"account {status}")
        user.updated_at = self.clock.now()
        self.audit.record(
            EventTag.USER_EDITED,
            user_id=user.id,
            actor_id=by.id,
            reason=reason,
            fields=sorted(wishes),
        )
        return user

    def lock(self, by: Subject, user_id: uuid.UUID, *, reason: str | None) -> User:
        """Block somebody and end all their sessions and tokens (S4)."""
        user = self._subordinate(by, user_id)
        self._not_oneself(by, user, "locked")
        self._set_status(user, "locked")
        self.sessions.revoke_all(user.id, because="account locked")
        self.audit.record(
            EventTag.USER_LOCKED, user_id=user.id, actor_id=by.id, reason=reason
        )
        return user

    def unlock(self, by: Subject, user_id: uuid.UUID, *, reason: str | None) -> User:
        """Let somebody in again; a password locked by failures opens too."""
        user = self._subordinate(by, user_id)
        back = "active" if user.is_email_verified else "pending_verification"
        if user.status in ("locked", "disabled"):
            user.status = back
        user.failed_login_attempts, user.locked_until = 0, None
        self.audit.record(
            EventTag.USER_UNLOCKED, user_id=user.id, actor_id=by.id, reason=reason
        )
        return user

    def see(self, user_id: uuid.UUID) -> User:
        """Give a user, a deleted one too: what is to be restored must be seen.

        Raises:
            NotFound: There never was one by that id.
        """
        user = self.db.get(User, user_id)
        if user is None:
            raise NotFound(f"no user {user_id}")
        return user

    def delete(self, by: Subject, user_id: uuid.UUID, *, reason: str | None) -> None:
        """Delete softly: nobody finds them, and after the grace they are anonymised.

        Raises:
            Conflict: It is oneself, or the last super_admin.
        """
        user = self._subordinate(by, user_id)
        self._not_oneself(by, user, "deleted")
        self.roles.keep_one_but(user.id)
        user.status, user.deleted_at = "deleted", self.clock.now()
        self.sessions.revoke_all(user.id, because="account deleted")
        self.audit.record(
            EventTag.ACCOUNT_DELETED, user_id=user.id, actor_id=by.id, reason=reason
        )

    def restore(self, by: Subject, user_id: uuid.UUID, *, reason: str | None) -> User:
        """Give a deleted account back, as long as it is still somebody's (C30).

        Raises:
            NotFound: Nobody by that id.
            PermissionMissing: They stand above the one who asks.
            Conflict: It is not deleted, or the grace is over.
        """
        user = self.see(user_id)
        self._check_rank(by, user_id)
        if user.anonymised_at is not None:
            said = "The grace is over: nothing of this account is left."
            raise Conflict("anonymised", public=said)
        if user.deleted_at is None:
            raise Conflict("not deleted", public="This account is not deleted.")
        user.status = "active" if user.is_email_verified else "pending_verification"
        user.deleted_at, user.updated_at = None, self.clock.now()
        self.challenges.revoke_all(Purpose.UNDO_DELETION, user.id)
        self.audit.record(
            EventTag.USER_RESTORED, user_id=user.id, actor_id=by.id, reason=reason
        )
        return user

    def sign_out(self, by: Subject, user_id: uuid.UUID, *, reason: str | None) -> None:
        """End all sessions and tokens of somebody, and tell them."""
        user = self._subordinate(by, user_id)
        self.sessions.revoke_all(user.id, because=reason or "by an administrator")
        self.audit.record(
            EventTag.USER_SIGNED_OUT, user_id=user.id, actor_id=by.id, reason=reason
        )
        self.letters.signed_out_everywhere(user)

    def resend_verification(
        self, by: Subject, user_id: uuid.UUID, *, reason: str | None = None
    ) -> None:
        """Send a new code and link to somebody who has not verified.

        Raises:
            Conflict: They have.
        """
        user = self._subordinate(by, user_id)
        if user.is_email_verified:
            raise Conflict("verified already", public="The address is verified.")
        self.signup.ask_again(user)
        self.audit.record(
            EventTag.VERIFICATION_FORCED, user_id=user.id, actor_id=by.id, reason=reason
        )

    def force_reset(
        self, by: Subject, user_id: uuid.UUID, *, reason: str | None = None
    ) -> None:
        """Send a link to choose another password; we never learn it (ASVS 6.4.6).

        Raises:
            Conflict: The account is locked or disabled: the link would open nothing.
        """
        user = self._subordinate(by, user_id)
        if user.status in DENIED_STATUSES:
            raise Conflict("suspended", public="Unlock the account first.")
        self.recovery.ask(user.email)
        self.audit.record(
            EventTag.RESET_FORCED, user_id=user.id, actor_id=by.id, reason=reason
        )

    def _subordinate(self, by: Subject, user_id: uuid.UUID) -> User:
        user = self.users.get(user_id)
        self._check_rank(by, user_id)
        return user

    def _check_rank(self, by: Subject, user_id: uuid.UUID) -> None:
        if not may_act_on(by, subjects.load(self.db, user_id)):
            raise PermissionMissing(f"{by.id} acts on {user_id}, who stands above")

    def _not_oneself(self, by: Subject, user: User, status: str) -> None:
        if by.id == user.id and status != "active":
            raise Conflict("oneself", public="You cannot do this to yourself.")

    def _check_status(self, status: str) -> None:
        if status not in SETTABLE:
            said = f"One of {', '.join(SETTABLE)}."
            raise InvalidInput("no such status", fields={"status": [said]})

    def _set_status(self, user: User, status: str) -> None:
        user.status = status
        if status == "active" and not user.is_email_verified:
            self.users.mark_verified(user)
