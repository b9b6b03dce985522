"""Proofs in, session out."""

from dataclasses import dataclass
from typing import Protocol

from authserver.core.audit import Audit
from authserver.core.passwords import Passwords
from authserver.core.sessions import Sessions
from authserver.core.users import DENIED_STATUSES, Users
from authserver.errors import AccountSuspended, BadCredentials, NotVerified
from authserver.models import Session, User

PASSWORD = ["pwd"]
"""The ``amr`` of a password (RFC 8176 §2)."""


class Limiter(Protocol):
    """What counts tries: ``hit`` raises TooManyTries, ``clear`` forgets."""

    def hit(self, name: str, key: str) -> None: ...

    def clear(self, name: str, key: str) -> None: ...


@dataclass(frozen=True)
class SignIn:
    """Checks who is there."""

    users: Users
    passwords: Passwords
    sessions: Sessions
    audit: Audit
    limiter: Limiter

    def with_password(
        self, identifier: str, password: str, *, remember: bool
    ) -> tuple[Session, str]:
        """Sign in with address or user name and password.

        The limit of the account is hit before anything is hashed, so that many tries
        at one moment cannot slip past it (C4); a right password gives the tries back.

        Raises:
            TooManyTries: The account or address has had its tries.
            BadCredentials: Wrong in some way; which one is only in the log.
            NotVerified: Right, but the address has not been verified.
            AccountSuspended: Right, but the account may not be used.
        """
        self.limiter.hit("signin:account", identifier.strip().casefold()[:320])
        user = self.users.find_by_identifier(identifier)
        matches = self.passwords.verify(user, password)
        if user is None or not matches or self.passwords.is_locked(user):
            self._refuse(user, identifier, matches=matches)
        assert user is not None  # noqa: S101 -- told to the type checker
        self._admit(user, identifier, method="password")
        self.limiter.clear("signin:account", identifier.strip().casefold()[:320])
        self.passwords.clear_failures(user)
        self.audit.record_signin(
            user_id=user.id, identifier=identifier, method="password"
        )
        return self.sessions.start(user, amr=PASSWORD, remember=remember)

    def _refuse(self, user: User | None, identifier: str, *, matches: bool) -> None:
        why = "unknown user" if user is None else "wrong password"
        if user is not None and matches:
            why = "password is locked"
        elif user is not None and not self.passwords.is_locked(user):
            self.passwords.count_failure(user)
        self.audit.record_signin(
            user_id=user.id if user else None,
            identifier=identifier[:320],
            method="password",
            failure=why,
        )
        raise BadCredentials(why)

    def _admit(self, user: User, identifier: str, *, method: str) -> None:
        """Let only those in who may; said after the proof, so it tells no stranger."""
        failure = None
        if user.status in DENIED_STATUSES:
            failure = AccountSuspended(f"user {user.id} is {user.status}")
        elif not user.is_email_verified:
            failure = NotVerified(f"user {user.id} is not verified")  # type: ignore[assignment]
        if failure is not None:
            self.audit.record_signin(
                user_id=user.id,
                identifier=identifier[:320],
                method=method,
                failure=failure.code,
            )
            raise failure
