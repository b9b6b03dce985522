"""Sign up and verify the address, without telling who has an account."""

import uuid
from dataclasses import dataclass

from authserver.config import Settings
from authserver.core.challenges import Challenges, Issued, Purpose
from authserver.core.device import here
from authserver.core.letters import Letters
from authserver.core.passwords import Passwords
from authserver.core.users import Users, clean_name, normalise_email
from authserver.errors import ChallengeExpired, InvalidInput
from authserver.models import Challenge, User


@dataclass(frozen=True)
class SignUp:
    """From an address that somebody typed to one that is theirs."""

    settings: Settings
    users: Users
    passwords: Passwords
    challenges: Challenges
    letters: Letters

    def register(
        self,
        *,
        email: str,
        password: str,
        full_name: str | None = None,
        interaction_id: uuid.UUID | None = None,
    ) -> Challenge:
        """Begin an account and give the challenge whose handle goes into the URL.

        Whoever has an account already gets a letter that says so, and the page is the
        same (C12).  The password belongs to *this* try: it is set when this try's own
        code comes back, so that a stranger cannot prepare an account for somebody
        else's address with a password of theirs.

        Raises:
            InvalidInput: A field is wrong.
        """
        address = self._check(email, password, full_name)
        secret = self.passwords.hash(password)
        user = self.users.find_by_email(address)
        if user is not None and user.is_email_verified:
            self.letters.account_exists(user)
            # A challenge that nobody was told the secrets of: any code is wrong.
            return self._challenge(user, address, interaction_id, decoy=True).row
        if user is None:
            user = self.users.register(
                address,
                password_hash=secret,
                full_name=full_name,
                language=here.get().language,
            )
        issued = self._challenge(
            user,
            address,
            interaction_id,
            password_hash=secret,
            full_name=clean_name(full_name),
        )
        self._write(user, issued)
        return issued.row

    def _check(self, email: str, password: str, full_name: str | None) -> str:
        """Check all fields, so that all faults come back at once."""
        fields: dict[str, list[str]] = {}
        address = ""
        try:
            address = normalise_email(email)
        except InvalidInput as fault:
            fields |= fault.fields
        try:
            clean_name(full_name)
        except InvalidInput as fault:
            fields |= fault.fields
        try:
            self.passwords.check(password, context=[email, full_name])
        except InvalidInput as fault:
            fields |= fault.fields
        if fields:
            raise InvalidInput(fields=fields)
        return address

    def resend(self, handle: str) -> Challenge:
        """Send a new code and link; the old ones end.  Gives the new challenge."""
        row = self.challenges.find(Purpose.VERIFY_EMAIL, handle)
        if row is None:
            raise ChallengeExpired("no such challenge")
        user = self.users.get(row.user_id)
        facts = dict(row.extra)
        row.is_used, row.used_at = True, self.challenges.clock.now()
        issued = self._challenge(
            user, row.email or user.email, row.interaction_id, **facts
        )
        if not facts.get("decoy"):
            self._write(user, issued)
        return issued.row

    def ask_again(
        self, user: User, *, interaction_id: uuid.UUID | None = None
    ) -> Challenge:
        """Start verification for somebody who signed in before verifying."""
        issued = self._challenge(user, user.email, interaction_id)
        self._write(user, issued)
        return issued.row

    def finish_with_code(self, handle: str, code: str) -> tuple[User, Challenge]:
        """Verify the address by the code.

        Raises:
            ChallengeExpired: Ask for a new one.
            WrongCode: Another try is left.
        """
        return self._finish(
            self.challenges.redeem_code(Purpose.VERIFY_EMAIL, handle, code)
        )

    def finish_with_link(self, token: str) -> tuple[User, Challenge]:
        """Verify the address by the link.

        Raises:
            ChallengeExpired: Ask for a new one.
        """
        return self._finish(self.challenges.redeem_token(Purpose.VERIFY_EMAIL, token))

    def _finish(self, row: Challenge) -> tuple[User, Challenge]:
        user = self.users.get(row.user_id)
        if row.extra.get("decoy"):
            raise ChallengeExpired("a decoy")
        if not user.is_email_verified and (secret := row.extra.get("password_hash")):
            user.password_hash = secret
            user.full_name = row.extra.get("full_name") or user.full_name
        self.users.mark_verified(user)
        self.challenges.revoke_all(Purpose.VERIFY_EMAIL, user.id)
        return user, row

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

    def _write(self, user: User, issued: Issued) -> None:
        self.letters.verify_email(
            user,
            to=issued.row.email or user.email,
            code=issued.code,
            token=issued.token,
            name=issued.row.extra.get("full_name"),
        )
