"""A person's own account: shown to them alone, and changed by them (C16, C25, C36)."""

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from babel.dates import get_timezone
from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.clock import Clock
from authserver.config import Settings
from authserver.core import claims, subjects
from authserver.core.audit import Audit, EventTag
from authserver.core.cpf import TAKEN as CPF_TAKEN
from authserver.core.cpf import Cpfs, masked
from authserver.core.personal import clean_cpf, clean_phone, clean_username, gather
from authserver.core.subjects import Subject
from authserver.core.users import Users, clean_name
from authserver.errors import Conflict, InvalidInput
from authserver.models import User
from authserver.models.constants import Constant

LONGEST_URL = 2048
OLDEST = date(1900, 1, 1)
NOT_BORN = "Enter a date of birth, such as 1990-12-31."
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")  # RFC 5646 §2.1
_ZONE = re.compile(r"[A-Za-z0-9_+-]{1,32}(?:/[A-Za-z0-9_+-]{1,32}){0,2}")
_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]+\]")

_for_owner = Constant(
    select(*subjects.owner_columns, User.deleted_at).where(
        User.id == bindparam("user_id")
    )
)
_SHOWN = (
    *("email_verified_at", "phone_verified_at", "failed_login_attempts"),
    *("locked_until", "last_password_change", "mfa_enabled", "last_login_at"),
    *("last_seen_at", "created_at", "deleted_at"),
)
"""What is told as it was read."""


@dataclass(frozen=True)
class Profiles:
    """Shows and changes accounts for those whose they are."""

    db: scoped_session[DbSession]
    clock: Clock
    settings: Settings
    users: Users
    cpfs: Cpfs
    audit: Audit

    def view(
        self, subject: Subject, row: Any, permissions: frozenset[str]
    ) -> dict[str, Any]:
        """Give all of an account that its owner may see.

        ``user`` has the 26 keys of the older service, the secrets among them always
        null (C16); the lock's counters are the owner's to know (C36).

        Args:
            subject: The caller.
            row: The caller's ``subjects.owner_columns``, read with the token.
            permissions: What the caller's roles permit.
        """
        user = {
            "id": subject.id,
            "email": subject.email,
            "phone": subject.phone,
            "username": subject.username,
            "full_name": subject.full_name,
            "avatar_url": subject.avatar_url,
            "date_of_birth": subject.date_of_birth,
            "status": subject.status,
            "is_email_verified": subject.is_email_verified,
            "is_phone_verified": subject.is_phone_verified,
            "mfa_secret": None,
            "mfa_backup_codes": None,
            "language": subject.language,
            "timezone": subject.timezone,
            "metadata": row.extra or {},
            "updated_at": subject.updated_at,
        }
        shown = {name: getattr(row, name) for name in _SHOWN}
        return {
            "user": user | shown,
            "roles": claims.cased(subject.roles, self.settings.role_case),
            "permissions": sorted(permissions),
            "institutions": list(subject.institutions),
            "cpf": masked(self.cpfs.open(subject.id, row.cpf_sealed)),
            # What another older service calls the same (C19).
            "display_name": subject.full_name,
            "is_active": subject.status == "active",
            "email_verified": subject.is_email_verified,
        }

    def view_changed(
        self, user_id: uuid.UUID, permissions: frozenset[str]
    ) -> dict[str, Any]:
        """The same inside the transaction that has just changed it."""
        subject = subjects.load(self.db, user_id)
        row = _for_owner.first(self.db, {"user_id": user_id})
        return self.view(subject, row, permissions)

    def change(self, user_id: uuid.UUID, wishes: Mapping[str, Any]) -> None:
        """Change some fields; all faults come back at once, and then nothing changes.

        Args:
            user_id: Whose.
            wishes: Among ``full_name``, ``avatar_url``, ``phone``, ``language``,
                ``timezone``, ``username``, ``date_of_birth`` and ``cpf``; what is
                not named stays, and None takes a value away.

        Raises:
            InvalidInput: Some are not what they should be; by field.
            Conflict: User name, number or CPF is somebody else's; by field.
        """
        user = self.users.get(user_id)
        clean = self._clean(wishes)
        self._refuse_taken(user, clean)
        changed = sorted(
            name
            for name in clean
            if name == "cpf" or getattr(user, name) != clean[name]
        )
        if "cpf" in clean:
            self.cpfs.assign(user, clean.pop("cpf"))
        if "phone" in changed:
            user.is_phone_verified, user.phone_verified_at = False, None
        for name, value in clean.items():
            setattr(user, name, value)
        if not changed:
            return
        user.updated_at = self.clock.now()
        self.audit.record(EventTag.PROFILE_CHANGED, user_id=user.id, fields=changed)
        self._write(changed)

    def _write(self, changed: list[str]) -> None:
        """Two who take one name at one moment both saw it free: the table decides."""
        try:
            self.db.flush()
        except IntegrityError as fault:
            raise _taken(changed) from fault

    def _clean(self, wishes: Mapping[str, Any]) -> dict[str, Any]:
        faults: dict[str, list[str]] = {}
        clean: dict[str, Any] = {}
        for name, given in wishes.items():
            clean[name] = gather(faults, _bound(CHECKS[name], given))
        born = clean.get("date_of_birth")
        if born is not None and born > self.clock.now().date():
            faults["date_of_birth"] = [NOT_BORN]
        if faults:
            raise InvalidInput(fields=faults)
        return clean

    def _refuse_taken(self, user: User, clean: Mapping[str, Any]) -> None:
        taken = [
            name
            for name in ("username", "phone")
            if name in clean and not self.users.is_free(name, clean[name], user)
        ]
        owner = self.cpfs.find(clean["cpf"]) if clean.get("cpf") else None
        if owner is not None and owner != user.id:
            taken.append("cpf")
        if taken:
            raise _taken(taken)


SAID = {
    "username": "That user name is taken.",
    "phone": "That number belongs to another account.",
    "cpf": CPF_TAKEN,
}


def _taken(names: list[str]) -> Conflict:
    refusal = Conflict(f"taken: {names}")
    refusal.fields = {name: [SAID[name]] for name in names if name in SAID}
    return refusal


def _bound(check: Callable[[Any], Any], given: Any) -> Callable[[], Any]:
    return lambda: check(given)


def clean_url(url: str | None) -> str | None:
    """Give the address of a picture; https alone, so that no page is made unsafe.

    Raises:
        InvalidInput: It is none.
    """
    if not url:
        return None
    try:
        parts = urlsplit(url)
        host, name = parts.netloc.rpartition(":")[0] or parts.netloc, parts.username
    except ValueError:
        host = name = ""
        parts = None
    is_plain = all("!" <= ch <= "~" and ch not in "\\<>\"'" for ch in url)
    is_https = parts is not None and parts.scheme == "https" and not name
    if len(url) > LONGEST_URL or not (is_plain and is_https and _HOST.fullmatch(host)):
        fault = "Enter an https address, such as https://example.com/me.png."
        raise InvalidInput("not an https URL", fields={"avatar_url": [fault]})
    return url


def clean_language(tag: str | None) -> str:
    """Give a language tag (BCP 47).

    Raises:
        InvalidInput: It is none.
    """
    if not tag or not _LANGUAGE.fullmatch(tag):
        fault = "Enter a language tag, such as pt-BR."
        raise InvalidInput("not a language tag", fields={"language": [fault]})
    return tag


def clean_timezone(name: str | None) -> str:
    """Give the name of a time zone that exists.

    Raises:
        InvalidInput: It does not.
    """
    try:
        is_known = bool(_ZONE.fullmatch(name or "")) and get_timezone(name)
    except LookupError:
        is_known = False
    if not name or not is_known:
        fault = "Enter a time zone, such as America/Sao_Paulo."
        raise InvalidInput("not a time zone", fields={"timezone": [fault]})
    return name


def clean_birth(day: date | None) -> date | None:
    """Give a day on which somebody who lives may have been born.

    Raises:
        InvalidInput: It is too long ago.
    """
    if day is not None and day < OLDEST:
        raise InvalidInput("nobody is so old", fields={"date_of_birth": [NOT_BORN]})
    return day


CHECKS: dict[str, Callable[[Any], Any]] = {
    "full_name": clean_name,
    "avatar_url": clean_url,
    "phone": clean_phone,
    "language": clean_language,
    "timezone": clean_timezone,
    "username": clean_username,
    "date_of_birth": clean_birth,
    "cpf": clean_cpf,
}
"""How each field is checked."""
