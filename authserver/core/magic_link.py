"""Sign in by mail: a link and a code, for fifteen minutes, once.

Where the one who asks has shown our cookie, the letter opens in that browser alone: a
link that is forwarded or stolen from a mailbox is worth nothing elsewhere.
"""

import uuid
from dataclasses import dataclass

from authserver.config import Settings
from authserver.core.audit import Audit, EventTag
from authserver.core.challenges import Challenges, Purpose
from authserver.core.letters import Letters
from authserver.core.limiter import Limiter
from authserver.core.signin import SignIn
from authserver.core.users import (
    DENIED_STATUSES,
    Users,
    counted_as,
    normalise_email,
)
from authserver.core.verification import (
    CODE_LIMIT,
    NOT_RIGHT,
    WHOSE_CODE,
    Verification,
)
from authserver.crypto import opaque
from authserver.errors import ChallengeExpired, InvalidInput, WrongCode
from authserver.models import Challenge, Session

METHOD = "magic_link"
BY_MAIL = ["otp"]
"""RFC 8176 has no word for mail; a one-time password is what the letter holds."""
ELSEWHERE = "Open the link in the browser in which you asked for it."


@dataclass(frozen=True)
class MagicLink:
    """Signs people in by mail."""

    settings: Settings
    users: Users
    challenges: Challenges
    verification: Verification
    signin: SignIn
    letters: Letters
    limiter: Limiter
    audit: Audit

    def ask(
        self,
        email: str,
        *,
        interaction_id: uuid.UUID | None = None,
        app: str | None = None,
    ) -> Challenge:
        """Send a link and a code to an address, if an account that may be used has it.

        Gives a challenge in both cases; its handle tells nothing.

        Args:
            email: As typed.
            interaction_id: The authorization request that waits.
            app: The name of the client that waits, for the letter.

        Raises:
            InvalidInput: It is no address.
        """
        address, ttl = normalise_email(email), self.settings.magic_link_ttl
        user = self.users.find_by_email(address)
        self.audit.record(EventTag.MAGIC_LINK_ASKED, user_id=user.id if user else None)
        may = user is not None and user.status not in DENIED_STATUSES
        has_room = self.letters.has_room(address)
        if user is not None and may and has_room:
            issued = self.challenges.issue(
                Purpose.MAGIC_LINK,
                user.id,
                ttl=ttl,
                email=address,
                interaction_id=interaction_id,
            )
            self.letters.magic_link(user, token=issued.token, code=issued.code, app=app)
            return issued.row
        issued = self.challenges.pretend(Purpose.MAGIC_LINK, ttl=ttl)
        self.letters.magic_link(
            self.users.nobody(address),
            token=issued.token,
            code=issued.code,
            app=app,
            nobody=True,
        )
        return issued.row

    def look(self, token: str) -> Challenge:
        """Check a link without spending it: what a GET may do.

        Raises:
            ChallengeExpired: Unknown, spent or too old.
        """
        return self.challenges.look(Purpose.MAGIC_LINK, token)

    def enter(
        self, secret: str, *, email: str | None, remember: bool, kind: str
    ) -> tuple[Session, str]:
        """Sign in by whichever of the letter's two secrets somebody has.

        Raises:
            InvalidInput: A code came without its address.
            ChallengeExpired: The link is unknown, spent, or another browser's.
            WrongCode: The code does not fit, or is not valid any more.
        """
        if opaque.split_handle(secret) is not None:
            return self.enter_with_link(secret, remember=remember, kind=kind)
        if email is None:
            raise InvalidInput(fields={"email": [WHOSE_CODE]})
        return self.enter_with_code(email, secret, remember=remember, kind=kind)

    def enter_with_link(
        self, token: str, *, remember: bool, kind: str = "browser"
    ) -> tuple[Session, str]:
        """Sign in by the link.

        Raises:
            ChallengeExpired: Unknown, spent, too old, or another browser's.
            SecondFactorNeeded: Right, and a second proof is due.
            AccountSuspended: Right, but the account may not be used.
        """
        row = self.look(token)
        if row.browser_hash and not self.challenges.is_from_this_browser(row):
            raise ChallengeExpired(
                f"challenge {row.id} is another browser's", public=ELSEWHERE
            )
        spent = self.challenges.redeem_token(Purpose.MAGIC_LINK, token)
        return self._enter(spent, remember=remember, kind=kind)

    def enter_with_code(
        self, email: str, code: str, *, remember: bool, kind: str = "browser"
    ) -> tuple[Session, str]:
        """Sign in by the code of the letter, typed where the link was asked for.

        Raises:
            WrongCode: It does not fit, or is not valid any more.
            TooManyTries: The address has had its tries.
        """
        user, key = self.users.find_by_email(email), counted_as(email)
        self.limiter.hit(CODE_LIMIT, key)
        try:
            asked = user.id if user else uuid.uuid4()
            row = self.challenges.redeem_code_of(
                Purpose.MAGIC_LINK, asked, code, bound=True
            )
        except WrongCode as refusal:
            self.audit.record_signin(
                user_id=user.id if user else None,
                identifier=email,
                method=METHOD,
                failure="wrong code",
            )
            raise WrongCode(refusal.detail, public=NOT_RIGHT) from None
        self.limiter.clear(CODE_LIMIT, key)
        return self._enter(row, remember=remember, kind=kind)

    def _enter(
        self, row: Challenge, *, remember: bool, kind: str
    ) -> tuple[Session, str]:
        user = self.users.get(row.user_id)
        if user.status not in DENIED_STATUSES:
            self.verification.claim(user)
        self.challenges.revoke_all(Purpose.MAGIC_LINK, user.id)
        return self.signin.with_proof(
            user, method=METHOD, amr=BY_MAIL, remember=remember, kind=kind
        )
