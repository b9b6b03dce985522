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

from sqlalchemy import delete, select

from authserver.clock import is_fresh
from authserver.core import apps, client_metadata, client_rows, client_rules
from authserver.core.apps import App
from authserver.core.audit import EventTag
from authserver.core.client_metadata import Offer
from authserver.core.client_rows import is_member
from authserver.core.client_secrets import ClientSecrets, is_plain
from authserver.core.keys import Keys
from authserver.core.scopes import CLAIMS_OF
from authserver.errors import Conflict, InvalidInput, NotFound
from authserver.models import Client
from authserver.models.engines import Reads

OWN_CLIENT = "authserver"
"""The client that our own front ends are: the /v1 API's tokens are its tokens."""

CACHE_AGE = timedelta(seconds=3)
CACHE_SIZE = 1000
EVERY_SCOPE = " ".join(CLAIMS_OF)


def _who(more: dict[str, Any]) -> dict[str, Any]:
    return {"actor_id": more.get("by"), "reason": more.get("reason")}


@dataclass(frozen=True)
class Clients(ClientSecrets):
    """The registry."""

    reads: Reads
    keys: Keys
    cache: dict[str, tuple[datetime, App | None]] = field(
        default_factory=dict, repr=False
    )

    def find(self, client_id: str) -> App | None:
        """Give a client that exists and is not disabled; at most seconds old."""
        now = self.clock.now()
        kept = self.cache.get(client_id)
        if kept is not None and is_fresh(kept[0], now, CACHE_AGE):
            return kept[1]
        app = self._read(client_id) if is_plain(client_id) else None
        if len(self.cache) >= CACHE_SIZE:
            self.cache.clear()
        self.cache[client_id] = (now, app)
        return app

    def _read(self, client_id: str) -> App | None:
        rows = self.reads.all(apps.with_secrets, {"client_id": client_id})
        if not rows or rows[0].disabled_at is not None:
            return None
        by_document = rows[0].registered_by == "document"
        if by_document and not self.keys.settings.client_id_documents:
            return None
        return apps.of(rows)

    def list_all(self) -> Sequence[Client]:
        """Give all clients, by name."""
        return self.db.scalars(select(Client).order_by(Client.name, Client.id)).all()

    def at(self, row_id: uuid.UUID) -> Client:
        """Give a client by the id of its row: its own may be a URL; else NotFound."""
        row = self.db.get(Client, row_id)
        if row is None:
            raise NotFound(f"no client at {row_id}")
        return row

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
            more: ``profile``, ``skip_consent``, ``client_id``, ``client_secret`` if the
                operator has made one, any other member of a registration by its name,
                ``extra`` with more of them, and for the security log ``by`` (a user's
                id) and ``reason``.

        Raises:
            InvalidInput: Something does not fit together; each fault by field.
        """
        members = self._checked(
            {
                "client_name": name,
                "redirect_uris": redirect_uris,
                "token_endpoint_auth_method": auth_method,
                "grant_types": grant_types,
                "scope": scope,
            },
            more,
        )
        client, secret = self.add(
            members,
            profile=more.get("profile") or "oidc",
            client_id=more.get("client_id"),
            secret=more.get("client_secret"),
            skip_consent=bool(more.get("skip_consent")),
        )
        client.extra = client_rows.beside(more.get("extra")) | client.extra
        self.audit.record(
            EventTag.CLIENT_CREATED, client_id=client.id, name=name, **_who(more)
        )
        return client, secret

    def add(
        self,
        members: client_rules.Members,
        *,
        profile: str = "oidc",
        client_id: str | None = None,
        secret: str | None = None,
        **facts: Any,
    ) -> tuple[Client, str | None]:
        """Add the row of a registration that is complete; give its secret, if it has one.

        Args:
            members: What ``client_rules.complete`` gave.
            profile: The security profile.
            client_id: Its id; else a random one.
            secret: Its secret, if it wants one; else a random one.
            facts: Other columns.
        """
        now = self.clock.now()
        client = Client(
            id=uuid.uuid4(),
            client_id=client_id or secrets.token_hex(16),
            profile=profile,
            created_at=now,
            updated_at=now,
            **facts,
        )
        client_rows.put(client, members)
        self.db.add(client)
        self.db.flush()
        wants = self.wants_secret(client)
        return client, self.add_secret(client, secret) if wants else None

    def offer(self) -> Offer:
        """Say what can be registered now."""
        ring = self.keys.ring()
        opened = [key.alg for key in ring.published]
        return client_metadata.offer(self.keys.settings, ring.active, opened)

    def _checked(
        self, given: client_rules.Members, more: dict[str, Any]
    ) -> client_rules.Members:
        """Read what an operator registers.

        Raises:
            InvalidInput: Something does not fit together; each fault by field.
        """
        also = {name: value for name, value in more.items() if is_member(name)}
        every = (more.get("extra") or {}) | also | given
        lists = {n: list(v) if isinstance(v, tuple) else v for n, v in every.items()}
        members, faults = client_rules.complete(
            lists,
            self.offer(),
            profile=more.get("profile") or "oidc",
            by_operator=True,
        )
        if faults:
            raise InvalidInput(fields=faults)
        return members

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
            Conflict: It is our own.
            InvalidInput: Something does not fit together, or the way it proves itself
                would need a secret that it has not.
        """
        row = self._not_our_own(client_id)
        members = self._checked(
            {
                "client_name": name,
                "redirect_uris": redirect_uris,
                "token_endpoint_auth_method": auth_method,
                "grant_types": grant_types,
                "scope": scope,
            },
            more,
        )
        if auth_method != row.token_endpoint_auth_method:
            said = ["Register another client for another way to authenticate."]
            raise InvalidInput(fields={"token_endpoint_auth_method": said})
        client_rows.put(row, members)
        row.extra = row.extra | client_rows.beside(more.get("extra"))
        row.profile = more.get("profile") or "oidc"
        row.skip_consent = bool(more.get("skip_consent"))
        row.updated_at = self.clock.now()
        self.audit.record(EventTag.CLIENT_CHANGED, client_id=row.id, **_who(more))
        self.cache.pop(client_id, None)
        return row

    def is_taken(self, client_id: str) -> bool:
        """Whether there is a client of this id, whoever registered it."""
        known = select(Client.id).where(Client.client_id == client_id)
        return self.db.scalar(known) is not None

    def ensure_own(self) -> None:
        """Make the client that our own front ends are, where it is missing."""
        if not self.is_taken(OWN_CLIENT):
            self.register(
                name="Account API",
                auth_method="none",
                grant_types=("refresh_token",),
                client_id=OWN_CLIENT,
                skip_consent=True,
            )

    def delete(
        self,
        client_id: str,
        *,
        by: uuid.UUID | None = None,
        reason: str | None = None,
    ) -> None:
        """Remove a client with its codes, tokens and consents.

        Args:
            client_id: Which.
            by: Who does it, for the security log.
            reason: Why, for the security log.

        Raises:
            NotFound: No such client.
            Conflict: It is our own.
        """
        client = self._not_our_own(client_id)
        self.audit.record(
            EventTag.CLIENT_DELETED, client_id=client.id, actor_id=by, reason=reason
        )
        self.db.execute(delete(Client).where(Client.id == client.id))
        self.cache.pop(client_id, None)

    def _not_our_own(self, client_id: str) -> Client:
        """Give a client that may be changed: without our own, nobody could sign in."""
        if client_id == OWN_CLIENT:
            raise Conflict("the /v1 API's own client stays as it is")
        return self.get(client_id)
