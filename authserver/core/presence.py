"""Is it still the same person?  What is sensitive happens soon after a proof (ASVS 7.5.3).

Sudo mode: ten minutes from the sign-in, or from the last ``reauthenticate``.  A
password that comes along is a proof too.
"""

import uuid
from dataclasses import dataclass

from authserver.core.sessions import Sessions
from authserver.core.signin import SignIn
from authserver.errors import InvalidInput


@dataclass(frozen=True)
class Presence:
    """Asks somebody who is signed in to prove it."""

    sessions: Sessions
    signin: SignIn

    def require(
        self,
        user_id: uuid.UUID,
        session_id: uuid.UUID | None,
        *,
        password: str | None = None,
    ) -> None:
        """Let somebody go on who has just proved to be there.

        Raises:
            StepUpNeeded: The last proof is too old, and no password came along.
            BadCredentials: The password is wrong; the try is counted.
            TooManyTries: There have been enough.
        """
        if password is None:
            self.sessions.require_recent(session_id)
        else:
            self.signin.confirm(user_id, session_id, password=password)

    def require_both(
        self,
        user_id: uuid.UUID,
        session_id: uuid.UUID | None,
        *,
        password: str | None,
        code: str | None,
    ) -> None:
        """Ask for a recent proof, and for the password or a code now (C14).

        Raises:
            StepUpNeeded: The last proof is too old.
            InvalidInput: Neither password nor code came along.
            BadCredentials: The password is wrong.
            WrongCode: The code is wrong.
            TooManyTries: There have been enough.
        """
        self.sessions.require_recent(session_id)
        if password is None and code is None:
            fault = "Enter your password or a code."
            raise InvalidInput("no proof", fields={"password": [fault]})
        chosen = {"code": code} if code is not None else {"password": password}
        self.signin.confirm(user_id, session_id, **chosen)
