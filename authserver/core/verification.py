"""Prove an address: by code or by link, again, and whose account it is then (C10).

What a try to sign up brought (password, names) belongs to that try and is taken over
when its own code comes back: a stranger cannot prepare an account for somebody else's
address.  Where nobody can tell whose tries they were, no password is taken over.
"""

import uuid
from dataclasses import dataclass

from authserver.config import Settings
from authserver.core.audit import Audit, EventTag
from authserver.core.challenges import Challenges, Issued, Purpose
from authserver.core.cpf import Cpfs
from authserver.core.letters import Letters
from authserver.core.limiter import Limiter
from authserver.core.passwords import Passwords
from authserver.core.sessions import Sessions
from authserver.core.users import Users, counted_as, normalise_email
from authserver.crypto import opaque
from authserver.errors import ChallengeExpired, Conflict, InvalidInput, WrongCode
from authserver.models import Challenge, User

CODE_LIMIT = "code:account"
WHOSE_CODE = "Send the address that the code was sent to."
NOT_RIGHT = "That code is not right, or not valid any more. Ask for a new one."


@dataclass(frozen=True)
class Verification:
    """From an address that somebody typed to one that is theirs."""

    settings: Settings
    users: Users
    passwords: Passwords
    cpfs: Cpfs
    sessions: Sessions
    challenges: Challenges
    letters: Letters
    limiter: Limiter
    audit: Audit

    def resend(self, handle: str) -> Challenge:
        """Send a new code and link; the old ones end.  Gives the new challenge.

        Where the address has had its letters, the old ones stay good.

        Raises:
            ChallengeExpired: There is no such challenge.
        """
        row = self.challenges.find(Purpose.VERIFY_EMAIL, handle)
        if row is None:
            raise ChallengeExpired("no such challenge")
        user = self.users.get(row.user_id)
        facts = dict(row.extra)
        if not self.letters.has_room(row.email or user.email):
            return row
        row.is_used, row.used_at = True, self.challenges.clock.now()
        issued = self._challenge(
            user, row.email or user.email, row.interaction_id, **facts
        )
        if not facts.get("decoy"):
            self._write(user, issued)
        return issued.row

    def resend_to(self, email: str) -> None:
        """Send a new code and link to an address, if it waits to be verified.

        Nobody is told whether it does: the work is the same (C12).

        Raises:
            InvalidInput: It is no address.
        """
        address = normalise_email(email)
        user = self.users.find_by_email(address)
        has_room = self.letters.has_room(address)
        last = self.challenges.newest_open(
            Purpose.VERIFY_EMAIL, user.id if user else uuid.uuid4()
        )
        contested = self.challenges.has_rivals(Purpose.VERIFY_EMAIL, last)
        self.audit.record(
            EventTag.VERIFICATION_ASKED, user_id=user.id if user else None
        )
        if user is not None and user.waits_for_proof and has_room:
            self._write(user, self._another(user, last, contested=contested))
            return
        ttl = self.settings.verification_ttl
        issued = self.challenges.pretend(Purpose.VERIFY_EMAIL, ttl=ttl)
        self._write(self.users.nobody(address), issued, to=address, nobody=True)

    def _another(
        self, user: User, last: Challenge | None, *, contested: bool
    ) -> Issued:
        """Follow on the last try, as the same party's; or on none, if there are more.

        Whoever asks for another letter need not be the one who signed up.
        """
        facts = {"contested": True} if contested else dict(last.extra if last else {})
        issued = self._challenge(user, user.email, None, **facts)
        if last is not None:
            issued.row.browser_hash = last.browser_hash
            issued.row.ip_address = last.ip_address
        return issued

    def ask_again(
        self, user: User, *, interaction_id: uuid.UUID | None = None
    ) -> Challenge:
        """Start verification for somebody who signed in before verifying."""
        issued = self._challenge(user, user.email, interaction_id)
        self._write(user, issued)
        return issued.row

    def finish(self, secret: str, *, email: str | None) -> tuple[User, Challenge]:
        """Verify by whichever of a letter's two secrets somebody has (C10, C13).

        Args:
            secret: The token of the link, or the code.
            email: The address; a code is nothing without it.

        Raises:
            InvalidInput: A code came without its address.
            ChallengeExpired: The link is unknown, spent or too old.
            WrongCode: The code does not fit, or is not valid any more.
        """
        if opaque.split_handle(secret) is not None:
            return self.finish_with_link(secret)
        if email is None:
            raise InvalidInput(fields={"email": [WHOSE_CODE]})
        return self.finish_of_address(email, secret)

    def finish_with_code(self, handle: str, code: str) -> tuple[User, Challenge]:
        """Verify the address by the code.

        Raises:
            ChallengeExpired: Ask for a new one.
            WrongCode: Another try is left.
        """
        return self._finish(
            self.challenges.redeem_code(Purpose.VERIFY_EMAIL, handle, code)
        )

    def finish_of_address(self, email: str, code: str) -> tuple[User, Challenge]:
        """Verify the address by the code, where no handle is known (S1).

        One refusal says all: whether the address is known stays unsaid.

        Raises:
            WrongCode: It does not fit, or is not valid any more.
            TooManyTries: The address has had its tries.
        """
        user = self.users.find_by_email(email)
        key = counted_as(email)
        self.limiter.hit(CODE_LIMIT, key)
        try:
            row = self.challenges.redeem_code_of(
                Purpose.VERIFY_EMAIL, user.id if user else uuid.uuid4(), code
            )
        except WrongCode as refusal:
            raise WrongCode(refusal.detail, public=NOT_RIGHT) from None
        self.limiter.clear(CODE_LIMIT, key)
        return self._finish(row)

    def finish_with_link(self, token: str) -> tuple[User, Challenge]:
        """Verify the address by the link.

        Raises:
            ChallengeExpired: Ask for a new one.
        """
        return self._finish(self.challenges.redeem_token(Purpose.VERIFY_EMAIL, token))

    def claim(self, user: User) -> None:
        """Verify the address for somebody who has proved it in another way.

        Nothing of what was prepared here before is known to be theirs: a password
        goes, and whoever came in with it.
        """
        if user.is_email_verified:
            return
        user.password_hash = None
        self._verify(user, save=None)

    def _finish(self, row: Challenge) -> tuple[User, Challenge]:
        user = self.users.get(row.user_id)
        if row.extra.get("decoy"):
            raise ChallengeExpired("a decoy")
        if not user.is_email_verified:
            self._take_over(user, row)
        begun = row.extra.get("session_id")
        self._verify(user, save=uuid.UUID(begun) if begun else None)
        return user, row

    def _verify(self, user: User, *, save: uuid.UUID | None) -> None:
        if not user.is_email_verified:
            why = "the address was verified elsewhere"
            self.sessions.revoke_all(user.id, because=why, save=save)
        self.users.mark_verified(user)
        self.challenges.revoke_all(Purpose.VERIFY_EMAIL, user.id)

    def _take_over(self, user: User, row: Challenge) -> None:
        """Give the account what this try brought; what is taken meanwhile is left."""
        facts = row.extra
        if facts.get("contested"):
            user.password_hash = None
        if "password_hash" not in facts:
            return
        user.password_hash = facts["password_hash"]
        user.last_password_change = self.challenges.clock.now()
        user.full_name = facts.get("full_name")
        name, phone = facts.get("username"), facts.get("phone")
        user.username = name if self.users.is_free("username", name, user) else None
        user.phone = phone if self.users.is_free("phone", phone, user) else None
        try:
            number = self.cpfs.open(user.id, facts.get("cpf_sealed"))
            self.cpfs.assign(user, number)
        except Conflict:
            self.cpfs.assign(user, None)

    def _challenge(
        self,
        user: User,
        address: str,
        interaction_id: uuid.UUID | None,
        **facts: object,
    ) -> Issued:
        return self.challenges.issue(
            Purpose.VERIFY_EMAIL,
            user.id,
            ttl=self.settings.verification_ttl,
            email=address,
            interaction_id=interaction_id,
            **facts,
        )

    def _write(
        self, user: User, issued: Issued, *, to: str | None = None, nobody: bool = False
    ) -> None:
        self.letters.verify_email(
            user,
            to=to or issued.row.email or user.email,
            code=issued.code,
            token=issued.token,
            name=issued.row.extra.get("full_name"),
            nobody=nobody,
        )
