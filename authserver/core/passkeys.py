"""Passkeys: add, list, remove; sign in with one, or answer a second factor by it.

Each passkey verifies its user, by finger, face or PIN, so that it is two factors in one
(WebAuthn Level 3 §6.2.3) and reaches the higher ``acr``.
"""

import ipaddress
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy import select, update
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.adapters import passkey
from authserver.adapters.passkey import Answer, PasskeyRefused, Site
from authserver.clock import Clock
from authserver.config import Settings
from authserver.core.audit import Audit, EventTag
from authserver.core.ceremonies import Ceremonies
from authserver.core.letters import Letters
from authserver.core.presence import Presence
from authserver.core.signin import SignIn
from authserver.core.users import Users
from authserver.errors import BadCredentials, InvalidInput, LastMethod, NotFound
from authserver.models import Challenge, OAuthProvider, Passkey, Session, User

METHOD = "passkey"
SYNCED, BOUND = "swk", "hwk"
"""A key in software, that is copied between devices, or in one device (RFC 8176 §2)."""
MOST = 50
LONGEST_NAME = 60
NOT_TAKEN = "This passkey could not be added. Please try again."


@dataclass(frozen=True)
class Passkeys:
    """Keeps the passkeys of people, and lets people in by them."""

    db: scoped_session[DbSession]
    clock: Clock
    settings: Settings
    users: Users
    signin: SignIn
    presence: Presence
    ceremonies: Ceremonies
    letters: Letters
    audit: Audit

    @property
    def site(self) -> Site:
        """For whom passkeys are made: the host of the issuer."""
        parts = urlsplit(self.settings.issuer)
        origins = (f"{parts.scheme}://{parts.netloc}", *self.settings.cors_origins)
        return Site(parts.hostname or "", self.settings.brand_name, origins)

    @property
    def are_possible(self) -> bool:
        """Whether the issuer has a name: an address alone can have none (§5.1.2)."""
        try:
            ipaddress.ip_address(self.site.id)
        except ValueError:
            return True
        return False

    def list_of(self, user_id: uuid.UUID) -> Sequence[Passkey]:
        """Give the passkeys of a user, the oldest first."""
        return self.db.scalars(
            select(Passkey)
            .where(Passkey.user_id == user_id)
            .order_by(Passkey.created_at, Passkey.id)
        ).all()

    # -- Adding and removing

    def begin(self, user_id: uuid.UUID, session_id: uuid.UUID | None) -> str:
        """Give the options with which a browser makes a passkey, as JSON.

        Raises:
            StepUpNeeded: The last proof is too old.
        """
        self.presence.require(user_id, session_id)
        user = self.users.get(user_id)
        return passkey.creation_options(
            self.site,
            user_id=user_id.bytes,
            user_name=user.email,
            display_name=user.full_name or user.email,
            challenge=self.ceremonies.challenge("add", user_id),
            existing=[one.credential_id for one in self.list_of(user_id)],
        )

    def add(
        self,
        user_id: uuid.UUID,
        session_id: uuid.UUID | None,
        *,
        credential: str,
        name: str,
    ) -> Passkey:
        """Keep a passkey that a browser has made; the owner gets a letter.

        Raises:
            StepUpNeeded: The last proof is too old.
            InvalidInput: It does not hold, or there are too many.
        """
        self.presence.require(user_id, session_id)
        fault = {"credential": [NOT_TAKEN]}
        try:
            answer = passkey.read(credential)
            self.ceremonies.take_back(answer, "add", user_id)
            made = passkey.check_made(self.site, answer)
        except PasskeyRefused as refusal:
            raise InvalidInput(str(refusal), fields=fault) from None
        held = self.list_of(user_id)
        if len(held) >= MOST or self._find(made.credential_id) is not None:
            raise InvalidInput("too many, or known already", fields=fault)
        row = Passkey(
            id=uuid.uuid4(),
            user_id=user_id,
            credential_id=made.credential_id,
            public_key=made.public_key,
            sign_count=made.sign_count,
            aaguid=made.aaguid,
            is_synced=made.is_synced,
            name=" ".join(name.split())[:LONGEST_NAME] or f"Passkey {len(held) + 1}",
            created_at=self.clock.now(),
            last_used_at=None,
        )
        self.db.add(row)
        self.audit.record(EventTag.PASSKEY_ADDED, user_id=user_id, name=row.name)
        self.letters.mfa_changed(self.users.get(user_id), "passkey_added")
        self._tell(row, "create")
        return row

    def remove(
        self,
        user_id: uuid.UUID,
        session_id: uuid.UUID | None,
        *,
        passkey_id: uuid.UUID,
    ) -> None:
        """Take a passkey away; the owner gets a letter.

        Raises:
            StepUpNeeded: The last proof is too old.
            NotFound: There is none, or it is somebody else's.
            LastMethod: There would be no way left to sign in.
        """
        self.presence.require(user_id, session_id)
        # Locked: of two that go at one moment each must see the other gone.
        user = self.db.scalars(
            select(User).where(User.id == user_id).with_for_update()
        ).one()
        held = self.list_of(user_id)
        leaving = next((one for one in held if one.id == passkey_id), None)
        if leaving is None:
            raise NotFound(f"{user_id} has no passkey {passkey_id}")
        if len(held) == 1 and not user.password_hash and not self._connected(user_id):
            raise LastMethod(f"{user_id} has no other way than {passkey_id}")
        self.db.delete(leaving)
        self.audit.record(EventTag.PASSKEY_REMOVED, user_id=user_id, name=leaving.name)
        self.letters.mfa_changed(user, "passkey_removed")
        self._tell(leaving, "delete")
        self.presence.sessions.note_factor_removed(user_id, save=session_id)

    # -- Using

    def ask(self) -> str:
        """Give the options with which a browser signs in, whoever it is; as JSON."""
        challenge = self.ceremonies.challenge("enter", None)
        return passkey.request_options(self.site, challenge=challenge)

    def enter(
        self, credential: str, *, remember: bool, kind: str = "browser"
    ) -> tuple[Session, str]:
        """Sign in with a passkey alone; it is two factors in one.

        Raises:
            BadCredentials: It does not hold, is not known, or was used before.
            AccountSuspended: It holds, but the account may not be used.
            NotVerified: It holds, but the address has not been verified.
        """
        row: Passkey | None = None
        try:
            answer = passkey.read(credential)
            self.ceremonies.take_back(answer, "enter", None)
            row = self._known(answer)
            word = self._use(row, answer)
        except PasskeyRefused as refusal:
            self.audit.record_signin(
                user_id=row.user_id if row else None,
                identifier=None,
                method=METHOD,
                failure=str(refusal)[:200],
            )
            raise BadCredentials(str(refusal)) from None
        user = self.users.get(row.user_id)
        return self.signin.with_proof(
            user,
            method=METHOD,
            amr=[word, "user", "mfa"],
            remember=remember,
            kind=kind,
        )

    def ask_second(self, ticket: Challenge) -> str | None:
        """Give the options that answer a second factor; None for who has no passkey."""
        return self.ask_proof(ticket.user_id)

    def ask_proof(self, user_id: uuid.UUID) -> str | None:
        """Give the options by which a known user proves more; None without passkeys."""
        held = self.list_of(user_id)
        if not held or not self.are_possible:
            return None
        return passkey.request_options(
            self.site,
            challenge=self.ceremonies.challenge("second", user_id),
            allowed=[one.credential_id for one in held],
        )

    def answer_second(
        self, ticket: Challenge, credential: str, *, trust: bool = False
    ) -> tuple[Session, str]:
        """Finish a sign-in that waits for its second proof.

        Raises:
            BadCredentials: It does not hold.
            ChallengeExpired: The ticket is spent or too old: begin again.
        """
        word = self.prove(ticket.user_id, credential)
        return self.signin.finish_with(ticket, word, trust=trust)

    def prove(self, user_id: uuid.UUID, credential: str) -> str:
        """Take a passkey's answer to ``ask_proof``; give its ``amr`` word (RFC 8176).

        Raises:
            BadCredentials: It does not hold, or is somebody else's.
        """
        try:
            answer = passkey.read(credential)
            self.ceremonies.take_back(answer, "second", user_id)
            row = self._known(answer)
            if row.user_id != user_id:
                raise PasskeyRefused("a passkey of somebody else")
            return self._use(row, answer)
        except PasskeyRefused as refusal:
            self.audit.record_signin(
                user_id=user_id,
                identifier=None,
                method=METHOD,
                failure=str(refusal)[:200],
            )
            raise BadCredentials(str(refusal)) from None

    def _known(self, answer: Answer) -> Passkey:
        row = self._find(answer.credential_id)
        if row is None:
            raise PasskeyRefused("unknown passkey")
        if answer.user_handle not in (None, row.user_id.bytes):
            raise PasskeyRefused("the user handle is another one")
        return row

    def _use(self, row: Passkey, answer: Answer) -> str:
        used = passkey.check_used(
            self.site, answer, public_key=row.public_key, sign_count=row.sign_count
        )
        self.db.execute(
            update(Passkey)
            .where(Passkey.id == row.id)
            .values(
                sign_count=used.sign_count,
                is_synced=used.is_synced,
                last_used_at=self.clock.now(),
            )
            .execution_options(synchronize_session=False)
        )
        return SYNCED if used.is_synced else BOUND

    def _tell(self, row: Passkey, change: str) -> None:
        # What is not synced lies in one device; most of those can be carried about.
        kind = "fido2-platform" if row.is_synced else "fido2-roaming"
        self.presence.sessions.endings.signals.credential_changed(
            row.user_id, kind=kind, change=change
        )

    # -- Rows

    def _find(self, credential_id: str) -> Passkey | None:
        return self.db.scalar(
            select(Passkey).where(Passkey.credential_id == credential_id)
        )

    def _connected(self, user_id: uuid.UUID) -> bool:
        known = select(OAuthProvider.id).where(OAuthProvider.user_id == user_id)
        return self.db.scalar(known.limit(1)) is not None
