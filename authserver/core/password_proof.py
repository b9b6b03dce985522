"""The password as a proof: counted before it is hashed, compared, recorded (C4, C5).

Five failures lock the password for everybody but a browser that has signed this user in
before: its cookie is a secret that no stranger has, so whoever locks an account does
not lock its owner out.  Such a browser has a count of its own.
"""

import uuid
from dataclasses import dataclass

from authserver.core.audit import Audit
from authserver.core.device import here
from authserver.core.limiter import Limiter
from authserver.core.passwords import Passwords
from authserver.core.sessions import Sessions
from authserver.core.users import counted_as
from authserver.errors import BadCredentials, TooManyTries
from authserver.models import User

LIMIT = "signin:account"


@dataclass(frozen=True)
class PasswordProof:
    """Compares a password with a user's, as often as is allowed."""

    passwords: Passwords
    sessions: Sessions
    audit: Audit
    limiter: Limiter

    def check(
        self, user: User | None, password: str, *, typed: str, action: str = "login"
    ) -> User:
        """Give the user whose password this is.

        The work is the same whether there is such a user, whether the password is
        right, and whether it is locked: one run of the hash, and as many statements.

        Args:
            user: Who was found, or None.
            password: As typed.
            typed: Under which address or name; it is counted by this.
            action: What it is for, in auth.login_history.

        Raises:
            TooManyTries: There have been enough; nothing was hashed.
            BadCredentials: Wrong, or locked: which one is only in the log.
        """
        known = self.sessions.knows_device(user.id if user else uuid.uuid4())
        key = _counted_by(typed, is_known=known)
        try:
            self.limiter.hit(LIMIT, key)
        except TooManyTries:
            self._record(user, typed, action, "too many tries")
            raise
        matches = self.passwords.verify(user, password)
        is_locked = self.passwords.is_locked(user)
        if user is None or not matches or (is_locked and not known):
            raise self._refusal(
                user, typed, action, matches=matches, is_locked=is_locked
            )
        self.limiter.clear(LIMIT, key)
        if not is_locked:
            # Else somebody is at it: for all other browsers the lock stays.
            self.passwords.clear_failures(user)
        self.passwords.upgrade(user, password)
        return user

    def _refusal(
        self,
        user: User | None,
        typed: str,
        action: str,
        *,
        matches: bool,
        is_locked: bool,
    ) -> BadCredentials:
        why = "unknown user" if user is None else "wrong password"
        if user is not None and matches:
            why = "password is locked"
        # While it is locked nothing is counted: the lock would never end.
        self.passwords.count_failure(None if is_locked else user)
        self._record(user, typed, action, why)
        return BadCredentials(why)

    def _record(self, user: User | None, typed: str, action: str, why: str) -> None:
        self.audit.record_signin(
            user_id=user.id if user else None,
            identifier=typed,
            method="password",
            failure=why,
            action=action,
        )


def _counted_by(typed: str, *, is_known: bool) -> str:
    """Name the counter; a browser that is known has its own.

    Address and user name of one person are two: counted together, they would tell a
    stranger that they belong together.
    """
    name = counted_as(typed)
    return f"{name}\n{here.get().browser}" if is_known else name
