"""A further proof in a session that is there (RFC 9470 §5, OIDC Core §5.5.1.1).

The session stays the same one, with its ``sid``; its cookie is changed, since it opens
more than before (ASVS 7.2.4).
"""

import uuid
from dataclasses import dataclass

from sqlalchemy import update

from authserver.core import acr
from authserver.core.mfa import Mfa
from authserver.core.passkeys import METHOD, Passkeys
from authserver.core.sessions import Sessions
from authserver.core.signed_in import SignedIn
from authserver.core.users import Users
from authserver.crypto import opaque
from authserver.errors import NotSignedIn, TooManyTries, WrongCode
from authserver.models import Session

TOTP = "totp"


@dataclass(frozen=True)
class StepUp:
    """Lifts sessions to a higher class."""

    users: Users
    mfa: Mfa
    passkeys: Passkeys
    sessions: Sessions

    def methods(self, user_id: uuid.UUID) -> dict[str, str]:
        """Name the further proofs that a user can give, with the class each reaches."""
        found = {}
        if self.passkeys.are_possible and self.passkeys.list_of(user_id):
            found[METHOD] = acr.PHISHING_RESISTANT
        if self.users.get(user_id).mfa_enabled:
            found[TOTP] = acr.MULTI
        return found

    def reach(self, user_id: uuid.UUID) -> str:
        """Give the highest class that a user can reach from where they are."""
        possible = self.methods(user_id).values()
        return max(possible, key=acr.CLASSES.index, default=acr.SINGLE)

    def with_code(self, who: SignedIn, code: str) -> str:
        """Take a code of the second factor; give the session's new cookie.

        Raises:
            WrongCode: It does not fit.
            TooManyTries: Too many were tried.
        """
        user = self.users.get(who.user_id)
        try:
            word = self.mfa.check(user, code)
        except (WrongCode, TooManyTries) as refusal:
            self._record(who, TOTP, failure=f"second factor: {refusal.code}")
            raise
        return self._lift(who, TOTP, [word, "mfa"])

    def with_passkey(self, who: SignedIn, credential: str) -> str:
        """Take the answer of a passkey; give the session's new cookie.

        Raises:
            BadCredentials: It does not hold, or is somebody else's.
        """
        word = self.passkeys.prove(who.user_id, credential)
        return self._lift(who, METHOD, [word, "user", "mfa"])

    def _lift(self, who: SignedIn, method: str, words: list[str]) -> str:
        selector, verifier, cookie = opaque.new_handle()
        amr = list(dict.fromkeys([*who.amr, *words]))
        now = self.sessions.clock.now()
        lifted = self.sessions.db.scalar(
            update(Session)
            .where(Session.id == who.session_id, Session.is_active.is_(True))
            .values(
                refresh_token=str(selector),
                refresh_token_hash=self.sessions.print_of(verifier),
                acr=acr.reached(amr),
                amr=amr,
                auth_time=now,
                confirmed_at=now,
            )
            .returning(Session.id)
            .execution_options(synchronize_session=False)
        )
        if lifted is None:
            raise NotSignedIn("the session has ended meanwhile")
        self._record(who, method)
        return cookie

    def _record(self, who: SignedIn, method: str, failure: str | None = None) -> None:
        self.sessions.endings.audit.record_signin(
            user_id=who.user_id,
            identifier=who.email,
            method=method,
            failure=failure,
            action="step_up",
        )
