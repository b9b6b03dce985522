"""One's own second factor: set up, turned on and off, its backup codes (C14, C15).

Whoever has stolen a session must not add a factor of theirs, nor take one away: each
step wants a recent proof, and turning it off the password or a code as well.
"""

import uuid
from dataclasses import dataclass

from authserver.core.audit import Audit, EventTag
from authserver.core.letters import Letters
from authserver.core.mfa import Enrolment, Mfa
from authserver.core.presence import Presence
from authserver.core.users import Users
from authserver.errors import Conflict

NOT_ON = "No second factor is set up."


@dataclass(frozen=True)
class OwnMfa:
    """What owners do with their second factor."""

    users: Users
    mfa: Mfa
    presence: Presence
    letters: Letters
    audit: Audit

    def begin(self, user_id: uuid.UUID, session_id: uuid.UUID | None) -> Enrolment:
        """Make a secret for an authenticator app; it counts when a code has come back.

        Raises:
            StepUpNeeded: The last proof is too old.
            Conflict: A second factor is set up already.
        """
        self.presence.require(user_id, session_id)
        return self.mfa.begin(self.users.get(user_id))

    def show(self, user_id: uuid.UUID, session_id: uuid.UUID | None) -> Enrolment:
        """Give the secret that waits for its first code, or make one: for a page.

        Raises:
            StepUpNeeded: The last proof is too old.
            Conflict: A second factor is set up already.
        """
        self.presence.require(user_id, session_id)
        user = self.users.get(user_id)
        return self.mfa.pending(user) or self.mfa.begin(user)

    def confirm(self, user_id: uuid.UUID, code: str) -> list[str]:
        """Turn it on with a first code; give the backup codes.

        Raises:
            NotFound: Nothing was begun.
            Conflict: It is on already.
            WrongCode: The code does not fit.
            TooManyTries: Too many codes were tried.
        """
        codes = self.mfa.confirm(self.users.get(user_id), code)
        self._tell(user_id, "create")
        return codes

    def disable(
        self,
        user_id: uuid.UUID,
        session_id: uuid.UUID | None,
        *,
        password: str | None,
        code: str | None,
    ) -> None:
        """Turn it off, with a recent proof, and the password or a code (C14).

        Raises:
            Conflict: It is not on.
            StepUpNeeded: The last proof is too old.
            InvalidInput: Neither password nor code came along.
            BadCredentials: The password is wrong.
            WrongCode: The code is wrong.
        """
        user = self.users.get(user_id)
        if not user.mfa_enabled:
            raise Conflict(f"{user_id} has no second factor", public=NOT_ON)
        self.presence.require_both(user_id, session_id, password=password, code=code)
        self.mfa.disable(user)
        self._tell(user_id, "delete")
        self.presence.sessions.note_factor_removed(user_id, save=session_id)

    def backup_codes(
        self, user_id: uuid.UUID, session_id: uuid.UUID | None
    ) -> list[str]:
        """Give the backup codes that are left, for display in sudo mode (C15).

        Raises:
            StepUpNeeded: The last proof is too old.
            NotFound: There are none, or they are shown only once here.
        """
        self.presence.require(user_id, session_id)
        return self.mfa.backup_codes(self.users.get(user_id))

    def renew_backup_codes(
        self, user_id: uuid.UUID, session_id: uuid.UUID | None
    ) -> list[str]:
        """Make new backup codes; the ones before end, and the owner gets a letter.

        Raises:
            StepUpNeeded: The last proof is too old.
            Conflict: No second factor is set up.
        """
        self.presence.require(user_id, session_id)
        user = self.users.get(user_id)
        if not user.mfa_enabled:
            raise Conflict(f"{user_id} has no second factor", public=NOT_ON)
        codes = self.mfa.new_backup_codes(user)
        self.audit.record(EventTag.BACKUP_CODES_RENEWED, user_id=user_id)
        self.letters.mfa_changed(user, "backup_codes_new")
        return codes

    def _tell(self, user_id: uuid.UUID, change: str) -> None:
        self.presence.sessions.endings.signals.credential_changed(
            user_id, kind="app", change=change
        )
