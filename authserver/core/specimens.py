"""Letters of made-up facts: to look at before anybody gets one, or to try the way out."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from authserver.clock import Clock
from authserver.core.audit import Audit, EventTag
from authserver.core.letters import Letters
from authserver.core.users import normalise_email

LIFE = "valid_for"
NO_TOKEN = "specimen-that-opens-nothing"
CODE = "482913"
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)

LINKS: dict[str, dict[str, str]] = {
    "account_deleted": {"undo_link": "/account/keep"},
    "account_exists": {"signin_link": "/signin", "reset_link": "/forgot"},
    "account_locked": {"reset_link": "/forgot"},
    "admin_invite": {"link": "/setup"},
    "approve_request": {"link": "/account/requests"},
    "email_change_confirm": {"link": "/email/confirm"},
    "email_change_notice": {"undo_link": "/email/undo"},
    "magic_link": {"link": "/magic-link/link"},
    "mfa_changed": {"secure_link": "/account"},
    "new_device": {"secure_link": "/not-me"},
    "password_changed": {"reset_link": "/forgot"},
    "reset_password": {"link": "/reset"},
    "signed_out_everywhere": {"signin_link": "/signin"},
    "signin_ended": {"secure_link": "/account"},
    "verify_email": {"link": "/verify/link"},
}
"""Every letter, and where its links lead."""

MORE: dict[str, dict[str, Any]] = {
    "account_locked": {"lock_time": HOUR / 4},
    "admin_invite": {LIFE: DAY, "username": "ada"},
    "approve_request": {LIFE: HOUR / 12, "app": "Harbour Bank"},
    "email_change_confirm": {LIFE: DAY, "code": CODE},
    "email_change_notice": {LIFE: 7 * DAY, "new_email": "a•••@new.example"},
    "magic_link": {LIFE: HOUR / 4, "code": CODE, "app": "Harbour Notes"},
    "mfa_changed": {"change": "totp_added"},
    "reset_password": {LIFE: HOUR},
    "verify_email": {LIFE: DAY, "code": CODE},
}

NAMES = tuple(LINKS)


@dataclass(frozen=True)
class Specimen:
    """A letter as its reader would see it."""

    letter: str
    language: str
    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class Specimens:
    """Shows letters, and sends them to whom an operator names."""

    clock: Clock
    letters: Letters
    audit: Audit

    def show(self, letter: str, language: str) -> Specimen:
        """Write a letter and send it nowhere."""
        facts = self._facts(letter)
        return Specimen(letter, language, *self.letters.render(letter, language, facts))

    def send(
        self, letter: str, language: str, *, email: str, actor_id: uuid.UUID
    ) -> str:
        """Queue a letter as all letters are; give the address as it is written.

        Raises:
            InvalidInput: It is no address.
            TooManyTries: It gets as many letters as one address may bear.
        """
        address = normalise_email(email)
        facts = self._facts(letter)
        self.letters.specimen(letter, to=address, language=language, facts=facts)
        self.audit.record(EventTag.LETTER_TRIED, actor_id=actor_id, letter=letter)
        return address

    def _facts(self, letter: str) -> dict[str, Any]:
        now = self.clock.now()
        links = {
            name: self.letters.link(path, token=NO_TOKEN)
            for name, path in LINKS[letter].items()
        }
        more = {"gone_at": now + 30 * DAY} if letter == "account_deleted" else {}
        return {
            "name": "Ada Lovelace",
            "when": now,
            "zone": "America/Recife",
            "ip": "203.0.113.7",
            "user_agent": "",
            "device": "Firefox, Linux",
            "place": "Recife",
            **links,
            **MORE.get(letter, {}),
            **more,
        }
