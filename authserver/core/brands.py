"""The brand of this deployment: settings at first, and over them what operators chose.

Kept in ``preferences`` and read at most every few seconds by each worker, since every
page shows it.  The logo is drawn anew by us, and served from our own origin.
"""

import base64
import hashlib
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.adapters.picture import NotAPicture, redraw
from authserver.clock import Clock, is_fresh
from authserver.config import Settings
from authserver.core.audit import Audit, EventTag
from authserver.errors import InvalidInput, StaleVersion
from authserver.models import Preference
from authserver.models.engines import Reads

NAME, LOGO = "brand", "brand_logo"
LOOK_EVERY = timedelta(seconds=3)
LOGO_EDGE = 512
"""The longest side of a logo, in pixels: shown two lines high, on sharp screens."""

LONGEST_NAME, LONGEST_TEXT, LONGEST_URL = 60, 200, 500
MOST_LANGUAGES = 20

URLS = ("support_url", "home_url", "privacy_url", "terms_url")
COLOURS = ("colour", "colour_dark")
TEXTS = ("name", *COLOURS, "support_email", *URLS)
"""What is one text; ``welcome`` has one in each language."""

_COLOUR = re.compile(r"#[0-9a-f]{6}")
_EMAIL = re.compile(r"[^@\s<>\"']{1,64}@[A-Za-z0-9.-]{1,253}")
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}")


@dataclass(frozen=True)
class Brand:
    """What people see of this deployment."""

    name: str
    colour: str
    colour_dark: str = ""
    """In the dark; empty: the same colour."""
    support_email: str = ""
    support_url: str = ""
    home_url: str = ""
    privacy_url: str = ""
    terms_url: str = ""
    welcome: Mapping[str, str] = field(default_factory=dict)
    """A line above sign-in and sign-up, by language."""
    logo: str = ""
    """What names the picture that was uploaded."""
    logo_url: str = ""
    """The address of the setting, where none was uploaded."""

    def said_in(self, tag: str) -> str:
        """Give the welcome in a language, or in one that is near; else nothing."""
        by_tag = {one.lower(): text for one, text in self.welcome.items()}
        wanted = tag.lower()
        first = wanted.partition("-")[0]
        near = next((one for one in by_tag if one.partition("-")[0] == first), "")
        return by_tag.get(wanted) or by_tag.get(near, "")


@dataclass
class Brands:
    """Keeps the brand."""

    db: scoped_session[DbSession]
    reads: Reads
    clock: Clock
    settings: Settings
    audit: Audit
    _known: Brand | None = field(default=None, repr=False)
    _read_at: datetime | None = field(default=None, repr=False)

    def current(self) -> Brand:
        """Give what pages and letters show; at most seconds old."""
        now = self.clock.now()
        if self._known is None or not is_fresh(self._read_at, now, LOOK_EVERY):
            row = self.reads.first(
                select(Preference.value).where(Preference.name == NAME)
            )
            self._known, self._read_at = self.over(row.value if row else {}), now
        return self._known

    def forget(self) -> None:
        """Read it again at the next question: it has changed."""
        self._read_at = None

    def over(self, chosen: Mapping[str, Any]) -> Brand:
        """Give the brand of the settings with what was chosen over it."""
        usual = self.usual()
        texts = {name: chosen.get(name) or getattr(usual, name) for name in TEXTS}
        return Brand(
            **texts,
            welcome=chosen.get("welcome") or {},
            logo=chosen.get("logo") or "",
            logo_url=usual.logo_url,
        )

    def usual(self) -> Brand:
        """Give the brand of the settings alone."""
        chosen = self.settings
        return Brand(
            name=chosen.brand_name,
            colour=chosen.brand_colour.lower(),
            support_email=chosen.support_email,
            logo_url=chosen.brand_logo_url,
        )

    def chosen(self) -> dict[str, Any]:
        """Give what operators chose, without what the settings say."""
        row = self.db.get(Preference, NAME)
        kept = dict(row.value) if row else {}
        return {"welcome": {}, "logo": "", **dict.fromkeys(TEXTS, "")} | kept

    def version(self) -> str:
        """Give what names the brand as it is: nobody overwrites what they have not seen."""
        row = self.db.get(Preference, NAME)
        moment = row.updated_at if row else None
        return hashlib.sha256(f"{NAME}|{moment}".encode()).hexdigest()[:16]

    def change(
        self,
        facts: Mapping[str, Any],
        *,
        by: uuid.UUID | None,
        reason: str | None = None,
        version: str | None = None,
    ) -> Brand:
        """Replace everything but the logo; what is empty is as the settings say.

        Args:
            facts: By the names of ``TEXTS``, and ``welcome``.
            by: Who does it; None at the command line.
            reason: Why, for the security log.
            version: Of what they saw; None where nobody looked.

        Raises:
            InvalidInput: Some cannot be shown; each is named.
            StaleVersion: Somebody else has changed it meanwhile.
        """
        if version is not None and version != self.version():
            raise StaleVersion("the brand was changed meanwhile")
        checked = check(facts)
        before = self.chosen()
        changed = sorted(n for n, value in checked.items() if value != before.get(n))
        self._keep(checked | {"logo": before["logo"]})
        self.audit.record(
            EventTag.BRAND_CHANGED, actor_id=by, reason=reason, changed=changed
        )
        return self.over(self.chosen())

    def change_logo(
        self, picture: bytes | None, *, by: uuid.UUID | None, reason: str | None = None
    ) -> str:
        """Put a picture in the place of the one before it, or take that away.

        Gives what names it; nothing where there is none.

        Raises:
            InvalidInput: It is no picture that we would show.
        """
        digest = self._keep_picture(picture)
        if self.chosen()["logo"] != digest:
            self._keep(self.chosen() | {"logo": digest})
            self.audit.record(
                EventTag.BRAND_CHANGED, actor_id=by, reason=reason, changed=["logo"]
            )
        return digest

    def logo(self, digest: str) -> bytes | None:
        """Give the picture, by what names it."""
        row = self.reads.first(select(Preference.value).where(Preference.name == LOGO))
        if row is None or row.value.get("digest") != digest:
            return None
        return base64.b64decode(row.value["png"])

    def _keep_picture(self, picture: bytes | None) -> str:
        row = self.db.get(Preference, LOGO)
        if picture is None:
            if row is not None:
                self.db.delete(row)
            return ""
        try:
            png = redraw(picture, edge=LOGO_EDGE)
        except NotAPicture as why:
            said = ["Choose a PNG, JPEG, GIF or WebP picture."]
            raise InvalidInput(str(why), fields={"logo": said}) from None
        digest = hashlib.sha256(png).hexdigest()[:32]
        self._put(LOGO, {"digest": digest, "png": base64.b64encode(png).decode()})
        return digest

    def _keep(self, value: dict[str, Any]) -> None:
        self._put(NAME, {name: said for name, said in value.items() if said})
        self.forget()

    def _put(self, name: str, value: dict[str, Any]) -> None:
        row, now = self.db.get(Preference, name), self.clock.now()
        if row is None:
            self.db.add(
                Preference(name=name, value=value, created_at=now, updated_at=now)
            )
        else:
            row.value, row.updated_at = value, now
        self.db.flush()


def check(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Give what was chosen as it is kept: trimmed, in small letters where none matter.

    Raises:
        InvalidInput: Some cannot be shown; each is named.
    """
    kept: dict[str, Any] = {n: str(facts.get(n) or "").strip() for n in TEXTS}
    kept |= {name: kept[name].lower() for name in COLOURS}
    faults: dict[str, list[str]] = {}
    if not _is_line(kept["name"], LONGEST_NAME):
        faults["name"] = ["Use at most 60 characters, and no line breaks."]
    for name in COLOURS:
        if kept[name] and not _COLOUR.fullmatch(kept[name]):
            faults[name] = ["Write the colour as #2456c9."]
    if kept["support_email"] and not _EMAIL.fullmatch(kept["support_email"]):
        faults["support_email"] = ["Enter an e-mail address."]
    for name in URLS:
        if kept[name] and not _is_page(kept[name]):
            faults[name] = ["Enter an https address, such as https://example.com/help."]
    kept["welcome"], wrong = _welcome(facts.get("welcome") or {})
    if wrong:
        faults["welcome"] = [wrong]
    if faults:
        raise InvalidInput("brand", fields=faults)
    return kept


def _welcome(given: Any) -> tuple[dict[str, str], str]:
    if not isinstance(given, Mapping) or len(given) > MOST_LANGUAGES:
        return {}, "Give a text for each language."
    kept = {}
    for tag, text in given.items():
        if not _TAG.fullmatch(str(tag)):
            return {}, "Name each language as en or pt-BR."
        if not _is_line(str(text), LONGEST_TEXT):
            return {}, "Use at most 200 characters, and no line breaks."
        if plain := str(text).strip():
            kept[str(tag)] = plain
    return dict(sorted(kept.items())), ""


def _is_line(text: str, longest: int) -> bool:
    return len(text) <= longest and (text.isprintable() or not text)


def _is_page(url: str) -> bool:
    """Whether a page may link to it: https, a plain host, nobody's name before it."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        return False
    is_plain = url.isascii() and url.isprintable() and not set(url) & set(" <>\"'`\\")
    has_name = parts.username is not None or parts.password is not None
    is_short = len(url) <= LONGEST_URL
    return bool(
        is_short and is_plain and parts.scheme == "https" and host and not has_name
    )
