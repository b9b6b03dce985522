"""The secrets that clients share with us: made, compared, rotated (RFC 6749 §2.3.1)."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.clock import Clock
from authserver.core import client_metadata, client_rows
from authserver.core.apps import App
from authserver.core.audit import Audit, EventTag
from authserver.crypto import opaque
from authserver.crypto.sealed import Sealer
from authserver.errors import InvalidInput, NotFound
from authserver.models import Client, ClientSecret

OLD_SECRET_LIFE = timedelta(days=7)
MAX_CLIENT_ID = 1024
SHORTEST, LONGEST, FEWEST_SIGNS = 32, 256, 10
WEAK = (
    f"Must be {SHORTEST} to {LONGEST} visible ASCII characters, made at random: "
    "openssl rand -hex 32."
)


def is_plain(client_id: str) -> bool:
    """RFC 6749 Appendix A.1, and no longer than anything we ever gave."""
    return len(client_id) <= MAX_CLIENT_ID and all(" " <= ch <= "~" for ch in client_id)


def is_strong(secret: str) -> bool:
    """Whether a secret made elsewhere is as good as ours: we keep a mere HMAC of it.

    32 random hexadecimal digits are 128 bits (RFC 6749 §10.10, Appendix A.2).
    """
    has_length = SHORTEST <= len(secret) <= LONGEST
    is_visible = all("!" <= sign <= "~" for sign in secret)
    return has_length and is_visible and len(set(secret)) >= FEWEST_SIGNS


@dataclass(frozen=True)
class ClientSecrets:
    """Of the registry, what concerns secrets."""

    db: scoped_session[DbSession]
    clock: Clock
    audit: Audit
    sealer: Sealer
    pepper: bytes

    def get(self, client_id: str) -> Client:
        """Give the row of a client; NotFound when there is none."""
        found = select(Client).where(Client.client_id == client_id)
        row = self.db.scalar(found) if is_plain(client_id) else None
        if row is None:
            raise NotFound(f"no client {client_id[:64]!r}")
        return row

    def has_secret(self, app: App, secret: str) -> bool:
        """Compare with every live secret.

        Secrets are ours and have 256 bits, so one HMAC is enough (no Argon2).
        """
        given, now = opaque.fingerprint(secret, key=self.pepper), self.clock.now()
        fits = [
            opaque.same(given, kept) and (ends is None or ends > now)
            for kept, _, ends in app.secrets
        ]
        return any(fits)

    def open_secrets(self, app: App) -> list[str]:
        """Give the live secrets themselves, for client_secret_jwt (OIDC Core §9)."""
        now = self.clock.now()
        return [
            self.sealer.open(sealed, app.id.bytes).decode()
            for _, sealed, ends in app.secrets
            if sealed is not None and (ends is None or ends > now)
        ]

    def rotate_secret(
        self,
        client_id: str,
        *,
        secret: str | None = None,
        by: uuid.UUID | None = None,
        reason: str | None = None,
    ) -> str:
        """Add a new secret; the ones before it live for another week.

        Args:
            client_id: Whose.
            secret: One that the operator has made; else we make one.
            by: Who does it, for the security log.
            reason: Why, for the security log.

        Raises:
            NotFound: No such client.
            InvalidInput: It has no secret to rotate, or the one given can be guessed.
        """
        client = self.get(client_id)
        if not self.wants_secret(client):
            raise InvalidInput(fields={"client_id": ["This client has no secret."]})
        ends = self.clock.now() + OLD_SECRET_LIFE
        self.db.execute(
            update(ClientSecret)
            .where(
                ClientSecret.client_id == client.id,
                ClientSecret.expires_at.is_(None) | (ClientSecret.expires_at > ends),
            )
            .values(expires_at=ends)
        )
        self.audit.record(
            EventTag.CLIENT_SECRET_ROTATED,
            client_id=client.id,
            actor_id=by,
            reason=reason,
        )
        return self.add_secret(client, secret)

    def wants_secret(self, client: Client) -> bool:
        """Whether this client shares a secret with us."""
        members = client_rows.members_of(client)
        by_secret = client_metadata.needs_secret(client.token_endpoint_auth_method)
        return by_secret or client_metadata.needs_readable_secret(members)

    def knows_secret(self, client: Client, secret: str) -> bool:
        """Whether this is a secret of the client that lives on."""
        mine = select(ClientSecret.secret_hash).where(
            ClientSecret.client_id == client.id, ClientSecret.expires_at.is_(None)
        )
        given = opaque.fingerprint(secret, key=self.pepper)
        fits = [opaque.same(given, kept) for kept in self.db.scalars(mine)]
        return any(fits)

    def add_secret(self, client: Client, secret: str | None = None) -> str:
        """Give a client a new secret, which is told once.

        Args:
            client: Whose it is.
            secret: One that the operator has made; else we make one.

        Raises:
            InvalidInput: The one given can be guessed.
        """
        if secret is not None and not is_strong(secret):
            raise InvalidInput(fields={"client_secret": [WEAK]})
        secret, sealed = secret or opaque.new_secret(), None
        if client_metadata.needs_readable_secret(client_rows.members_of(client)):
            sealed = self.sealer.seal(secret.encode(), client.id.bytes)
        self.db.add(
            ClientSecret(
                client_id=client.id,
                secret_hash=opaque.fingerprint(secret, key=self.pepper),
                secret_sealed=sealed,
                created_at=self.clock.now(),
            )
        )
        return secret
