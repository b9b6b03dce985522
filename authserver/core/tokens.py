"""Families, access tokens and ID tokens; a family dies together (RFC 9700 §4.14.2).

Access tokens are RFC 9068 JWTs and have no row.  Refresh tokens are in ``refresh``.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.clock import Clock
from authserver.config import Settings
from authserver.core import claims as claims_of
from authserver.core.apps import App
from authserver.core.audit import Audit
from authserver.core.binding import UNBOUND, Binding
from authserver.core.client_messages import ClientMessages, Kind
from authserver.core.details import Detail
from authserver.core.grant import Grant, reach
from authserver.core.keys import Keys
from authserver.core.sectors import Sectors
from authserver.core.targeting import Targeting
from authserver.core.targets import Target
from authserver.crypto import opaque, signing
from authserver.crypto.signing import SigningKey
from authserver.errors import AuthError
from authserver.models import TokenFamily
from authserver.models.constants import Constant
from authserver.models.inserts import insert_into
from authserver.models.token import RevokedToken, SpentAssertion

FAMILY_COLUMNS = (
    *("id", "client_id", "user_id", "session_id", "scope", "claims", "resources"),
    *("details", "auth_time", "acr", "amr", "cnf", "created_at", "expires_at"),
)
_family_added = Constant(insert(TokenFamily))


@dataclass(frozen=True)
class Tokens:
    """Makes tokens and ends them."""

    db: scoped_session[DbSession]
    clock: Clock
    settings: Settings
    keys: Keys
    targeting: Targeting
    audit: Audit
    sectors: Sectors
    messages: ClientMessages

    # -- families

    def begin_family(self, grant: Grant) -> None:
        """Write the family that all tokens of this grant belong to."""
        _family_added.run(self.db, self.family_row(grant))

    def family_row(self, grant: Grant) -> dict[str, Any]:
        """Give the family of this grant as it is written, by ``FAMILY_COLUMNS``."""
        now = self.clock.now()
        return {
            "id": grant.family_id,
            "client_id": grant.app.id,
            "user_id": grant.subject.id,
            "session_id": grant.session_id,
            **reach(grant.scopes, grant.resources, grant.details),
            "claims": grant.claims,
            "auth_time": grant.auth_time,
            "acr": grant.acr,
            "amr": list(grant.amr),
            "cnf": grant.binding.cnf or None,
            "created_at": now,
            "expires_at": now + self.settings.family_ttl,
        }

    def widen_family(self, family_id: uuid.UUID, scopes: Sequence[str]) -> None:
        """Let a family's next tokens reach further: the person has proved more."""
        self.db.execute(
            update(TokenFamily)
            .where(TokenFamily.id == family_id)
            .values(scope=" ".join(scopes))
            .execution_options(synchronize_session=False)
        )

    def revoke_family(self, family_id: uuid.UUID, *, because: str) -> bool:
        """End a family; give whether it was alive."""
        ended = self.db.scalar(
            update(TokenFamily)
            .where(TokenFamily.id == family_id, TokenFamily.revoked_at.is_(None))
            .values(revoked_at=self.clock.now(), revoked_because=because)
            .returning(TokenFamily.id)
            .execution_options(synchronize_session=False)
        )
        return ended is not None

    def revoke_access(self, jti: str, expires_at: datetime) -> None:
        """End one access token that has no family; twice does no harm, nor at once."""
        revoked = insert_into(self.db, RevokedToken).values(
            jti=jti, expires_at=expires_at
        )
        self.db.execute(revoked.on_conflict_do_nothing())

    def spend_assertion(self, client_id: str, jti: str, exp: float) -> bool:
        """Take the ``jti`` of a client assertion; False when it was taken before.

        One insert of a unique value: of many at once one wins (RFC 7523 §3).
        """
        name = opaque.fingerprint(f"{client_id}\n{jti}")
        ends = datetime.fromtimestamp(exp, UTC)
        taken = self.db.scalar(
            insert_into(self.db, SpentAssertion)
            .values(fingerprint=name, expires_at=ends)
            .on_conflict_do_nothing()
            .returning(SpentAssertion.fingerprint)
        )
        return taken is not None

    # -- what the token endpoint answers

    def answer(self, grant: Grant) -> dict[str, Any]:
        """Give the token response of RFC 6749 §5.1 (OIDC Core §3.1.3.3)."""
        body = self.access_answer(grant)
        if grant.refresh_token:
            body["refresh_token"] = grant.refresh_token
        if "openid" in grant.scopes:
            body["id_token"] = self.id_token(grant, body["access_token"])
        return body

    def access_answer(self, grant: Grant) -> dict[str, Any]:
        """Give an access token with what is said of it, and nothing else."""
        target = self._target(grant)
        return {
            "access_token": self._access_token(grant, target),
            "token_type": grant.binding.token_type,
            "expires_in": target.seconds_from(self.clock.timestamp()),
            "scope": " ".join(target.scopes),
            **_told(target),
        }

    def client_answer(
        self,
        app: App,
        scopes: Sequence[str],
        bound: Binding = UNBOUND,
        *,
        resources: Sequence[str] = (),
        details: Sequence[Detail] = (),
    ) -> dict[str, Any]:
        """Give the answer to client_credentials: no user, no row, no refresh token."""
        target = self.targeting.of_grant(scopes, authorized=resources, details=details)
        claims = self._base(app, target, bound) | {"sub": app.client_id}
        key = self._signer(app, target)
        body = {
            "access_token": signing.sign_jwt(key, claims, target.typ),
            "token_type": bound.token_type,
            "expires_in": claims["exp"] - claims["iat"],
            **_told(target),
        }
        return body | ({"scope": " ".join(target.scopes)} if target.scopes else {})

    def access_token(self, grant: Grant) -> str:
        """Sign an access token (RFC 9068 §2.2), with the claims of its scopes."""
        return self._access_token(grant, self._target(grant))

    def _target(self, grant: Grant) -> Target:
        return grant.target or self.targeting.of_grant(
            grant.scopes, authorized=grant.resources, details=grant.details
        )

    def _access_token(self, grant: Grant, target: Target) -> str:
        subject, scopes = grant.subject, set(target.scopes)
        sub = self.sectors.sub_of(grant.app, subject.id)
        claims = self._base(grant.app, target, grant.binding) | {
            "sub": sub,
            "user_id": sub,
            "fam": str(grant.family_id),
            "auth_time": int(grant.auth_time.timestamp()),
            "acr": grant.acr,
            "amr": list(grant.amr),
        }
        if grant.act:
            claims["act"] = grant.act
        if "profile" in scopes:
            claims["user_name"] = subject.full_name or subject.username or ""
        if "email" in scopes:
            claims["email"] = subject.email
        if "roles" in scopes:
            claims["roles"] = claims_of.cased(subject.roles, self.settings.role_case)
        if "institutions" in scopes:
            claims["institutions"] = list(subject.institutions)
        return signing.sign_jwt(self._signer(grant.app, target), claims, target.typ)

    def _signer(self, app: App, target: Target) -> SigningKey:
        """Sign as the audience wants it, if the client's profile lets us."""
        is_allowed = target.alg in app.security.algorithms
        alg = target.alg if is_allowed else self.messages.usual_algorithm(app)
        return self.keys.signer(alg)

    def _base(self, app: App, target: Target, bound: Binding) -> dict[str, Any]:
        if app.security.sender_constrained and not bound:
            # Every way to a token passes here: a grant that forgot its key ends here.
            raise AuthError("no key shown", public="Use DPoP or mutual TLS.")
        now = self.clock.timestamp()
        return {
            "iss": self.settings.issuer,
            "aud": target.aud,
            "client_id": app.client_id,
            "scope": " ".join(target.scopes),
            **_told(target),
            "iat": now,
            "exp": now + target.seconds_from(now),
            "jti": opaque.new_secret(16),
            **bound.claims,
        }

    def id_token(
        self,
        grant: Grant,
        access: str | None,
        *,
        code: str | None = None,
        is_alone: bool = False,
    ) -> str:
        """Sign an ID token (OIDC Core §2): who signed in, when, how, and where.

        Args:
            grant: For whom.
            access: The access token beside it, for ``at_hash`` (§3.1.3.6).
            code: The code beside it, for ``c_hash`` (§3.3.2.11).
            is_alone: Whether nothing comes with it that userinfo could be asked with:
                then it tells the claims of the scopes itself (§5.4).
        """
        now = self.clock.timestamp()
        alg = self.messages.algorithm(grant.app, Kind.ID_TOKEN)
        claims: dict[str, Any] = {
            "iss": self.settings.issuer,
            "sub": self.sectors.sub_of(grant.app, grant.subject.id),
            "aud": grant.app.client_id,
            "iat": now,
            "exp": now + int(self.settings.id_token_ttl.total_seconds()),
            "auth_time": int(grant.auth_time.timestamp()),
            "acr": grant.acr,
            "amr": list(grant.amr),
        }
        if grant.session_id is not None:
            claims["sid"] = self.sectors.sid_of(grant.app, grant.session_id)
        if grant.nonce is not None:
            claims["nonce"] = grant.nonce
        if access is not None:
            claims["at_hash"] = signing.at_hash(access, alg)
        if code is not None:
            claims["c_hash"] = signing.at_hash(code, alg)
        asked = claims_of.asked_for(grant.claims, "id_token")
        opened = grant.scopes if is_alone else ()
        if asked or opened:
            known = claims_of.every_claim(
                grant.subject, role_case=self.settings.role_case
            )
            names = claims_of.for_scopes(opened, asked)
            claims = claims_of.select(known, names) | claims
        return self.messages.make(grant.app, Kind.ID_TOKEN, claims)


def _told(target: Target) -> dict[str, Any]:
    """RFC 9396 §7, §9.1: the granted details that concern this audience."""
    return {"authorization_details": list(target.details)} if target.details else {}
