"""Browsers that are not asked for the second factor for a while.

A browser is known by the secret in its own cookie, of which a fingerprint is kept (see
``Sessions``); trust is for one user in one browser, and given with a second factor
alone.  What ends every session ends it too, and so does turning the second factor off.
A sign-in that it shortened is told as what it was: one factor (OIDC Core §2, ``acr``).
"""

import uuid
from dataclasses import dataclass

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.clock import Clock
from authserver.config import Settings
from authserver.core.audit import Audit, EventTag
from authserver.core.device import here
from authserver.core.sessions import Sessions
from authserver.core.surroundings import Surroundings
from authserver.errors import NotFound
from authserver.models import TrustedDevice
from authserver.models.constants import Constant

_trusted = Constant(
    select(TrustedDevice.id).where(
        TrustedDevice.user_id == bindparam("user_id"),
        TrustedDevice.device_id == bindparam("device"),
        TrustedDevice.expires_at > bindparam("now"),
    )
)


@dataclass(frozen=True)
class TrustedDevices:
    """Remembers where a second factor was given."""

    db: scoped_session[DbSession]
    clock: Clock
    settings: Settings
    sessions: Sessions
    surroundings: Surroundings
    audit: Audit

    @property
    def days(self) -> int:
        """How long trust lasts; 0 when the operator allows none."""
        return self.settings.trusted_device_ttl.days

    def trust(self, user_id: uuid.UUID) -> None:
        """Trust this browser, from now on; called with a second factor just taken."""
        device = self.sessions.device_print()
        if device is None or not self.days:
            return
        now = self.clock.now()
        here_before = (TrustedDevice.user_id == user_id) & (
            TrustedDevice.device_id == device
        )
        self.db.execute(delete(TrustedDevice).where(here_before))
        self.db.add(
            TrustedDevice(
                id=uuid.uuid4(),
                user_id=user_id,
                device_id=device,
                name=self.surroundings.of(here.get()).device_name,
                created_at=now,
                expires_at=now + self.settings.trusted_device_ttl,
            )
        )
        self.audit.record(EventTag.DEVICE_TRUSTED, user_id=user_id)

    def knows_this(self, user_id: uuid.UUID) -> bool:
        """Whether this browser need not bring a second factor for this user."""
        device = self.sessions.device_print()
        if device is None or not self.days:
            return False
        asked = {"user_id": user_id, "device": device, "now": self.clock.now()}
        return _trusted.first(self.db, asked) is not None

    def list_of(self, user_id: uuid.UUID) -> list[TrustedDevice]:
        """Give those that a user trusts still, the latest first."""
        return list(
            self.db.scalars(
                select(TrustedDevice)
                .where(
                    TrustedDevice.user_id == user_id,
                    TrustedDevice.expires_at > self.clock.now(),
                )
                .order_by(TrustedDevice.created_at.desc())
            )
        )

    def remove(self, device_id: uuid.UUID, *, user_id: uuid.UUID) -> None:
        """Trust one no longer.

        Raises:
            NotFound: It is not one of this user's.
        """
        gone = self.db.scalar(
            delete(TrustedDevice)
            .where(TrustedDevice.id == device_id, TrustedDevice.user_id == user_id)
            .returning(TrustedDevice.id)
        )
        if gone is None:
            raise NotFound(f"no trusted device {device_id} of {user_id}")
        self.audit.record(EventTag.DEVICE_UNTRUSTED, user_id=user_id)
