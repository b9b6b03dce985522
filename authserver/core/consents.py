"""Is consent needed?  Remember it, withdraw it (OIDC Core §3.1.2.4)."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, delete, select, update
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.clock import Clock
from authserver.core import details as details_of
from authserver.core import unredeemed
from authserver.core.audit import Audit, EventTag
from authserver.core.details import Detail
from authserver.core.signed_in import SignedIn
from authserver.models import ClientConsent, TokenFamily
from authserver.models.inserts import insert_into

MOST_DETAILS = 100


def covers(
    who: SignedIn,
    scopes: Iterable[str],
    resources: Iterable[str] = (),
    details: Iterable[Detail] = (),
) -> bool:
    """Whether what somebody granted once covers what is asked now."""
    if who.granted_scope is None:
        return False
    has_scopes = set(scopes) <= set(who.granted_scope.split())
    has_resources = set(resources) <= set(who.granted_resources)
    return (
        has_scopes and has_resources and details_of.covers(who.granted_details, details)
    )


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
        self,
        user_id: uuid.UUID,
        client_id: uuid.UUID,
        scopes: Iterable[str],
        *,
        resources: Iterable[str] = (),
        details: Iterable[Detail] = (),
    ) -> None:
        """Add to what was granted before; two tabs at once do no harm."""
        before = self._granted(user_id, client_id)
        old = before.scope.split() if before else []
        scope = " ".join(dict.fromkeys([*old, *scopes]))
        known = before.resources or () if before else ()
        named = list(dict.fromkeys([*known, *resources])) or None
        told = details_of.merged(before.details if before else None, details)
        kept = told[-MOST_DETAILS:] or None
        now = self.clock.now()
        row = insert_into(self.db, ClientConsent).values(
            id=uuid.uuid4(),
            user_id=user_id,
            client_id=client_id,
            scope=scope,
            resources=named,
            details=kept,
            granted_at=now,
        )
        self.db.execute(
            row.on_conflict_do_update(
                index_elements=["user_id", "client_id"],
                set_={
                    "scope": scope,
                    "resources": named,
                    "details": kept,
                    "granted_at": now,
                },
            )
        )
        self.audit.record(
            EventTag.CONSENT_GRANTED, user_id=user_id, client_id=client_id, scope=scope
        )

    def _granted(self, user_id: uuid.UUID, client_id: uuid.UUID) -> Row[Any] | None:
        return self.db.execute(
            select(
                ClientConsent.scope, ClientConsent.resources, ClientConsent.details
            ).where(
                ClientConsent.user_id == user_id, ClientConsent.client_id == client_id
            )
        ).first()

    def withdraw(self, user_id: uuid.UUID, client_id: uuid.UUID) -> None:
        """Forget the consent and end the tokens that rest on it (ASVS 10.7.3)."""
        unredeemed.end(self.db, user_id=user_id, client_id=client_id)
        unredeemed.end_codes(self.db, user_id=user_id, client_id=client_id)
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
