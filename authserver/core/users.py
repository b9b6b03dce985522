"""People: register, find, verify, suspend."""

import unicodedata
import uuid
from dataclasses import dataclass
from typing import Any

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.clock import Clock
from authserver.core.audit import Audit, EventTag
from authserver.errors import Conflict, InvalidInput, NotFound
from authserver.models import User
from authserver.models.inserts import insert_into
from authserver.models.prepared import PREPARED

MAX_NAME = 200
DENIED_STATUSES = frozenset({"locked", "disabled", "deleted"})

_living = select(User).where(User.deleted_at.is_(None)).execution_options(**PREPARED)
_by_email = _living.where(User.email == bindparam("email"))
_by_username = _living.where(func.lower(User.username) == bindparam("username"))


def normalise_email(address: str) -> str:
    """Give the one spelling under which an address is stored and found.

    The case of the local part is folded too: no provider of note keeps it apart, and
    two accounts that differ by case are a trap for people.

    Raises:
        InvalidInput: It is no address.
    """
    try:
        parts = validate_email(
            address.strip(), check_deliverability=False, test_environment=True
        )
    except EmailNotValidError:
        fault = "Enter an email address, such as name@example.com."
        raise InvalidInput("not an address", fields={"email": [fault]}) from None
    return parts.normalized.casefold()


def counted_as(typed: str) -> str:
    """Give the name under which tries are counted: all spellings of one are one."""
    try:
        return normalise_email(typed)
    except InvalidInput:
        return typed.strip().casefold()


def clean_name(name: str | None) -> str | None:
    """Trim a name and drop control characters; None when nothing is left.

    Raises:
        InvalidInput: It is longer than a name can be.
    """
    kept = "".join(
        ch for ch in name or "" if unicodedata.category(ch) not in ("Cc", "Cs")
    )
    kept = " ".join(kept.split())
    if len(kept) > MAX_NAME:
        fault = "Use at most 200 characters."
        raise InvalidInput("name too long", fields={"full_name": [fault]})
    return kept or None


@dataclass(frozen=True)
class Users:
    """The registry of people."""

    db: scoped_session[DbSession]
    clock: Clock
    audit: Audit

    def get(self, user_id: uuid.UUID) -> User:
        """Give a user who exists and is not deleted.

        Raises:
            NotFound: Nobody by that id.
        """
        user = self.db.get(User, user_id)
        if user is None or user.deleted_at is not None:
            raise NotFound(f"no user {user_id}")
        return user

    def find_by_email(self, address: str) -> User | None:
        """Find by address, in whatever spelling; a deleted user is not found."""
        try:
            email = normalise_email(address)
        except InvalidInput:
            return None
        return self.db.scalar(_by_email, {"email": email})

    def find_by_identifier(self, identifier: str) -> User | None:
        """Find by address or user name: what a person types to sign in (C13)."""
        typed = identifier.strip()
        if "@" in typed:
            return self.find_by_email(typed)
        if not typed or "\x00" in typed:
            return None
        return self.db.scalar(_by_username, {"username": typed.lower()})

    def register(
        self,
        email: str,
        *,
        password_hash: str | None,
        full_name: str | None = None,
        username: str | None = None,
        language: str = "pt-BR",
        **columns: Any,
    ) -> User:
        """Add a person, not yet verified.

        Raises:
            Conflict: The address or user name is taken.
        """
        address = normalise_email(email)
        taken = [User.email == address]
        if username:
            taken.append(func.lower(User.username) == username.lower())
        if self.db.scalar(select(User.id).where(or_(*taken)).limit(1)) is not None:
            raise Conflict("address or user name is taken")
        now = self.clock.now()
        user = User(
            id=uuid.uuid4(),
            email=address,
            username=username,
            full_name=clean_name(full_name),
            password_hash=password_hash,
            language=language,
            last_password_change=now if password_hash else None,
            created_at=now,
            updated_at=now,
            **columns,
        )
        self.db.add(user)
        self.db.flush()
        self.audit.record(EventTag.USER_SIGNED_UP, user_id=user.id)
        return user

    def find_or_add(
        self, email: str, *, password_hash: str | None, **columns: Any
    ) -> tuple[User, bool]:
        """Give the user of an address, and whether they were added just now.

        One statement adds or does nothing, so that of many at one moment one adds;
        and it is sent for a known address as for an unknown one (C12).  A deleted
        user is found too: the address is theirs until it is made anonymous.

        Raises:
            Conflict: Another user has one of the columns.
        """
        address, now = normalise_email(email), self.clock.now()
        added = self.db.scalar(
            insert_into(self.db, User)
            .values(
                id=uuid.uuid4(),
                email=address,
                password_hash=password_hash,
                last_password_change=now if password_hash else None,
                created_at=now,
                updated_at=now,
                **columns,
            )
            .on_conflict_do_nothing()
            .returning(User.id)
        )
        user = self.db.scalar(select(User).where(User.email == address))
        if user is None:
            raise Conflict("a unique column is taken")
        if added is not None:
            self.audit.record(EventTag.USER_SIGNED_UP, user_id=user.id)
        else:
            self.audit.record(EventTag.USER_SIGNUP_REPEATED, user_id=user.id)
        return user, added is not None

    def is_free(self, field: str, value: str | None, but: User | None) -> bool:
        """Whether nobody else has this address, user name or number.

        Args:
            field: ``email``, ``username`` or ``phone``.
            value: In its written form; None is always free.
            but: Who may have it.
        """
        if value is None:
            return True
        owner = self.db.scalar(
            select(User.id).where(getattr(User, field) == value).limit(1)
        )
        return owner is None or (but is not None and owner == but.id)

    def nobody(self, address: str) -> User:
        """Give a user who is not there, for letters that go to nobody (C12)."""
        return User(id=uuid.uuid4(), email=address, language="en")

    def mark_verified(self, user: User) -> None:
        """Note that the address has been proved; a pending account becomes active."""
        now = self.clock.now()
        user.is_email_verified = True
        user.email_verified_at = user.email_verified_at or now
        if user.status == "pending_verification":
            user.status = "active"
        user.updated_at = now
        self.audit.record(EventTag.USER_EMAIL_VERIFIED, user_id=user.id)
