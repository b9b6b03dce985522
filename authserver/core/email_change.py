"""Another e-mail address: proved by the new one, and undone by the old one.

The new address gets a code and a link; until one of them comes back nothing changes.
Then the old address gets a link that undoes it for a week: whoever has taken over a
sign-in must not keep the account by it.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.config import Settings
from authserver.core.audit import Audit, EventTag
from authserver.core.challenges import Challenges, Purpose
from authserver.core.letters import Letters
from authserver.core.presence import Presence
from authserver.core.rescue import Rescue
from authserver.core.sessions import Sessions
from authserver.core.users import Users, normalise_email
from authserver.crypto import opaque
from authserver.errors import ChallengeExpired, Conflict, InvalidInput
from authserver.models import Challenge, User

UNDO_LIFE = timedelta(days=7)
TAKEN = "That address belongs to another account by now."
SENT_TO_THE_OLD = (Purpose.RESET_PASSWORD, Purpose.MAGIC_LINK, Purpose.VERIFY_EMAIL)
"""What was sent to an address dies with it: who reads that mailbox now is not known."""


@dataclass(frozen=True)
class Asked:
    """A change that waits for its proof."""

    email: str
    expires_at: datetime


@dataclass(frozen=True)
class EmailChanges:
    """Changes addresses, and undoes it."""

    db: scoped_session[DbSession]
    settings: Settings
    users: Users
    challenges: Challenges
    presence: Presence
    sessions: Sessions
    rescue: Rescue
    letters: Letters
    audit: Audit

    def ask(
        self,
        user_id: uuid.UUID,
        email: str,
        *,
        session_id: uuid.UUID | None,
        password: str | None = None,
    ) -> Asked:
        """Send a code and a link to the address that is to be the new one.

        An address that has an account already gets a letter that says so, and the
        answer is the same: nobody learns here who has an account (C12).

        Raises:
            InvalidInput: It is no address, or the one that is in use.
            StepUpNeeded: The last proof is too old, and no password came along.
            BadCredentials: The password is wrong.
        """
        user, address = self.users.get(user_id), normalise_email(email)
        if address == user.email:
            fault = "This is your address already."
            raise InvalidInput("same address", fields={"email": [fault]})
        self.presence.require(user_id, session_id, password=password)
        owner = self.users.find_by_email(address)
        self.challenges.revoke_all(Purpose.CHANGE_EMAIL, user.id)
        issued = self.challenges.issue(
            Purpose.CHANGE_EMAIL,
            user.id,
            ttl=self.settings.verification_ttl,
            email=address,
            decoy=not self.users.is_free("email", address, user),
        )
        self.audit.record(EventTag.EMAIL_CHANGE_ASKED, user_id=user.id)
        if issued.row.extra["decoy"]:
            if owner is not None:
                self.letters.account_exists(owner)
        else:
            self.letters.email_change_confirm(
                user, to=address, code=issued.code, token=issued.token
            )
        return Asked(address, issued.row.expires_at)

    def pending(self, user_id: uuid.UUID) -> Challenge | None:
        """Give the change that waits for its proof, a decoy as well."""
        return self.db.scalar(
            select(Challenge)
            .where(
                Challenge.user_id == user_id,
                Challenge.token_type == Purpose.CHANGE_EMAIL.value,
                Challenge.is_used.is_(False),
                Challenge.expires_at > self.challenges.clock.now(),
            )
            .order_by(Challenge.created_at.desc())
            .limit(1)
        )

    def finish(self, user_id: uuid.UUID, proof: str) -> User:
        """Change the address of whoever is signed in, by code or by the link's token.

        Raises:
            WrongCode: The code does not fit, or nothing waits.
            ChallengeExpired: The token is unknown, spent, too old or another user's.
            Conflict: The address has another account by now.
        """
        if opaque.split_handle(proof) is None:
            return self.finish_with_code(user_id, proof)
        if self.look(proof).user_id != user_id:
            raise ChallengeExpired(f"a link of another user than {user_id}")
        return self.finish_with_link(proof)

    def look(self, token: str) -> Challenge:
        """Check a link without using it: what a GET may do.

        Raises:
            ChallengeExpired: Unknown, spent or too old.
        """
        return self.challenges.look(Purpose.CHANGE_EMAIL, token)

    def finish_with_code(self, user_id: uuid.UUID, code: str) -> User:
        """Change the address by the code; five wrong tries end it.

        Raises:
            WrongCode: It does not fit, or nothing waits.
            Conflict: The address has another account by now.
        """
        row = self.challenges.redeem_code_of(Purpose.CHANGE_EMAIL, user_id, code)
        return self._finish(row)

    def finish_with_link(self, token: str) -> User:
        """Change the address by the link, in whichever browser it was opened.

        Raises:
            ChallengeExpired: Unknown, spent or too old.
            Conflict: The address has another account by now.
        """
        return self._finish(self.challenges.redeem_token(Purpose.CHANGE_EMAIL, token))

    def look_at_undo(self, token: str) -> Challenge:
        """Check the link that undoes a change, without using it.

        Raises:
            ChallengeExpired: Unknown, spent or too old.
        """
        return self.challenges.look(Purpose.UNDO_EMAIL, token)

    def undo(self, token: str) -> User:
        """Give the account its old address back, and end every sign-in.

        Whoever changed it may know the password as well: it goes, and the old address
        gets the way to another one.

        Raises:
            ChallengeExpired: Unknown, spent or too old.
            Conflict: The old address has another account by now.
        """
        row = self.challenges.redeem_token(Purpose.UNDO_EMAIL, token)
        user = self.users.get(row.user_id)
        self._set(user, row.email or "")
        self._end_later_undos(row)
        for purpose in (Purpose.CHANGE_EMAIL, *SENT_TO_THE_OLD):
            self.challenges.revoke_all(purpose, user.id)
        self.sessions.revoke_all(user.id, because="a change of address was undone")
        self.audit.record(EventTag.EMAIL_CHANGE_UNDONE, user_id=user.id)
        self.rescue.take_password(user)
        return user

    def _finish(self, row: Challenge) -> User:
        if row.extra.get("decoy"):
            raise ChallengeExpired("a decoy")
        user = self.users.get(row.user_id)
        old = user.email
        self._set(user, row.email or "")
        for purpose in SENT_TO_THE_OLD:
            self.challenges.revoke_all(purpose, user.id)
        undo = self.challenges.issue(
            Purpose.UNDO_EMAIL, user.id, ttl=UNDO_LIFE, email=old
        )
        self.audit.record(EventTag.EMAIL_CHANGED, user_id=user.id)
        self.letters.email_change_notice(
            user,
            to=old,
            new=masked(user.email),
            token=undo.token,
            valid_for=UNDO_LIFE,
        )
        return user

    def _set(self, user: User, address: str) -> None:
        """Two accounts may reach for one address at one moment: the table decides."""
        if not self.users.is_free("email", address, user):
            raise Conflict(f"the new address of {user.id} is taken", public=TAKEN)
        now = self.challenges.clock.now()
        user.email, user.updated_at = address, now
        user.is_email_verified, user.email_verified_at = True, now
        try:
            self.db.flush()
        except IntegrityError as fault:
            raise Conflict("taken at this moment", public=TAKEN) from fault

    def _end_later_undos(self, row: Challenge) -> None:
        """A later link was sent to an address that should never have been there."""
        self.db.execute(
            update(Challenge)
            .where(
                Challenge.user_id == row.user_id,
                Challenge.token_type == Purpose.UNDO_EMAIL.value,
                Challenge.is_used.is_(False),
                Challenge.created_at >= row.created_at,
            )
            .values(is_used=True, used_at=self.challenges.clock.now())
            .execution_options(synchronize_session=False)
        )


def masked(address: str) -> str:
    """Show enough of an address to know it again: ``a•••@example.com``."""
    name, _, host = address.partition("@")
    return f"{name[:1]}•••@{host}"
