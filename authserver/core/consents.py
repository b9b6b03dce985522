"""Is consent needed?  Remember it, withdraw it (OIDC Core §3.1.2.4)."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.clock import Clock
from authserver.core.audit import Audit, EventTag
from authserver.models import ClientConsent, TokenFamily


def covers(granted: str | None, needed: Iterable[str]) -> bool:
    """Whether what was granted once covers what is asked now."""
    return granted is not None and set(needed) <= set(granted.split())


@dataclass(frozen=True)
class Consents:
    """One row for each user and client."""

    db: scoped_session[DbSession]
    clock: Clock
    audit: Audit

    def find(self, user_id: uuid.UUID, client_id: uuid.UUID) -> str | None:
        """Give the scopes that the user has granted to the client."""
        return self.db.scalar(
            select(ClientConsent.scope).where(
                ClientConsent.user_id == user_id, ClientConsent.client_id == client_id
            )
        )

    def remember(
        self, user_id: uuid.UUID, client_id: uuid.UUID, scopes: Iterable[str]
    ) -> None:
        """Add scopes to what was granted before; two tabs at once do no harm."""
        before = self.find(user_id, client_id) or ""
        scope = " ".join(dict.fromkeys([*before.split(), *scopes]))
        now = self.clock.now()
        is_postgres = self.db.get_bind().dialect.name == "postgresql"
        insert = postgresql.insert if is_postgres else sqlite.insert
        row = insert(ClientConsent).values(
            id=uuid.uuid4(),
            user_id=user_id,
            client_id=client_id,
            scope=scope,
            granted_at=now,
        )
        self.db.execute(
            row.on_conflict_do_update(
                index_elements=["user_id", "client_id"],
                set_={"scope": scope, "granted_at": now},
            )
        )
        self.audit.record(
            EventTag.CONSENT_GRANTED, user_id=user_id, client_id=client_id, scope=scope
        )

    def withdraw(self, user_id: uuid.UUID, client_id: uuid.UUID) -> None:
        """Forget the consent and end the tokens that rest on it (ASVS 10.7.3)."""
        self.db.execute(
            delete(ClientConsent).where(
                ClientConsent.user_id == user_id, ClientConsent.client_id == client_id
            )
        )
        self.db.execute(
            update(TokenFamily)
            .where(
                TokenFamily.user_id == user_id,
                TokenFamily.client_id == client_id,
                TokenFamily.revoked_at.is_(None),
            )
            .values(revoked_at=self.clock.now(), revoked_because="consent withdrawn")
            .execution_options(synchronize_session=False)
        )
        self.audit.record(
            EventTag.CONSENT_WITHDRAWN, user_id=user_id, client_id=client_id
        )
