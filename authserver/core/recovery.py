"""A forgotten password: ask for a link, look at it, set another password.

Asking is answered and costs the same for every address (C12).  Another password ends
every session and every token of the account (S2).
"""

from dataclasses import dataclass

from authserver.config import Settings
from authserver.core.audit import Audit, EventTag
from authserver.core.challenges import Challenges, Purpose
from authserver.core.letters import Letters
from authserver.core.passwords import Passwords
from authserver.core.sessions import Sessions
from authserver.core.users import DENIED_STATUSES, Users, normalise_email
from authserver.core.verification import Verification
from authserver.errors import ChallengeExpired
from authserver.models import Challenge, User

WAYS_IN = (Purpose.RESET_PASSWORD, Purpose.MAGIC_LINK, Purpose.SECOND_FACTOR)
"""What another password makes void: a thief may have begun it."""


@dataclass(frozen=True)
class Recovery:
    """Lets people back in who have lost their password."""

    settings: Settings
    users: Users
    passwords: Passwords
    sessions: Sessions
    challenges: Challenges
    verification: Verification
    letters: Letters
    audit: Audit

    def ask(self, email: str) -> None:
        """Send a link to an address, if an account that may be used has it.

        Raises:
            InvalidInput: It is no address.
        """
        address, ttl = normalise_email(email), self.settings.reset_ttl
        user = self.users.find_by_email(address)
        self.audit.record(EventTag.RESET_ASKED, user_id=user.id if user else None)
        may = user is not None and user.status not in DENIED_STATUSES
        has_room = self.letters.has_room(address)
        if user is not None and may and has_room:
            issued = self.challenges.issue(
                Purpose.RESET_PASSWORD, user.id, ttl=ttl, email=address
            )
            self.letters.reset_password(user, token=issued.token)
            return
        issued = self.challenges.pretend(Purpose.RESET_PASSWORD, ttl=ttl)
        nobody = self.users.nobody(address)
        self.letters.reset_password(nobody, token=issued.token, nobody=True)

    def look(self, token: str) -> Challenge:
        """Check a link without spending it: what a GET may do.

        Raises:
            ChallengeExpired: Unknown, spent or too old.
        """
        return self.challenges.look(Purpose.RESET_PASSWORD, token)

    def reset(self, token: str, password: str) -> User:
        """Set another password with the link, once, and sign out everywhere.

        The link has proved the address too: an account that waited for that becomes
        active, and nothing that was prepared in it stays.  A second factor stays.
        What we handed out ourselves to change a default password is taken as well.

        Raises:
            ChallengeExpired: The link is unknown, spent or too old.
            InvalidInput: The password is weak; the link stays good.
        """
        purpose, row = self._find(token)
        user = self.users.get(row.user_id)
        if user.status in DENIED_STATUSES:
            raise ChallengeExpired(f"user {user.id} is {user.status}")
        known = [user.email, user.username, user.full_name]
        self.passwords.check(password, context=known)
        self.challenges.redeem_token(purpose, token)
        self.verification.claim(user)
        self.passwords.replace(user, password)
        self.sessions.endings.signals.credential_changed(
            user.id, kind="password", change="update"
        )
        self.sessions.revoke_all(user.id, because="password reset")
        for way in WAYS_IN:
            self.challenges.revoke_all(way, user.id)
        return user

    def _find(self, token: str) -> tuple[Purpose, Challenge]:
        try:
            return Purpose.RESET_PASSWORD, self.look(token)
        except ChallengeExpired:
            return Purpose.SETUP, self.challenges.look(Purpose.SETUP, token)
