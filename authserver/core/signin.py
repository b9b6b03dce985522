"""Proofs in, session out."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from authserver.core.audit import Audit
from authserver.core.challenges import Challenges, Purpose
from authserver.core.first_seen import FirstSeen
from authserver.core.mfa import Mfa
from authserver.core.password_proof import PasswordProof
from authserver.core.sessions import Sessions
from authserver.core.trusted_devices import TrustedDevices
from authserver.core.users import DENIED_STATUSES, Users
from authserver.errors import (
    AccountSuspended,
    NotVerified,
    PasswordChangeNeeded,
    SecondFactorNeeded,
    StepUpNeeded,
    TooManyTries,
    WrongCode,
)
from authserver.models import Challenge, Session, User

TICKET_LIFE = timedelta(minutes=5)
PASSWORD_METHOD = "password"
PASSWORD = ["pwd"]
"""The ``amr`` of a password (RFC 8176 §2)."""


@dataclass(frozen=True)
class SignIn:
    """Checks who is there."""

    users: Users
    proof: PasswordProof
    sessions: Sessions
    challenges: Challenges
    mfa: Mfa
    trusted_devices: TrustedDevices
    first_seen: FirstSeen
    audit: Audit

    def with_password(
        self,
        identifier: str,
        password: str,
        *,
        remember: bool,
        kind: str = "browser",
        code: str | None = None,
    ) -> tuple[Session, str]:
        """Sign in with address or user name and password.

        It costs one run of the hash, and these statements at most:
        the user by what was typed; whether this browser is known, if it has a cookie;
        the session, the line of the history and the last visit of the user;
        whether this device was seen before, and if not the letter that says so.
        A refusal writes the count of failures and the line of the history.
        Each window of the limit is one more, and another when it is given back.

        Args:
            identifier: Address or user name, in any letter case.
            password: As typed.
            remember: Whether the session lasts ``REFRESH_TTL``.
            kind: ``browser`` or ``api``.
            code: A code of the second factor, sent along (C13).

        Raises:
            SecondFactorNeeded: Right, and a second proof is due; carries a ticket.
            TooManyTries: The account or address has had its tries.
            BadCredentials: Wrong in some way; which one is only in the log.
            NotVerified: Right, but the address has not been verified.
            AccountSuspended: Right, but the account may not be used.
            PasswordChangeNeeded: Right, but another one must be chosen first.
        """
        found = self.users.find_by_identifier(identifier)
        user = self.proof.check(found, password, typed=identifier)
        return self.with_proof(
            user,
            method=PASSWORD_METHOD,
            amr=PASSWORD,
            remember=remember,
            kind=kind,
            identifier=identifier,
            code=code,
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
        code: str | None = None,
    ) -> tuple[Session, str]:
        """Let somebody in who has proved to be this user, whichever way.

        Args:
            user: Who they have proved to be.
            method: The way, for auth.login_history.
            amr: The same in the words of RFC 8176.
            remember: Whether the session lasts ``REFRESH_TTL``.
            kind: ``browser`` or ``api``.
            identifier: What they typed, if they did.
            code: A code of the second factor, if it came along.

        Raises:
            SecondFactorNeeded: A second proof is due; the refusal carries a ticket.
            WrongCode: The code does not fit.
            NotVerified: The address has not been verified.
            AccountSuspended: The account may not be used.
            PasswordChangeNeeded: Another password must be chosen first (C22).
        """
        typed = identifier or user.email
        self._admit(user, typed, method=method)
        if user.mfa_enabled and "mfa" not in amr:
            if code is not None:
                amr = [*amr, self._second_factor(user, code, method=method), "mfa"]
            elif kind != "browser" or not self.trusted_devices.knows_this(user.id):
                raise self._ask_for_more(
                    user, method, amr, remember=remember, kind=kind
                )
        if user.must_change_password and method == PASSWORD_METHOD:
            raise self._ask_for_another_password(user)
        self.audit.record_signin(user_id=user.id, identifier=typed, method=method)
        session, cookie = self.sessions.start(
            user, amr=amr, remember=remember, kind=kind
        )
        self.first_seen.watch(user, session)
        return session, cookie

    def at_signup(self, user: User, *, remember: bool) -> tuple[Session, str]:
        """Let somebody in who has just made this account; see ``Pairs.issue`` (C12)."""
        self.audit.record_signin(
            user_id=user.id, identifier=user.email, method="signup"
        )
        return self.sessions.start(user, amr=PASSWORD, remember=remember, kind="api")

    def confirm(
        self,
        user_id: uuid.UUID,
        session_id: uuid.UUID | None,
        *,
        password: str | None = None,
        code: str | None = None,
    ) -> datetime:
        """Take another proof from somebody signed in; give how long it counts (sudo).

        Args:
            user_id: Who is signed in.
            session_id: Where.
            password: Their password; or
            code: a code of their second factor.

        Raises:
            BadCredentials: The password is wrong.
            WrongCode: The code does not fit.
            TooManyTries: There have been enough.
            StepUpNeeded: Neither was given, or there is no session to note it in.
        """
        user = self.users.get(user_id)
        if session_id is None or (password is None and code is None):
            raise StepUpNeeded("no proof, or no session")
        if password is not None:
            self.proof.check(user, password, typed=user.email, action="reauthenticate")
            method = PASSWORD_METHOD
        else:
            method = self.mfa.check(user, code or "")
        self.audit.record_signin(
            user_id=user.id,
            identifier=user.email,
            method=method,
            action="reauthenticate",
        )
        return self.sessions.confirm(session_id)

    def with_second_factor(self, ticket: str, code: str) -> tuple[Session, str]:
        """Finish a sign-in that waits for its second proof.

        The ticket outlives a wrong code, and is spent by the right one.

        Raises:
            ChallengeExpired: The ticket is spent or too old: begin again.
            WrongCode: The code does not fit.
            TooManyTries: Too many codes were tried.
        """
        row = self.challenges.look(Purpose.SECOND_FACTOR, ticket)
        return self.finish_second_factor(row, code)

    def finish_second_factor(
        self, row: Challenge, code: str, *, trust: bool = False
    ) -> tuple[Session, str]:
        """The same for a waiting sign-in that has been found, by ticket or browser."""
        user = self.users.get(row.user_id)
        word = self._second_factor(user, code, method=row.extra["method"])
        return self.finish_with(row, word, trust=trust)

    def finish_with(
        self, row: Challenge, word: str, *, trust: bool = False
    ) -> tuple[Session, str]:
        """Finish a waiting sign-in whose second proof has been taken elsewhere.

        Args:
            row: The waiting sign-in.
            word: The proof, in the words of RFC 8176.
            trust: Whether this browser need not bring a second proof for a while.
        """
        user, facts = self.users.get(row.user_id), row.extra
        self.challenges.spend(row)
        if trust:
            self.trusted_devices.trust(user.id)
        return self.with_proof(
            user,
            method=facts["method"],
            amr=[*facts["amr"], word, "mfa"],
            remember=facts["remember"],
            kind=facts["kind"],
        )

    def _second_factor(self, user: User, code: str, *, method: str) -> str:
        try:
            return self.mfa.check(user, code)
        except (WrongCode, TooManyTries) as refusal:
            self.audit.record_signin(
                user_id=user.id,
                identifier=user.email,
                method=method,
                failure=f"second factor: {refusal.code}",
            )
            raise

    def _ask_for_more(
        self, user: User, method: str, amr: list[str], *, remember: bool, kind: str
    ) -> SecondFactorNeeded:
        issued = self.challenges.issue(
            Purpose.SECOND_FACTOR,
            user.id,
            ttl=TICKET_LIFE,
            method=method,
            amr=amr,
            remember=remember,
            kind=kind,
        )
        return SecondFactorNeeded(
            "second factor due", ticket=issued.token, methods=("totp", "backup_code")
        )

    def _ask_for_another_password(self, user: User) -> PasswordChangeNeeded:
        issued = self.challenges.issue(
            Purpose.SETUP, user.id, ttl=TICKET_LIFE, email=user.email
        )
        return PasswordChangeNeeded("password must be changed", ticket=issued.token)

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
                identifier=identifier,
                method=method,
                failure=failure.code,
            )
            raise failure
