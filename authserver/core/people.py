"""Add people by an operator's hand, and see to it that there is an administrator."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.clock import Clock
from authserver.config import TRIAL_PASSWORD, Settings
from authserver.core.challenges import Challenges, Purpose
from authserver.core.letters import Letters
from authserver.core.passwords import Passwords
from authserver.core.users import Users, normalise_email
from authserver.errors import Conflict, InvalidInput
from authserver.models import Institution, Role, User, UserInstitution, UserRole

ADMIN_ROLES = ("super_admin", "admin")
SETUP_LIFE = timedelta(days=1)

COLUMN_OF = {"picture": "avatar_url", "phone_number": "phone", "zoneinfo": "timezone"}
"""Standard claims that have a column of their own."""

WORDS = {"email": "address", "username": "user name", "phone": "telephone number"}


@dataclass(frozen=True)
class People:
    """What operators do with users."""

    db: scoped_session[DbSession]
    clock: Clock
    settings: Settings
    users: Users
    passwords: Passwords
    challenges: Challenges
    letters: Letters

    def add(
        self,
        *,
        email: str,
        password: str | None = None,
        username: str | None = None,
        full_name: str | None = None,
        verified: bool = False,
        roles: Iterable[str] = (),
        institutions: Iterable[str] = (),
        claims: Mapping[str, Any] | None = None,
    ) -> User:
        """Add a person with all that belongs to one.

        Raises:
            Conflict: Address, user name or telephone is taken.
            InvalidInput: The password is weak, a claim is not what it should be, or
                a role does not exist.
        """
        told = dict(claims or {})
        self._check_free(
            email=normalise_email(email),
            username=told.get("preferred_username") or username,
            phone=told.get("phone_number"),
        )
        if password is not None:
            self.passwords.check(password, context=[email, username, full_name])
        user = self.users.register(
            email,
            password_hash=self.passwords.hash(password) if password else None,
            username=username,
            full_name=full_name,
            language=self.settings.default_language,
        )
        self._take_claims(user, told)
        if verified:
            self.users.mark_verified(user)
        self._join(user, roles, institutions)
        self.db.flush()
        return user

    def _check_free(self, **wanted: str | None) -> None:
        """Refuse by name what somebody else has, before anything is written."""
        for field, value in wanted.items():
            if not self.users.is_free(field, value, None):
                said = f"This {WORDS[field]} is taken."
                raise Conflict(f"{field} is taken", public=said)

    def _take_claims(self, user: User, claims: dict[str, Any]) -> None:
        for claim, column in COLUMN_OF.items():
            if claim in claims:
                setattr(user, column, claims.pop(claim))
        user.full_name = claims.pop("name", None) or user.full_name
        user.username = claims.pop("preferred_username", None) or user.username
        user.language = claims.pop("locale", None) or user.language
        if "birthdate" in claims:
            user.date_of_birth = _birthday(claims.pop("birthdate"))
        if claims.pop("phone_number_verified", False):
            user.is_phone_verified, user.phone_verified_at = True, self.clock.now()
        user.profile = claims

    def _join(
        self, user: User, roles: Iterable[str], institutions: Iterable[str]
    ) -> None:
        for name in roles:
            role = self.db.scalar(
                select(Role).where(func.lower(Role.name) == name.lower())
            )
            if role is None:
                raise InvalidInput(fields={"role": [f"There is no role {name}."]})
            self.db.add(
                UserRole(user_id=user.id, role_id=role.id, assigned_at=self.clock.now())
            )
        for code in institutions:
            place = self.db.scalar(
                select(Institution).where(func.lower(Institution.code) == code.lower())
            )
            if place is None:
                place = Institution(code=code, name=code)
                self.db.add(place)
                self.db.flush()
            self.db.add(UserInstitution(user_id=user.id, institution_id=place.id))

    def ensure_admin(self) -> str | None:
        """Make the first administrator; give a one-time link to set a password.

        Nothing happens where somebody holds an administrator's role already.  With
        ``ADMIN_PASSWORD`` there is no link; a default one must be changed (C22).
        """
        held = (
            select(UserRole.id)
            .join(Role, Role.id == UserRole.role_id)
            .where(func.lower(Role.name).in_(ADMIN_ROLES))
            .limit(1)
        )
        if self.db.scalar(held) is not None:
            return None
        chosen = self.settings
        user = self.users.register(
            chosen.admin_email,
            password_hash=(
                self.passwords.hash(chosen.admin_password)
                if chosen.admin_password
                else None
            ),
            username=chosen.admin_username,
            full_name=chosen.admin_name,
            language=chosen.default_language,
        )
        self.users.mark_verified(user)
        self._join(user, ADMIN_ROLES, chosen.admin_institutions)
        if chosen.admin_password:
            user.must_change_password = chosen.admin_password == TRIAL_PASSWORD
            return None
        issued = self.challenges.issue(
            Purpose.SETUP, user.id, ttl=SETUP_LIFE, email=user.email
        )
        self.db.flush()
        return self.letters.link("/setup", token=issued.token)

    def finish_setup(self, token: str, password: str) -> User:
        """Set the first password with the one-time link.

        Raises:
            ChallengeExpired: The link is spent or too old.
            InvalidInput: The password is weak; the link stays good.
        """
        row = self.challenges.look(Purpose.SETUP, token)
        user = self.users.get(row.user_id)
        self.passwords.check(password, context=[user.email, user.username])
        self.challenges.redeem_token(Purpose.SETUP, token)
        user.password_hash = self.passwords.hash(password)
        user.last_password_change = self.clock.now()
        user.must_change_password = False
        return user


def _birthday(text: Any) -> date:
    """Read a day as OIDC Core §5.1 writes it."""
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError):
        fault = "Write the day of birth as 1990-12-31."
        raise InvalidInput("no date", fields={"birthdate": [fault]}) from None
