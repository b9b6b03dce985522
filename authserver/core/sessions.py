"""Sessions: start, find, list, revoke.

A browser holds ``selector.verifier`` in its cookie; we hold the selector and the
fingerprint of the verifier.  Every sign-in makes a new session (ASVS 7.2.4).
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session
from sqlalchemy.orm.attributes import flag_modified

from authserver.clock import Clock
from authserver.config import Settings
from authserver.core import acr
from authserver.core.device import here
from authserver.core.endings import Endings
from authserver.core.signed_in import SignedIn, signed_in
from authserver.core.surroundings import Surroundings
from authserver.core.users import DENIED_STATUSES
from authserver.crypto import opaque
from authserver.errors import StepUpNeeded
from authserver.models import Session, TrustedDevice, User
from authserver.models.constants import Constant
from authserver.models.engines import Reads

SUDO_LIFE = timedelta(minutes=10)
"""How long a proof counts for what is sensitive."""

TOUCH_EVERY = timedelta(minutes=5)
"""How exact ``last_activity_at`` is; a write on every page would buy nothing."""

_on_device = Constant(
    select(Session.id)
    .where(Session.user_id == bindparam("user_id"))
    .where(Session.device_id == bindparam("device"))
    .limit(1)
)


@dataclass(frozen=True)
class Sessions:
    """The registry of sessions."""

    db: scoped_session[DbSession]
    reads: Reads
    clock: Clock
    settings: Settings
    endings: Endings
    surroundings: Surroundings
    pepper: bytes

    def start(
        self, user: User, *, amr: list[str], remember: bool, kind: str = "browser"
    ) -> tuple[Session, str]:
        """Start a session and give it with the secret of its cookie.

        Args:
            user: Who has proved to be there.
            amr: The proofs, in the words of RFC 8176.
            remember: Whether it lasts ``REFRESH_TTL`` or ``SHORT_REFRESH_TTL``.
            kind: ``browser`` or ``api``.
        """
        now, device = self.clock.now(), here.get()
        selector, verifier, cookie = opaque.new_handle()
        absolute = now + self.settings.family_ttl
        seen = self.surroundings.of(device)
        session = Session(
            id=uuid.uuid4(),
            user_id=user.id,
            refresh_token=str(selector),
            refresh_token_hash=self.print_of(verifier),
            ip_address=device.ip,
            user_agent=device.user_agent,
            expires_at=min(now + self._idle(remember=remember), absolute),
            absolute_expires_at=absolute,
            device_id=self.device_print(),
            device_name=seen.device_name,
            device_type=seen.device_type,
            location_country=seen.country,
            location_city=seen.city,
            last_activity_at=now,
            created_at=now,
            kind=kind,
            auth_time=now,
            acr=acr.reached(amr),
            amr=amr,
            remembered=remember,
            confirmed_at=now,
        )
        self.db.add(session)
        user.last_login_at = user.last_seen_at = now
        # A visit changes nothing about the person: the claim `updated_at` stays.
        flag_modified(user, "updated_at")
        return session, cookie

    def find(
        self, cookie: str | None, *, client_id: uuid.UUID | None = None
    ) -> SignedIn | None:
        """Find the living session of a cookie; None for anything else.

        Args:
            cookie: ``selector.verifier``, as hostile as it came.
            client_id: A client whose consent is wanted in the same read.
        """
        parts = opaque.split_handle(cookie)
        if parts is None:
            return None
        row = self.reads.first(
            signed_in, {"handle": str(parts[0]), "client_id": client_id}
        )
        if row is None or not opaque.same(
            self.print_of(parts[1]), row.refresh_token_hash
        ):
            return None
        now = self.clock.now()
        is_over = not row.is_active or row.expires_at <= now
        if is_over or row.deleted_at is not None or row.status in DENIED_STATUSES:
            return None
        last = row.last_activity_at
        return SignedIn(
            session_id=row.id,
            user_id=row.user_id,
            expires_at=row.expires_at,
            auth_time=row.auth_time,
            acr=row.acr,
            amr=tuple(row.amr),
            remembered=row.remembered,
            email=row.email,
            username=row.username,
            full_name=row.full_name,
            language=row.language,
            is_stale=last is None or now - last > TOUCH_EVERY,
            granted_scope=row.granted_scope,
            granted_resources=tuple(row.granted_resources or ()),
            granted_details=tuple(row.granted_details or ()),
        )

    def touch(self, session_id: uuid.UUID) -> datetime | None:
        """Move the idle end on, never past the absolute one; give it."""
        row = self.db.get(Session, session_id)
        if row is None or not row.is_active:
            return None
        now = self.clock.now()
        row.last_activity_at = now
        row.expires_at = min(
            now + self._idle(remember=row.remembered), row.absolute_expires_at
        )
        return row.expires_at

    def knows_device(self, user_id: uuid.UUID) -> bool:
        """Whether this browser has signed this user in before (C5).

        What it shows is the secret in its own cookie; we keep a fingerprint alone.
        """
        asked = {"user_id": user_id, "device": self.device_print()}
        return _on_device.first(self.db, asked) is not None

    def confirm(self, session_id: uuid.UUID) -> datetime:
        """Note that the person has just proved again to be there (sudo mode).

        Gives until when it counts.
        """
        row, now = self.db.get(Session, session_id), self.clock.now()
        if row is not None:
            row.confirmed_at = now
        return now + SUDO_LIFE

    def require_recent(self, session_id: uuid.UUID | None) -> None:
        """Let what is sensitive happen only soon after a proof (ASVS 7.5.3).

        Raises:
            StepUpNeeded: The last proof is older than ten minutes.
        """
        row = self.db.get(Session, session_id) if session_id else None
        last = row.confirmed_at if row is not None else None
        if last is None or self.clock.now() - last > SUDO_LIFE:
            raise StepUpNeeded("no recent proof in this session")

    def list_active(self, user_id: uuid.UUID) -> list[Session]:
        """Give the living sessions of a user, the latest first."""
        return list(
            self.db.scalars(
                select(Session)
                .where(
                    Session.user_id == user_id,
                    Session.is_active.is_(True),
                    Session.expires_at > self.clock.now(),
                )
                .order_by(Session.last_activity_at.desc())
            )
        )

    def revoke(
        self, session_id: uuid.UUID, *, user_id: uuid.UUID, because: str
    ) -> bool:
        """End one session of a user, with the tokens that hang on it (C35).

        Tokens of apps that were given ``offline_access`` outlive a sign-out (OIDC
        Back-Channel Logout §2.7); they end when the grant is withdrawn.  Those of our
        own front ends are the session itself, and end with it.
        """
        return self.endings.one(session_id, user_id=user_id, because=because)

    def revoke_all(
        self, user_id: uuid.UUID, *, because: str, save: uuid.UUID | None = None
    ) -> bool:
        """End all sessions of a user and every token, but those of session ``save``."""
        trusted = delete(TrustedDevice).where(TrustedDevice.user_id == user_id)
        if save:
            trusted = trusted.where(TrustedDevice.device_id != self.device_print())
        self.db.execute(trusted)
        return self.endings.all_of(user_id, because=because, save=save)

    def note_factor_removed(
        self, user_id: uuid.UUID, *, save: uuid.UUID | None
    ) -> None:
        """End the other sessions where the operator wants it so (ASVS 7.4.3)."""
        if self.settings.factor_change_signs_out:
            self.revoke_all(user_id, because="a factor was removed", save=save)

    def revoke_everybody(self, *, because: str) -> int:
        """End every session and every token there is; give how many sessions."""
        return self.endings.everybody(because=because)

    def _idle(self, *, remember: bool) -> timedelta:
        return (
            self.settings.refresh_ttl if remember else self.settings.short_refresh_ttl
        )

    def device_print(self) -> str | None:
        """Give what is kept of this browser's own cookie; None when it has none."""
        browser = here.get().browser
        return self.print_of(f"device|{browser}") if browser else None

    def print_of(self, verifier: str) -> str:
        """Give what is kept of the secret of a cookie."""
        return opaque.fingerprint(verifier, key=self.pepper)
