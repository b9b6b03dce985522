"""Refresh tokens: issue, rotate, notice a replay (RFC 6749 §6, RFC 9700 §4.14).

They are opaque, single use, and make their own successor: its id and secret are an
HMAC of the token that was sent, so a lost answer can be repeated without keeping any
secret (C9).  Profiles that bind tokens to a key keep theirs instead (FAPI 2.0
§5.3.2.1 (9)): one that was stolen opens nothing.
"""

import base64
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, func, insert, select, update
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.clock import Clock
from authserver.config import Settings
from authserver.core import binding, subjects
from authserver.core.apps import App
from authserver.core.audit import Audit, EventTag
from authserver.core.binding import UNBOUND, Binding
from authserver.core.grant import Grant
from authserver.core.letters import Letters
from authserver.core.scopes import OFFLINE
from authserver.core.tokens import Tokens
from authserver.core.users import DENIED_STATUSES
from authserver.crypto import opaque
from authserver.errors import GrantReplayed, InvalidGrant, InvalidScope
from authserver.models import RefreshToken, TokenFamily, User
from authserver.models.constants import Constant
from authserver.models.engines import Reads
from authserver.models.spending import Spending

AnyRow = Row[*tuple[Any, ...]]

refresh_and_subject = Constant(
    select(
        RefreshToken.id,
        RefreshToken.token_hash,
        RefreshToken.created_at,
        RefreshToken.expires_at,
        RefreshToken.used_at,
        RefreshToken.successor_id,
        TokenFamily.id.label("family_id"),
        TokenFamily.client_id,
        TokenFamily.session_id,
        TokenFamily.scope,
        TokenFamily.claims,
        TokenFamily.resources,
        TokenFamily.details,
        TokenFamily.auth_time,
        TokenFamily.acr,
        TokenFamily.amr,
        TokenFamily.cnf,
        TokenFamily.expires_at.label("family_expires_at"),
        TokenFamily.revoked_at,
        *subjects.columns,
    )
    .join(TokenFamily, TokenFamily.id == RefreshToken.family_id)
    .join(User, User.id == TokenFamily.user_id)
    .where(RefreshToken.id == bindparam("token_id"))
)
_replaced = Spending(
    update(RefreshToken)
    .where(RefreshToken.id == bindparam("token_id"), RefreshToken.used_at.is_(None))
    .values(used_at=bindparam("now"), successor_id=bindparam("successor")),
    RefreshToken,
    ("id", "family_id", "token_hash", "created_at", "expires_at"),
)
_kept = Constant(
    update(RefreshToken)
    .where(RefreshToken.id == bindparam("token_id"), RefreshToken.used_at.is_(None))
    .values(expires_at=bindparam("ends"))
    .returning(RefreshToken.id)
)
_added = Constant(insert(RefreshToken))


@dataclass(frozen=True)
class Refresh:
    """Makes refresh tokens and spends them."""

    db: scoped_session[DbSession]
    clock: Clock
    settings: Settings
    tokens: Tokens
    audit: Audit
    letters: Letters
    pepper: bytes
    reads: Reads

    def with_first(self, grant: Grant, *, life: timedelta | None = None) -> Grant:
        """Add the first refresh token, where client and person allow one.

        OIDC Core §11: ``offline_access`` is what asks for it.

        Args:
            grant: For whom.
            life: How long each of the family may lie idle; else as the client says in
                ``refresh_ttl``, else ``REFRESH_TTL`` (C8).
        """
        may = "refresh_token" in grant.app.grant_types and OFFLINE in grant.scopes
        if not may:
            return grant
        selector, verifier, token = opaque.new_handle()
        life = life or self._life(grant.app)
        ends = self.clock.now() + life
        _added.run(self.db, self._row(selector, verifier, grant.family_id, ends))
        return replace(grant, refresh_token=token, refresh_life=life)

    def rotate(
        self,
        token: str,
        *,
        app: App,
        scopes: Sequence[str],
        shown: Binding = UNBOUND,
        resource: str | None = None,
        details: str | None = None,
    ) -> Grant:
        """Spend a refresh token and give the grant with its successor (RFC 6749 §6).

        The token just spent may come again for ``REFRESH_GRACE``, as long as nobody
        has used its successor: the answer was lost, and the same successor is given.
        Any other return of a spent token is a replay and ends the family.  Where the
        profile does not rotate, the token stays, and the grant has none to send.

        Args:
            token: The refresh token.
            app: Who asks.
            scopes: Fewer scopes, or none for all.
            shown: What the new access token will be bound to.
            resource: Of the resources of the grant, those that are asked for.
            details: Of its authorization details, those that are asked for.

        Raises:
            InvalidGrant: Not a living token of this client.
            GrantReplayed: It was spent before; the family is revoked.
            InvalidScope: More was asked than was granted.
            InvalidTarget: A resource that was not authorized (RFC 8707 §2.2).
            InvalidDetails: Details that were not granted (RFC 9396 §6).
        """
        row = self._find(token)
        if row is None or row.client_id != app.id:
            raise InvalidGrant("no such refresh token for this client")
        self._check_alive(row)
        binding.check_refresh(app, binding.of(row.cnf), shown)
        kept = self._narrowed(row.scope, scopes)
        target = self.tokens.targeting.of_request(
            kept,
            authorized=row.resources or self._implied(row, resource),
            granted=row.details or (),
            resource=resource,
            asked=details,
            app=app,
        )
        given: tuple[str, timedelta] | tuple[None, None] = (None, None)
        if app.security.rotates_refresh or not self._keep(row, app):
            given = self._replace(token, row)
        return Grant(
            app=app,
            subject=subjects.of(row),
            scopes=kept,
            family_id=row.family_id,
            session_id=row.session_id,
            auth_time=row.auth_time,
            acr=row.acr,
            amr=tuple(row.amr),
            claims=row.claims,
            binding=shown,
            resources=tuple(row.resources or ()),
            details=tuple(row.details or ()),
            target=target,
            refresh_token=given[0],
            refresh_life=given[1],
        )

    def _replace(self, token: str, row: AnyRow) -> tuple[str, timedelta]:
        """Spend the token that came; give its successor, and how long that may lie."""
        next_id, next_verifier = self._successor(token)
        # A successor lives as long as the one before it was given.
        life = row.expires_at - row.created_at
        now = self.clock.now()
        ends = min(now + life, row.family_expires_at)
        spent = {"token_id": row.id, "now": now, "successor": next_id}
        successor = self._row(next_id, next_verifier, row.family_id, ends)
        if row.used_at is not None or not _replaced.run(
            self.db, spent, successor, reads=self.reads
        ):
            self._forgive_or_revoke(row, next_id)
        return f"{next_id}.{next_verifier}", life

    def _keep(self, row: AnyRow, app: App) -> bool:
        """Let the same token live on; False when it was spent before."""
        ends = min(self.clock.now() + self._life(app), row.family_expires_at)
        sent = {"token_id": row.id, "ends": ends}
        return _kept.first(self.db, sent) is not None

    def _find(self, token: str) -> AnyRow | None:
        parts = opaque.split_handle(token)
        if parts is None:
            return None
        sent = {"token_id": parts[0]}
        found = self.reads.run_alone(refresh_and_subject, sent, self.db)
        if not found or not opaque.same(self._print(parts[1]), found[0].token_hash):
            return None
        return found[0]

    def _check_alive(self, row: AnyRow) -> None:
        now = self.clock.now()
        if row.revoked_at is not None:
            raise InvalidGrant(f"family {row.family_id} is revoked")
        if row.expires_at <= now or row.family_expires_at <= now:
            raise InvalidGrant("refresh token expired")
        if row.deleted_at is not None or row.status in DENIED_STATUSES:
            raise InvalidGrant(f"user {row.user_id} is {row.status}")

    def _narrowed(self, granted: str, asked: Sequence[str]) -> tuple[str, ...]:
        """RFC 6749 §6: less is fine for this answer, more never."""
        if not asked:
            return tuple(granted.split())
        if not set(asked) <= set(granted.split()):
            raise InvalidScope("more scope than was granted")
        return tuple(asked)

    def _implied(self, row: AnyRow, resource: str | None) -> tuple[str, ...]:
        """Give what all of a grant is for, where it named nothing and this asks."""
        return (
            ()
            if resource is None
            else self.tokens.targeting.implied(row.scope.split(), row.details or ())
        )

    def _forgive_or_revoke(self, row: AnyRow, next_id: uuid.UUID) -> None:
        """Look again at a spent token: lost answer, or replay."""
        times = self.db.execute(
            select(
                RefreshToken.used_at,
                select(func.count())
                .select_from(RefreshToken)
                .where(RefreshToken.id == next_id, RefreshToken.used_at.is_(None))
                .scalar_subquery()
                .label("fresh_successors"),
            ).where(RefreshToken.id == row.id)
        ).one()
        age = self.clock.now() - times.used_at
        if times.fresh_successors and age < self.settings.refresh_grace:
            return
        self.tokens.revoke_family(row.family_id, because="refresh token replayed")
        self.audit.record(
            EventTag.REFRESH_REPLAYED, user_id=row.user_id, client_id=row.client_id
        )
        if (user := self.db.get(User, row.user_id)) is not None:
            self.letters.signin_ended(user)
        raise GrantReplayed(
            f"refresh token {row.id} was used before",
            user_id=row.user_id,
            session_id=row.session_id,
        )

    def _row(
        self, token_id: uuid.UUID, verifier: str, family_id: uuid.UUID, ends: datetime
    ) -> dict[str, Any]:
        return {
            "id": token_id,
            "family_id": family_id,
            "token_hash": self._print(verifier),
            "created_at": self.clock.now(),
            "expires_at": ends,
        }

    def _life(self, app: App) -> timedelta:
        own = app.extra.get("refresh_ttl")
        seconds = own if isinstance(own, int) and own > 0 else 0
        return timedelta(seconds=seconds) or self.settings.refresh_ttl

    def _successor(self, token: str) -> tuple[uuid.UUID, str]:
        """Derive the next token from this one and our pepper: 256 bits, repeatable."""
        name = bytes.fromhex(opaque.fingerprint(f"id|{token}", key=self.pepper))
        secret = bytes.fromhex(opaque.fingerprint(f"secret|{token}", key=self.pepper))
        verifier = base64.urlsafe_b64encode(secret).rstrip(b"=").decode()
        return uuid.UUID(bytes=name[:16], version=4), verifier

    def _print(self, verifier: str) -> str:
        return opaque.fingerprint(verifier, key=self.pepper)
