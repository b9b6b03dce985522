"""Passwords: what is good enough, set, verify, upgrade the hash, lock."""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.clock import Clock
from authserver.config import Settings
from authserver.core.audit import Audit, EventTag
from authserver.core.letters import Letters
from authserver.crypto.password_hash import PasswordHasher
from authserver.errors import InvalidInput
from authserver.models import User

MIN_CLASSIC = 8
MIN_PHRASE = 15
MAX_LENGTH = 128
MIN_CONTEXT_WORD = 4


def is_classic(password: str) -> bool:
    """Whether it has 8 characters of four kinds (S3)."""
    kinds = (str.isupper, str.islower, str.isdigit, lambda ch: not ch.isalnum())
    has_all = all(any(kind(ch) for ch in password) for kind in kinds)
    return len(password) >= MIN_CLASSIC and has_all


def is_phrase(password: str) -> bool:
    """Whether it is long enough to need no composition (NIST SP 800-63B §5.1.1)."""
    return len(password) >= MIN_PHRASE


@dataclass(frozen=True)
class Passwords:
    """The policy of C26, and one Argon2id run for every try."""

    db: scoped_session[DbSession]
    settings: Settings
    clock: Clock
    hasher: PasswordHasher
    is_breached: Callable[[str], bool]
    audit: Audit
    letters: Letters

    def check(self, password: str, *, context: Iterable[str | None] = ()) -> None:
        """Refuse what is too weak.

        Args:
            password: What the person chose; never cut, never changed.
            context: Names and addresses that it must not be made of.

        Raises:
            InvalidInput: With the reason, at the field ``password``.
        """
        if fault := self._fault(password, context):
            raise InvalidInput("weak password", fields={"password": [fault]})

    def _fault(self, password: str, context: Iterable[str | None]) -> str | None:
        if len(password) > MAX_LENGTH:
            return "Use at most 128 characters."
        if self.is_breached(password):
            return "This password is known from leaks. Choose another one."
        classic, phrase = is_classic(password), is_phrase(password)
        policy = self.settings.password_policy
        good = {"classic": classic, "nist": phrase, "either": classic or phrase}
        if not good[policy]:
            return {
                "classic": "Use at least 8 characters with upper and lower case, "
                "a digit and a special character.",
                "nist": "Use at least 15 characters.",
                "either": "Use at least 15 characters; or 8 with upper and lower "
                "case, a digit and a special character.",
            }[policy]
        folded = password.casefold()
        for words in context:
            for word in (words or "").casefold().replace("@", " ").split():
                if len(word) >= MIN_CONTEXT_WORD and word in folded:
                    return "Do not use your name or address in the password."
        return None

    def hash(self, password: str) -> str:
        """Hash a password that has been checked."""
        return self.hasher.hash(password)

    def verify(self, user: User | None, password: str) -> bool:
        """Compare, with the same work whether or not there is such a user."""
        if user is None or not user.password_hash or len(password) > MAX_LENGTH:
            self.hasher.burn(password[:MAX_LENGTH])
            return False
        return self.hasher.verify(user.password_hash, password)

    def upgrade(self, user: User, password: str) -> None:
        """Replace a hash of an older kind, once its password has let somebody in (C1).

        Not sooner: on a locked account a second run would tell that it was right.
        """
        if user.password_hash and self.hasher.needs_rehash(user.password_hash):
            user.password_hash = self.hasher.hash(password)

    def replace(self, user: User, password: str) -> None:
        """Set a new password that has been checked; what locked the old one goes."""
        now = self.clock.now()
        user.password_hash = self.hasher.hash(password)
        user.last_password_change = user.updated_at = now
        user.must_change_password = False
        self.clear_failures(user)
        self.audit.record(EventTag.USER_PASSWORD_CHANGED, user_id=user.id)
        self.letters.password_changed(user)

    def is_locked(self, user: User | None) -> bool:
        """Whether the password of this user is locked for now (C5)."""
        if user is None or user.locked_until is None:
            return False
        return user.locked_until > self.clock.now()

    def count_failure(self, user: User | None) -> None:
        """Count a wrong password; the last one allowed locks it and tells the owner.

        One statement counts, so that tries at one moment each see their own number;
        for nobody it finds no row, and costs the same.
        """
        failures = self._failures(
            user.id if user else uuid.uuid4(),
            failed_login_attempts=User.failed_login_attempts + 1,
        )
        if user is None or failures is None or failures < self.settings.lock_after:
            return
        ends = self.clock.now() + self.settings.lock_time
        self._failures(user.id, failed_login_attempts=0, locked_until=ends)
        self.audit.record(EventTag.USER_PASSWORD_LOCKED, user_id=user.id)
        self.letters.account_locked(user)

    def _failures(self, user_id: uuid.UUID, **values: Any) -> int | None:
        return self.db.scalar(
            update(User)
            .where(User.id == user_id)
            # Counting says nothing new of the person: the claim `updated_at` stays.
            .values(updated_at=User.updated_at, **values)
            .returning(User.failed_login_attempts)
            .execution_options(synchronize_session=False)
        )

    def clear_failures(self, user: User) -> None:
        """Forget the failures: the right password has come."""
        if user.failed_login_attempts or user.locked_until:
            user.failed_login_attempts, user.locked_until = 0, None
