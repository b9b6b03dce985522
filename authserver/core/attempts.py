"""Out to another service and back: who was sent, and is this the same browser?

``state``, ``nonce`` and the PKCE verifier never leave this server but as hash or in the
redirect itself (RFC 9700 §2.1).  An attempt is spent by one UPDATE that looks at all of
them at once, so of two that come back with one ``state`` one gets on.
"""

import json
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.adapters.social.base import Errand, Identity, Provider, SocialFailed
from authserver.clock import Clock
from authserver.config import Settings
from authserver.core.audit import Audit
from authserver.core.device import here
from authserver.crypto import opaque
from authserver.crypto.sealed import Sealer
from authserver.errors import ChallengeExpired, NotFound, ProviderFailed
from authserver.models import ConnectionAttempt

LIFE = timedelta(minutes=10)
OVER = "This sign-in has already been finished or has waited too long."


@dataclass(frozen=True)
class Wish:
    """What somebody wants of a provider, and where they come from."""

    face: str
    """``page`` or ``api``: who takes them in again."""
    remember: bool = False
    return_to: str | None = None
    interaction_id: uuid.UUID | None = None
    user_id: uuid.UUID | None = None
    """To whom the identity is to be linked, who is signed in"""
    session_id: uuid.UUID | None = None
    """here; none of both for a sign-in."""


@dataclass(frozen=True)
class Attempt:
    """Somebody who has come back, once."""

    provider: str
    wish: Wish
    errand: Errand


@dataclass(frozen=True)
class Attempts:
    """Sends people out, and takes them in again."""

    db: scoped_session[DbSession]
    clock: Clock
    settings: Settings
    sealer: Sealer
    providers: dict[str, Provider]
    audit: Audit
    pepper: bytes

    def provider(self, name: str) -> Provider:
        """Give a provider.

        Raises:
            NotFound: It is not set up here.
        """
        found = self.providers.get(name)
        if found is None:
            raise NotFound(f"no provider {name[:40]!r}")
        return found

    def begin(self, name: str, wish: Wish) -> str:
        """Note who goes out, and give the address to go to.

        Raises:
            NotFound: There is no such provider.
            ProviderFailed: It cannot be reached.
        """
        provider = self.provider(name)
        selector, secret, state = opaque.new_handle()
        errand = Errand(
            redirect_uri=self.callback(name),
            state=state,
            nonce=opaque.new_secret(),
            verifier=opaque.new_secret(),
        )
        try:
            url = provider.authorization_url(errand)
        except SocialFailed as fault:
            raise ProviderFailed(f"{name}: {fault}") from None
        now = self.clock.now()
        hidden = json.dumps([errand.nonce, errand.verifier]).encode()
        self.db.add(
            ConnectionAttempt(
                id=selector,
                state_hash=self._print(secret),
                provider=name,
                face=wish.face,
                browser_hash=self._print(here.get().browser or opaque.new_secret()),
                secrets_sealed=self.sealer.seal(hidden, selector.bytes),
                return_to=wish.return_to,
                remember=wish.remember,
                interaction_id=wish.interaction_id,
                user_id=wish.user_id,
                session_id=wish.session_id,
                created_at=now,
                expires_at=now + LIFE,
            )
        )
        return url

    def callback(self, name: str) -> str:
        """Give where a provider sends people back to: one address for both faces."""
        return f"{self.settings.issuer}/v1/auth/oauth/{name}/callback"

    def face_of(self, name: str, state: str) -> str | None:
        """Say who takes in somebody with this ``state``, without spending it."""
        parts = opaque.split_handle(state)
        found = select(ConnectionAttempt.face).where(
            ConnectionAttempt.id == (parts[0] if parts else None),
            ConnectionAttempt.provider == name,
        )
        return self.db.scalar(found) if parts else None

    def arrive(self, name: str, state: str) -> Attempt:
        """Spend the ``state`` of somebody who comes back.  Commit before going on.

        Raises:
            ChallengeExpired: Unknown, spent, too old, of another provider, or of
                another browser; a stranger does not spend it.
        """
        parts, browser = opaque.split_handle(state), here.get().browser
        if parts is None or browser is None:
            raise ChallengeExpired("no state, or no browser", public=OVER)
        now = self.clock.now()
        row = self.db.scalar(
            update(ConnectionAttempt)
            .where(
                ConnectionAttempt.id == parts[0],
                ConnectionAttempt.state_hash == self._print(parts[1]),
                ConnectionAttempt.browser_hash == self._print(browser),
                ConnectionAttempt.provider == name,
                ConnectionAttempt.used_at.is_(None),
                ConnectionAttempt.expires_at > now,
            )
            .values(used_at=now)
            .returning(ConnectionAttempt)
            .execution_options(synchronize_session=False, populate_existing=True)
        )
        if row is None:
            raise ChallengeExpired(f"no attempt {parts[0]} waits here", public=OVER)
        return self._attempt(row, state)

    def _attempt(self, row: ConnectionAttempt, state: str) -> Attempt:
        hidden: list[Any] = json.loads(
            self.sealer.open(row.secrets_sealed, row.id.bytes)
        )
        wish = Wish(
            face=row.face,
            remember=row.remember,
            return_to=row.return_to,
            interaction_id=row.interaction_id,
            user_id=row.user_id,
            session_id=row.session_id,
        )
        errand = Errand(self.callback(row.provider), state, hidden[0], hidden[1])
        return Attempt(row.provider, wish, errand)

    def identify(self, attempt: Attempt, code: str, *, issuer: str | None) -> Identity:
        """Ask the provider who has come back; no transaction waits meanwhile.

        Raises:
            ProviderFailed: It does not say, or not in a way to believe.
        """
        try:
            return self.provider(attempt.provider).identify(
                code, attempt.errand, issuer=issuer
            )
        except SocialFailed as fault:
            self.audit.record_signin(
                user_id=attempt.wish.user_id,
                identifier=None,
                method=attempt.provider,
                failure=ProviderFailed.code,
            )
            raise ProviderFailed(f"{attempt.provider}: {fault}") from None

    def _print(self, secret: str) -> str:
        return opaque.fingerprint(f"attempt|{secret}", key=self.pepper)
