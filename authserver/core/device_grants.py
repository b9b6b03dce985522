"""Devices that wait for their person: begin, find by the typed code, allow, deny.

RFC 8628.  The device code has 256 random bits and only its fingerprint is kept.  The
user code is for people: eight consonants, which no word and no digit can be mistaken
for (§6.1), 34 bits that live for minutes behind a limit of tries (§5.1).
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.clock import Clock
from authserver.config import Settings
from authserver.core.apps import App
from authserver.core.audit import Audit, EventTag
from authserver.core.device import Device, here
from authserver.core.grant import Grant
from authserver.core.polling import Polling, Wanted
from authserver.core.signed_in import SignedIn
from authserver.core.surroundings import Surroundings
from authserver.crypto import opaque
from authserver.crypto.sealed import Sealer
from authserver.errors import ChallengeExpired, ServerFault, WrongCode
from authserver.models import Client, DeviceGrant
from authserver.models.inserts import insert_into

ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"
LENGTH = 8
MAX_TYPED = 64
MOST_DRAWS = 5

NO_SUCH = "That code is not right, or has expired. Look at your device: it may show a new one."
OVER = "This device has waited too long, or has its answer. Start again on the device."


@dataclass(frozen=True)
class Begun:
    """What the device is told, once (RFC 8628 §3.2)."""

    device_code: str
    user_code: str
    expires_in: int
    interval: int


@dataclass(frozen=True)
class Waiting:
    """A device that waits, as its person may see it."""

    id: uuid.UUID
    client_id: str
    client_key: uuid.UUID
    wanted: Wanted
    user_code: str
    asked_at: datetime
    device: str | None
    ip: str | None
    place: str | None
    is_elsewhere: bool
    """Whether it asked from another country than the person does."""


@dataclass(frozen=True)
class DeviceGrants:
    """The devices that wait."""

    db: scoped_session[DbSession]
    clock: Clock
    settings: Settings
    polling: Polling
    surroundings: Surroundings
    sealer: Sealer
    audit: Audit
    pepper: bytes

    def begin(self, app: App, wanted: Wanted) -> Begun:
        """Let a device wait; give what it polls with and what it shows."""
        code = opaque.new_secret()
        life = self.settings.device_code_ttl
        for _ in range(MOST_DRAWS):
            word = opaque.new_word(LENGTH, ALPHABET)
            if self._insert(app, wanted, code, word):
                return Begun(
                    device_code=code,
                    user_code=_shown(word),
                    expires_in=int(life.total_seconds()),
                    interval=self.settings.poll_interval,
                )
        raise ServerFault("no free user code was drawn")

    def _insert(self, app: App, wanted: Wanted, code: str, word: str) -> bool:
        """Write the row, unless another one has drawn the same word."""
        now, device, key = self.clock.now(), here.get(), uuid.uuid4()
        made = self.db.scalar(
            insert_into(self.db, DeviceGrant)
            .values(
                id=key,
                secret_hash=opaque.fingerprint(code),
                client_id=app.id,
                **wanted.columns,
                interval_s=self.settings.poll_interval,
                created_at=now,
                expires_at=now + self.settings.device_code_ttl,
                user_code_hash=self._print(word),
                user_code_sealed=self.sealer.seal(word.encode(), key.bytes),
                ip_address=device.ip,
                user_agent=device.user_agent,
            )
            .on_conflict_do_nothing()
            .returning(DeviceGrant.id)
        )
        return made is not None

    def find(self, typed: str) -> Waiting:
        """Find the device that shows a code; case, dashes and spaces do not matter.

        Raises:
            WrongCode: None that waits shows it.
        """
        word = "".join(ch for ch in typed[:MAX_TYPED].upper() if ch.isalnum())
        row = self.db.execute(
            self._open().where(DeviceGrant.user_code_hash == self._print(word))
        ).first()
        if row is None:
            raise WrongCode("no device shows that code", public=NO_SUCH)
        return self._waiting(row)

    def get(self, grant_id: uuid.UUID | None) -> Waiting:
        """Give a device that waits.

        Raises:
            ChallengeExpired: It has waited too long, or somebody has decided.
        """
        row = self.db.execute(self._open().where(DeviceGrant.id == grant_id)).first()
        if row is None:
            raise ChallengeExpired(f"device {grant_id} does not wait", public=OVER)
        return self._waiting(row)

    def allow(self, one: Waiting, who: SignedIn, scopes: Sequence[str]) -> None:
        """Let the device act for the person, within these scopes.

        Raises:
            ChallengeExpired: It has waited too long, or somebody has decided.
        """
        kept = tuple(each for each in one.wanted.scopes if each in set(scopes))
        if not self.polling.allow(DeviceGrant, one.id, who, " ".join(kept)):
            raise ChallengeExpired(f"device {one.id} has its answer", public=OVER)
        self.polling.remember(who, one.client_key, replace(one.wanted, scopes=kept))
        self.audit.record(
            EventTag.DEVICE_ALLOWED,
            user_id=who.user_id,
            client_id=one.client_key,
            device_ip=one.ip,
        )

    def deny(self, one: Waiting, who: SignedIn) -> None:
        """Tell the device no.

        Raises:
            ChallengeExpired: It has waited too long, or somebody has decided.
        """
        if not self.polling.deny(DeviceGrant, one.id, who):
            raise ChallengeExpired(f"device {one.id} has its answer", public=OVER)
        self.audit.record(
            EventTag.DEVICE_DENIED,
            user_id=who.user_id,
            client_id=one.client_key,
            device_ip=one.ip,
        )

    def redeem(self, device_code: str, *, app: App, **narrowing: Any) -> Grant:
        """Answer a poll; see ``Polling.redeem``."""
        return self.polling.redeem(DeviceGrant, device_code, app=app, **narrowing)

    def _open(self) -> Select[DeviceGrant, str]:
        return (
            select(DeviceGrant, Client.client_id)
            .join(Client, Client.id == DeviceGrant.client_id)
            .where(
                DeviceGrant.allowed_at.is_(None),
                DeviceGrant.denied_at.is_(None),
                DeviceGrant.expires_at > self.clock.now(),
            )
        )

    def _waiting(self, found: Row[DeviceGrant, str]) -> Waiting:
        row, client_id = found
        me = here.get()
        there = Device(row.ip_address, row.user_agent, language=me.language)
        seen, mine = self.surroundings.of(there), self.surroundings.of(me)
        word = self.sealer.open(row.user_code_sealed, row.id.bytes).decode()
        return Waiting(
            id=row.id,
            client_id=client_id,
            client_key=row.client_id,
            wanted=Wanted.of(row),
            user_code=_shown(word),
            asked_at=row.created_at,
            device=seen.device_name,
            ip=row.ip_address,
            place=seen.place,
            is_elsewhere=bool(
                seen.country and mine.country and seen.country != mine.country
            ),
        )

    def _print(self, word: str) -> str:
        return opaque.fingerprint(f"user-code|{word}", key=self.pepper)


def _shown(word: str) -> str:
    return f"{word[: LENGTH // 2]}-{word[LENGTH // 2 :]}"
