"""One person of another service, as a file describes them: checked, field by field.

Every fault of a line is found at once, and none repeats what was given: it may be a
hash or a secret.
"""

import base64
import json
import re
import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import available_timezones

from authserver.core.personal import clean_cpf, clean_phone, clean_username
from authserver.core.users import clean_name, normalise_email
from authserver.crypto.password_hash import kind_of
from authserver.errors import InvalidInput
from authserver.models.user import STATUSES

SPELLINGS: Mapping[str, tuple[str, ...]] = {
    "id": ("user_id", "uuid"),
    "email": ("e_mail", "mail"),
    "username": ("user_name", "login"),
    "full_name": ("display_name", "name", "nome"),
    "phone": ("phone_number", "telefone"),
    "cpf": (),
    "password_hash": ("hash", "password_digest", "senha_hash"),
    "verified": ("email_verified", "is_email_verified", "is_verified"),
    "status": (),
    "roles": ("role",),
    "institutions": ("institution", "instituicoes"),
    "totp_secret": ("mfa_secret", "two_factor_secret", "otp_secret"),
    "language": ("locale",),
    "timezone": ("zoneinfo",),
    "date_of_birth": ("birthdate",),
    "avatar_url": ("picture",),
    "metadata": (),
    "created_at": (),
}
"""What a field may be called; capitals and dashes do not matter."""

NAMES = {other: name for name, others in SPELLINGS.items() for other in (name, *others)}
PLAIN = {"password", "senha", "plain_password"}
IMPORTED_STATUSES = tuple(one for one in STATUSES if one != "deleted")
INSTITUTION = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?")
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
TRUE, FALSE = {"true", "t", "1", "yes", "y", "sim"}, {"false", "f", "0", "no", "n"}
MOST_METADATA = 64 * 1024
LONGEST_URL = 2048


@dataclass(frozen=True)
class Newcomer:
    """Somebody who can be added."""

    line: int
    id: uuid.UUID
    email: str
    columns: dict[str, Any]
    """The columns that are written as they are."""
    cpf: str | None
    totp_secret: str | None
    hash_kind: str | None
    roles: tuple[str, ...]
    institutions: tuple[str, ...]


def spelled(name: str) -> str | None:
    """Give our name of a field, or None if we know no such field."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.strip())
    return NAMES.get(words.replace("-", "_").replace(" ", "_").lower())


class Reader:
    """Reads one record; collects its faults."""

    def __init__(
        self, line: int, given: Mapping[str, Any], *, roles: Collection[str]
    ) -> None:
        """Sort what was given under our names; ``roles`` are those that exist."""
        self.line = line
        self.known_roles = roles
        self.faults: list[tuple[str, str]] = []
        self.given: dict[str, Any] = {}
        for name, value in given.items():
            known = spelled(str(name))
            if known is None:
                self._refuse(str(name)[:40], _why_unknown(str(name)))
            elif known in self.given and value not in (None, ""):
                self._refuse(known, "is given twice")
            elif value not in (None, ""):
                self.given[known] = value

    def read(self) -> Newcomer | None:
        """Give the person, or None when something is wrong."""
        address = self._clean("email", normalise_email)
        if "email" not in self.given:
            self._refuse("email", "is missing")
        verified = self._switch("verified")
        found = Newcomer(
            line=self.line,
            id=self._read("id", _key, "is no UUID") or uuid.uuid4(),
            email=address or "",
            columns=self._columns(is_verified=verified),
            cpf=self._clean("cpf", clean_cpf),
            totp_secret=self._secret(),
            hash_kind=kind_of(str(self.given.get("password_hash", ""))),
            roles=self._roles(),
            institutions=self._words("institutions", INSTITUTION),
        )
        return None if self.faults else found

    def _columns(self, *, is_verified: bool) -> dict[str, Any]:
        created = self._read("created_at", _moment, "is no moment with a time zone")
        found = {
            "username": self._clean("username", clean_username),
            "full_name": self._clean("full_name", clean_name),
            "phone": self._clean("phone", clean_phone),
            "password_hash": self._hash(),
            "status": self._status(is_verified=is_verified),
            "is_email_verified": is_verified,
            "language": self._read("language", _language, "is no language tag"),
            "timezone": self._read("timezone", _zone, "is no time zone"),
            "date_of_birth": self._read("date_of_birth", _birthday, "is no date"),
            "avatar_url": self._read("avatar_url", _url, "is no https address"),
            "extra": self._read("metadata", _metadata, "is no JSON object") or {},
            "created_at": created,
        }
        # What is not said is left to the table's own defaults.
        silent = ("language", "timezone", "created_at")
        return {k: v for k, v in found.items() if v is not None or k not in silent}

    def _hash(self) -> str | None:
        encoded = self.given.get("password_hash")
        if encoded is None:
            return None
        if not isinstance(encoded, str) or kind_of(encoded.strip()) is None:
            self._refuse("password_hash", "is of no kind that can be verified here")
            return None
        return encoded.strip()

    def _status(self, *, is_verified: bool) -> str:
        usual = "active" if is_verified else "pending_verification"
        status = str(self.given.get("status", usual)).lower()
        if status not in IMPORTED_STATUSES:
            self._refuse("status", f"must be one of {', '.join(IMPORTED_STATUSES)}")
        elif status == "active" and not is_verified:
            self._refuse(
                "status", "cannot be active with an address that is unverified"
            )
        return status

    def _secret(self) -> str | None:
        why = "is no base32 of 16 to 128 characters"
        secret: str | None = self._read("totp_secret", _secret, why)
        return secret

    def _roles(self) -> tuple[str, ...]:
        names = self._words("roles")
        if not {name.lower() for name in names} <= set(self.known_roles):
            self._refuse("roles", "names a role that does not exist")
        return names

    def _switch(self, name: str) -> bool:
        value = self.given.get(name, False)
        word = str(value).strip().lower()
        if word not in TRUE | FALSE:
            self._refuse(name, "must be true or false")
        return word in TRUE

    def _words(
        self, name: str, pattern: re.Pattern[str] | None = None
    ) -> tuple[str, ...]:
        given = self.given.get(name, [])
        listed = re.split(r"[;,|]", given) if isinstance(given, str) else given
        if not isinstance(listed, list) or not all(isinstance(x, str) for x in listed):
            self._refuse(name, "must be a list of words")
            return ()
        words = tuple(dict.fromkeys(one.strip() for one in listed if one.strip()))
        if pattern and not all(pattern.fullmatch(one) for one in words):
            self._refuse(name, "must be letters, digits, dots, dashes, underscores")
        return words

    def _clean(self, name: str, check: Callable[[str], str | None]) -> str | None:
        value = self.given.get(name)
        if value is None:
            return None
        try:
            return check(_text(value))
        except InvalidInput as fault:
            self._refuse(name, " ".join(fault.fields[next(iter(fault.fields))]))
        except (ValueError, TypeError):
            self._refuse(name, "is no text")
        return None

    def _read(self, name: str, read: Callable[[Any], Any], why: str) -> Any:
        value = self.given.get(name)
        if value is None:
            return None
        try:
            return read(value)
        except (ValueError, TypeError, RecursionError, OverflowError):
            self._refuse(name, why)
        return None

    def _refuse(self, name: str, why: str) -> None:
        self.faults.append((name, why))


def _why_unknown(name: str) -> str:
    if name.strip().lower() in PLAIN:
        return "is not taken in the clear: give password_hash"
    return "is not known here"


def _text(value: Any) -> str:
    if isinstance(value, dict | list | bool):
        raise TypeError
    text = str(value)
    if "\x00" in text or any("\ud800" <= ch <= "\udfff" for ch in text):
        raise ValueError
    return text


def _key(value: Any) -> uuid.UUID:
    return uuid.UUID(_text(value))


def _secret(value: Any) -> str:
    secret = "".join(_text(value).split()).upper().rstrip("=")
    if not 16 <= len(secret) <= 128:
        raise ValueError
    base64.b32decode(secret + "=" * (-len(secret) % 8))
    return secret


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(_text(value))
    if moment.tzinfo is None:
        raise ValueError
    return moment.astimezone(UTC)


def _birthday(value: Any) -> date:
    return date.fromisoformat(_text(value)[:10])


def _language(value: Any) -> str:
    tag = _text(value)
    if not LANGUAGE.fullmatch(tag) or len(tag) > 35:
        raise ValueError
    return tag.replace("_", "-")


def _zone(value: Any) -> str:
    zone = _text(value)
    if zone not in available_timezones():
        raise ValueError
    return zone


def _url(value: Any) -> str:
    url = _text(value)
    if (
        not url.startswith("https://")
        or len(url) > LONGEST_URL
        or not url.isprintable()
    ):
        raise ValueError
    return url


def _metadata(value: Any) -> dict[str, Any]:
    found = json.loads(value) if isinstance(value, str) else value
    # No NaN, no half characters, no NUL: PostgreSQL stores none of them.
    said = json.dumps(found, allow_nan=False, ensure_ascii=False).encode()
    if not isinstance(found, dict) or len(said) > MOST_METADATA or b"\\u0000" in said:
        raise ValueError
    return found
