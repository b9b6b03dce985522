"""One-time secrets: issue, redeem once, expire.

A challenge is a link, a code, or both.  Only fingerprints are kept.  Every redemption
is one UPDATE that finds the row unspent, so of many at once one wins.
"""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, inspect, select, update
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.clock import Clock
from authserver.core.device import here
from authserver.core.purposes import Purpose
from authserver.crypto import opaque
from authserver.errors import ChallengeExpired, WrongCode
from authserver.models import Challenge
from authserver.models.nothing import nothing_into

__all__ = ["Challenge", "Challenges", "Issued", "Purpose"]

MAX_ATTEMPTS = 5
CODE_DIGITS = 6


@dataclass(frozen=True)
class Issued:
    """The secrets of a new challenge, told once."""

    row: Challenge
    token: str
    code: str


@dataclass(frozen=True)
class Challenges:
    """Issues and redeems."""

    db: scoped_session[DbSession]
    clock: Clock
    pepper: bytes

    def issue(
        self,
        purpose: Purpose,
        user_id: uuid.UUID,
        *,
        ttl: timedelta,
        email: str | None = None,
        interaction_id: uuid.UUID | None = None,
        **facts: Any,
    ) -> Issued:
        """Make a link and a code for one purpose, tied to the asking browser."""
        issued = self._make(
            purpose,
            user_id,
            ttl=ttl,
            email=email,
            interaction_id=interaction_id,
            facts=facts,
        )
        self.db.add(issued.row)
        return issued

    def pretend(self, purpose: Purpose, *, ttl: timedelta) -> Issued:
        """Do for nobody what ``issue`` does for somebody; nothing is kept (C12)."""
        issued = self._make(
            purpose, uuid.uuid4(), ttl=ttl, email=None, interaction_id=None, facts={}
        )
        made = {
            attribute.key: getattr(issued.row, attribute.key)
            for attribute in inspect(Challenge).column_attrs
        }
        self.db.execute(nothing_into(Challenge, made))
        return issued

    def _make(
        self,
        purpose: Purpose,
        user_id: uuid.UUID,
        *,
        ttl: timedelta,
        email: str | None,
        interaction_id: uuid.UUID | None,
        facts: dict[str, Any],
    ) -> Issued:
        selector, verifier, token = opaque.new_handle()
        code, device = opaque.new_code(CODE_DIGITS), here.get()
        row = Challenge(
            id=selector,
            user_id=user_id,
            token=str(selector),
            token_hash=self._print(verifier),
            code_hash=self._print_code(selector, code),
            token_type=purpose.value,
            email=email,
            created_at=self.clock.now(),
            expires_at=self.clock.now() + ttl,
            ip_address=device.ip,
            user_agent=device.user_agent,
            browser_hash=self._print(device.browser) if device.browser else None,
            interaction_id=interaction_id,
            extra=facts,
        )
        return Issued(row, token, code)

    def find(self, purpose: Purpose, handle: str) -> Challenge | None:
        """Look at a challenge by its public handle, spent or not."""
        try:
            key = uuid.UUID(handle)
        except (ValueError, AttributeError, TypeError):
            return None
        row = self.db.get(Challenge, key)
        return row if row is not None and row.token_type == purpose.value else None

    def look(self, purpose: Purpose, token: str) -> Challenge:
        """Check a link without spending it: what a GET may do.

        Raises:
            ChallengeExpired: Unknown, spent or too old.
        """
        row = self._by_token(purpose, token)
        if row.is_used or row.expires_at <= self.clock.now():
            raise ChallengeExpired(f"challenge {row.id} is spent or expired")
        return row

    def redeem_token(self, purpose: Purpose, token: str) -> Challenge:
        """Spend the link of a challenge.

        Raises:
            ChallengeExpired: Unknown, spent or too old.
        """
        return self._spend(self._by_token(purpose, token).id)

    def redeem_code(self, purpose: Purpose, handle: str, code: str) -> Challenge:
        """Spend the code of a challenge; five wrong tries end it.

        The try is counted before the code is compared, so that tries sent at the
        same moment cannot share one count.

        Raises:
            ChallengeExpired: Unknown, spent, too old, or tried too often.
            WrongCode: Another try is left.
        """
        row = self.find(purpose, handle)
        if row is None:
            raise ChallengeExpired("no such challenge")
        counted = self.db.scalar(
            update(Challenge)
            .where(
                Challenge.id == row.id,
                Challenge.is_used.is_(False),
                Challenge.expires_at > self.clock.now(),
                Challenge.attempts < MAX_ATTEMPTS,
            )
            .values(attempts=Challenge.attempts + 1)
            .returning(Challenge.id)
            .execution_options(synchronize_session=False)
        )
        if counted is None:
            raise ChallengeExpired(f"challenge {row.id} takes no more tries")
        typed = "".join(ch for ch in code if ch.isalnum())
        if not opaque.same(self._print_code(row.id, typed), row.code_hash or ""):
            raise WrongCode(f"wrong code for challenge {row.id}")
        return self._spend(row.id)

    def redeem_code_of(
        self, purpose: Purpose, user_id: uuid.UUID, code: str, *, bound: bool = False
    ) -> Challenge:
        """Spend the challenge of a user that a code fits, where no handle is known.

        The try counts for every open one of the user, before any is compared; if they
        are ``bound``, each opens in its own browser alone.  For nobody it costs the
        same.

        Raises:
            WrongCode: None fits; whether there is one is not said.
        """
        open_ones = self.db.scalars(
            update(Challenge)
            .where(
                Challenge.user_id == user_id,
                Challenge.token_type == purpose.value,
                Challenge.is_used.is_(False),
                Challenge.expires_at > self.clock.now(),
                Challenge.attempts < MAX_ATTEMPTS,
            )
            .values(attempts=Challenge.attempts + 1)
            .returning(Challenge)
            .execution_options(synchronize_session=False, populate_existing=True)
        ).all()
        typed = "".join(ch for ch in code if ch.isalnum())
        for row in open_ones:
            fits = opaque.same(self._print_code(row.id, typed), row.code_hash or "")
            may = not (bound and row.browser_hash) or self.is_from_this_browser(row)
            if fits and may and not row.extra.get("decoy"):
                return self._spend(row.id)
        raise WrongCode(f"no open challenge of {user_id} takes this code")

    def newest_open(self, purpose: Purpose, user_id: uuid.UUID) -> Challenge | None:
        """Give the latest of one purpose that is still open."""
        newest = self._open(purpose, user_id).order_by(Challenge.created_at.desc())
        return self.db.scalar(newest.limit(1))

    def has_rivals(self, purpose: Purpose, row: Challenge | None) -> bool:
        """Whether somebody else, by browser or else by address, has one open too."""
        mine = row or Challenge(user_id=uuid.uuid4())
        other = Challenge.browser_hash.is_distinct_from(mine.browser_hash)
        if mine.browser_hash is None:
            other |= Challenge.ip_address.is_distinct_from(mine.ip_address)
        rivals = self._open(purpose, mine.user_id).where(other).limit(1)
        return self.db.scalar(rivals) is not None

    def _open(self, purpose: Purpose, user_id: uuid.UUID) -> Select[Challenge]:
        return select(Challenge).where(
            Challenge.user_id == user_id,
            Challenge.token_type == purpose.value,
            Challenge.is_used.is_(False),
            Challenge.expires_at > self.clock.now(),
        )

    def look_here(self, purpose: Purpose, handle: str) -> Challenge:
        """Find by handle what this very browser began; its cookie is the secret.

        So no secret has to stand in the URL of a page.

        Raises:
            ChallengeExpired: Unknown, spent, too old, or another browser's.
        """
        row = self.find(purpose, handle)
        if row is None or not self.is_from_this_browser(row):
            raise ChallengeExpired("no such challenge in this browser")
        if row.is_used or row.expires_at <= self.clock.now():
            raise ChallengeExpired(f"challenge {row.id} is spent or expired")
        return row

    def spend(self, row: Challenge) -> Challenge:
        """Spend a challenge whose secret has been checked; of many at once one wins.

        Raises:
            ChallengeExpired: It is spent or too old.
        """
        return self._spend(row.id)

    def revoke_all(self, purpose: Purpose, user_id: uuid.UUID) -> None:
        """Spend what is still open of one purpose: a newer one takes its place."""
        self.db.execute(
            update(Challenge)
            .where(
                Challenge.user_id == user_id,
                Challenge.token_type == purpose.value,
                Challenge.is_used.is_(False),
            )
            .values(is_used=True, used_at=self.clock.now())
            .execution_options(synchronize_session=False)
        )

    def is_from_this_browser(self, row: Challenge) -> bool:
        """Whether the browser that asks is the one that began."""
        browser = here.get().browser
        return bool(browser) and opaque.same(
            self._print(browser or ""), row.browser_hash or ""
        )

    def _by_token(self, purpose: Purpose, token: str) -> Challenge:
        parts = opaque.split_handle(token)
        row = self.db.get(Challenge, parts[0]) if parts else None
        if parts is None or row is None or row.token_type != purpose.value:
            raise ChallengeExpired("no such challenge")
        if not opaque.same(self._print(parts[1]), row.token_hash):
            raise ChallengeExpired(f"wrong secret for challenge {row.id}")
        return row

    def _spend(self, challenge_id: uuid.UUID) -> Challenge:
        now = self.clock.now()
        row = self.db.scalar(
            update(Challenge)
            .where(
                Challenge.id == challenge_id,
                Challenge.is_used.is_(False),
                Challenge.expires_at > now,
            )
            .values(is_used=True, used_at=now)
            .returning(Challenge)
            .execution_options(synchronize_session=False, populate_existing=True)
        )
        if row is None:
            raise ChallengeExpired(f"challenge {challenge_id} is spent or expired")
        return row

    def _print(self, secret: str) -> str:
        return opaque.fingerprint(secret, key=self.pepper)

    def _print_code(self, selector: uuid.UUID, code: str) -> str:
        # Salted by the row: equal codes of two rows have different fingerprints.
        return opaque.fingerprint(f"{selector}:{code}", key=self.pepper)
