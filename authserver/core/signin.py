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
        self, identifier: str, password: str, *, remember: bool, kind: str = "browser"
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
        account = identifier.strip().casefold()[:320]
        self.limiter.hit("signin:account", account)
        user = self.users.find_by_identifier(identifier)
        matches = self.passwords.verify(user, password)
        if user is None or not matches or self.passwords.is_locked(user):
            raise self._refusal(user, identifier, matches=matches)
        self.limiter.clear("signin:account", account)
        self.passwords.clear_failures(user)
        return self.with_proof(
            user,
            method="password",
            amr=PASSWORD,
            remember=remember,
            kind=kind,
            identifier=identifier,
        )

    def with_proof(
        self,
        user: User,
        *,
        method: str,
        amr: list[str],
        remember: bool,
        kind: str = "browser",
        identifier: str | None = None,
    ) -> tuple[Session, str]:
        """Let somebody in who has proved to be this user, whichever way.

        Args:
            user: Who they have proved to be.
            method: The way, for auth.login_history.
            amr: The same in the words of RFC 8176.
            remember: Whether the session lasts ``REFRESH_TTL``.
            kind: ``browser`` or ``api``.
            identifier: What they typed, if they did.

        Raises:
            NotVerified: The address has not been verified.
            AccountSuspended: The account may not be used.
        """
        self._admit(user, identifier or user.email, method=method)
        self.audit.record_signin(
            user_id=user.id, identifier=identifier or user.email, method=method
        )
        return self.sessions.start(user, amr=amr, remember=remember, kind=kind)

    def _refusal(
        self, user: User | None, identifier: str, *, matches: bool
    ) -> BadCredentials:
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
        return BadCredentials(why)

    def _admit(self, user: User, identifier: str, *, method: str) -> None:
        """Let only those in who may; said after the proof, so it tells no stranger."""
        failure: AccountSuspended | NotVerified | None = None
        if user.status in DENIED_STATUSES:
            failure = AccountSuspended(f"user {user.id} is {user.status}")
        elif not user.is_email_verified:
            failure = NotVerified(f"user {user.id} is not verified")
        if failure is not None:
            self.audit.record_signin(
                user_id=user.id,
                identifier=identifier[:320],
                method=method,
                failure=failure.code,
            )
            raise failure
