"""Another password, by whoever knows the present one (S0, ASVS 6.2.3)."""

import uuid
from dataclasses import dataclass

from authserver.core.challenges import Challenges, Purpose
from authserver.core.password_proof import PasswordProof
from authserver.core.passwords import Passwords
from authserver.core.sessions import Sessions
from authserver.core.users import Users
from authserver.errors import InvalidInput

WAYS_IN = (Purpose.RESET_PASSWORD, Purpose.MAGIC_LINK, Purpose.SECOND_FACTOR)
"""What was begun with the old password, or in its stead."""


@dataclass(frozen=True)
class PasswordChange:
    """Changes passwords."""

    users: Users
    passwords: Passwords
    proof: PasswordProof
    sessions: Sessions
    challenges: Challenges

    def change(
        self,
        user_id: uuid.UUID,
        *,
        current: str | None,
        new: str,
        session_id: uuid.UUID | None,
    ) -> None:
        """Set another password and sign out everywhere else; the owner gets a letter.

        Args:
            user_id: Whose.
            current: The present one.  Whoever has none, as after a sign-in through
                another provider, must have proved lately to be there instead.
            new: The other one.
            session_id: The session of whoever asks; it stays.

        Raises:
            BadCredentials: The present one is wrong; the try is counted.
            TooManyTries: There have been enough.
            InvalidInput: The new one is weak, or the same; or the present is missing.
            StepUpNeeded: There is none yet, and the last proof is too old.
        """
        user = self.users.get(user_id)
        if user.password_hash is None:
            self.sessions.require_recent(session_id)
        elif current is None:
            fault = "Enter your present password."
            raise InvalidInput(fields={"current_password": [fault]})
        else:
            self.proof.check(user, current, typed=user.email, action="change_password")
        known = [user.email, user.username, user.full_name]
        self.passwords.check(new, context=known)
        if new == current:
            fault = "Choose another password than the present one."
            raise InvalidInput(fields={"password": [fault]})
        self.passwords.replace(user, new)
        self.sessions.endings.signals.credential_changed(
            user.id, kind="password", change="update"
        )
        self.sessions.revoke_all(
            user.id, because="the password was changed", save=session_id
        )
        for purpose in WAYS_IN:
            self.challenges.revoke_all(purpose, user.id)
