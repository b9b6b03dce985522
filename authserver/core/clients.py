"""The client registry: register, find, authenticate, rotate a secret.

Finding is on every hot path, so a client is read once and kept for seconds as an
unchangeable snapshot.  Revocation of tokens never looks at this cache.
"""

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.clock import Clock, is_fresh
from authserver.core import apps, client_metadata
from authserver.core.apps import App
from authserver.core.audit import Audit, EventTag
from authserver.core.scopes import CLAIMS_OF
from authserver.crypto import opaque
from authserver.crypto.sealed import Sealer
from authserver.errors import InvalidInput, NotFound
from authserver.models import Client, ClientSecret
from authserver.models.engines import Reads

OWN_CLIENT = "authserver"
"""The client that our own front ends are: the /v1 API's tokens are its tokens."""

CACHE_AGE = timedelta(seconds=3)
CACHE_SIZE = 1000
MAX_CLIENT_ID = 255
OLD_SECRET_LIFE = timedelta(days=7)
EVERY_SCOPE = " ".join(CLAIMS_OF)


def _is_plain(client_id: str) -> bool:
    """RFC 6749 Appendix A.1, and no longer than anything we ever gave."""
    return len(client_id) <= MAX_CLIENT_ID and all(" " <= ch <= "~" for ch in client_id)


@dataclass(frozen=True)
class Clients:
    """The registry."""

    db: scoped_session[DbSession]
    reads: Reads
    clock: Clock
    audit: Audit
    sealer: Sealer
    pepper: bytes
    cache: dict[str, tuple[datetime, App | None]] = field(
        default_factory=dict, repr=False
    )

    def find(self, client_id: str) -> App | None:
        """Give a client that exists and is not disabled; at most seconds old."""
        now = self.clock.now()
        kept = self.cache.get(client_id)
        if kept is not None and is_fresh(kept[0], now, CACHE_AGE):
            return kept[1]
        app = self._read(client_id) if _is_plain(client_id) else None
        if len(self.cache) >= CACHE_SIZE:
            self.cache.clear()
        self.cache[client_id] = (now, app)
        return app

    def _read(self, client_id: str) -> App | None:
        rows = self.reads.all(apps.with_secrets, {"client_id": client_id})
        return apps.of(rows) if rows and rows[0].disabled_at is None else None

    def get(self, client_id: str) -> Client:
        """Give the row of a client; NotFound when there is none."""
        row = self.db.scalar(select(Client).where(Client.client_id == client_id))
        if row is None:
            raise NotFound(f"no client {client_id}")
        return row

    def list_all(self) -> Sequence[Client]:
        """Give all clients, by name."""
        return self.db.scalars(select(Client).order_by(Client.name, Client.id)).all()

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

    def register(
        self,
        *,
        name: str,
        redirect_uris: Sequence[str] = (),
        auth_method: str = "client_secret_basic",
        grant_types: Sequence[str] = ("authorization_code", "refresh_token"),
        scope: str = EVERY_SCOPE,
        **more: Any,
    ) -> tuple[Client, str | None]:
        """Add a client; give its row and, told once, its secret.

        Args:
            name: What people see on the consent page.
            redirect_uris: Where answers may be sent, compared exactly.
            auth_method: How it proves itself at the token endpoint.
            grant_types: The grants it may use.
            scope: The scopes it may ask for.
            more: ``profile``, ``post_logout_redirect_uris``, ``jwks``,
                ``skip_consent``, ``extra``, ``client_id``.

        Raises:
            InvalidInput: Something does not fit together; each fault by field.
        """
        faults = client_metadata.faults_of(
            name, redirect_uris, auth_method, grant_types, more
        )
        if faults:
            raise InvalidInput(fields=faults)
        now = self.clock.now()
        client = Client(
            id=uuid.uuid4(),
            client_id=more.get("client_id") or secrets.token_hex(16),
            name=name.strip(),
            profile=more.get("profile") or "oidc",
            redirect_uris=list(redirect_uris),
            post_logout_redirect_uris=list(more.get("post_logout_redirect_uris") or ()),
            grant_types=list(grant_types),
            response_types=["code"] if "authorization_code" in grant_types else [],
            scope=scope,
            token_endpoint_auth_method=auth_method,
            jwks=more.get("jwks"),
            skip_consent=bool(more.get("skip_consent")),
            extra=more.get("extra") or {},
            created_at=now,
            updated_at=now,
        )
        self.db.add(client)
        self.db.flush()
        secret = None
        if auth_method not in ("none", "private_key_jwt"):
            secret = self._add_secret(client)
        self.audit.record(EventTag.CLIENT_CREATED, client_id=client.id, name=name)
        return client, secret

    def replace(
        self,
        client_id: str,
        *,
        name: str,
        redirect_uris: Sequence[str],
        auth_method: str,
        grant_types: Sequence[str],
        scope: str,
        **more: Any,
    ) -> Client:
        """Replace a client's metadata; its id and secrets stay (RFC 7592 §2.2).

        Raises:
            NotFound: No such client.
            InvalidInput: Something does not fit together, or the way it proves itself
                would need a secret that it has not.
        """
        row = self.get(client_id)
        faults = client_metadata.faults_of(
            name, redirect_uris, auth_method, grant_types, more
        )
        if auth_method != row.token_endpoint_auth_method:
            said = ["Register another client for another way to authenticate."]
            faults.setdefault("token_endpoint_auth_method", said)
        if faults:
            raise InvalidInput(fields=faults)
        row.name, row.scope = name.strip(), scope
        row.redirect_uris, row.grant_types = list(redirect_uris), list(grant_types)
        row.response_types = ["code"] if "authorization_code" in grant_types else []
        row.post_logout_redirect_uris = list(
            more.get("post_logout_redirect_uris") or ()
        )
        row.profile, row.jwks = more.get("profile") or "oidc", more.get("jwks")
        row.skip_consent = bool(more.get("skip_consent"))
        row.extra = more.get("extra") or {}
        row.updated_at = self.clock.now()
        self.audit.record(EventTag.CLIENT_CHANGED, client_id=row.id)
        self.cache.pop(client_id, None)
        return row

    def ensure_own(self) -> None:
        """Make the client that our own front ends are, where it is missing."""
        known = select(Client.id).where(Client.client_id == OWN_CLIENT)
        if self.db.scalar(known) is None:
            self.register(
                name="Account API",
                auth_method="none",
                grant_types=("refresh_token",),
                client_id=OWN_CLIENT,
                skip_consent=True,
            )

    def rotate_secret(self, client_id: str) -> str:
        """Add a new secret; the ones before it live for another week.

        Raises:
            NotFound: No such client.
            InvalidInput: It has no secret to rotate.
        """
        client = self.get(client_id)
        if client.token_endpoint_auth_method in ("none", "private_key_jwt"):
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
        self.audit.record(EventTag.CLIENT_SECRET_ROTATED, client_id=client.id)
        return self._add_secret(client)

    def delete(self, client_id: str) -> None:
        """Remove a client with its codes, tokens and consents.

        Raises:
            NotFound: No such client.
        """
        client = self.get(client_id)
        self.audit.record(EventTag.CLIENT_DELETED, client_id=client.id)
        self.db.execute(delete(Client).where(Client.id == client.id))
        self.cache.pop(client_id, None)

    def _add_secret(self, client: Client) -> str:
        secret, sealed = opaque.new_secret(), None
        if client.token_endpoint_auth_method == "client_secret_jwt":
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
