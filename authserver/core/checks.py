"""Is this token good, and what does it say?  (RFC 7662, RFC 9068 §4, RFC 7009)

One signature check with a key that is at hand, and one indexed read: was the family
revoked, is the user still welcome.  Revocation is never cached.
"""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row

from authserver.clock import Clock
from authserver.config import Settings
from authserver.core import binding, families, subjects, token_reads
from authserver.core import claims as claims_of
from authserver.core.apps import App
from authserver.core.audit import Audit, EventTag
from authserver.core.checked import Checked, Holder
from authserver.core.keys import Keys
from authserver.core.proofs import NOTHING, Proof, Proofs, Shown
from authserver.core.refresh import refresh_and_subject
from authserver.core.spent_proofs import ProvenRead
from authserver.core.targets import audience_of
from authserver.core.tokens import Tokens
from authserver.core.users import DENIED_STATUSES
from authserver.crypto import opaque, signing
from authserver.crypto.signing import BadToken
from authserver.errors import InvalidGrant, InvalidProof, InvalidToken
from authserver.models.engines import Reads


@dataclass(frozen=True)
class Checks:
    """Looks at tokens that come back to us."""

    reads: Reads
    clock: Clock
    settings: Settings
    keys: Keys
    tokens: Tokens
    audit: Audit
    proofs: Proofs
    token_pepper: bytes

    def access(
        self, token: str, *, shown: Shown = NOTHING, by_owner: bool = False
    ) -> Checked:
        """Check an access token of a user, as userinfo and the API need it.

        Args:
            token: As it came.
            shown: The keys that came with it; a bound token is good with its own.
            by_owner: Whether to read also what the owner of an account may see of it.

        Raises:
            InvalidToken: Malformed, expired, revoked, of nobody, of another key, or
                for another resource server alone (RFC 9068 §6).
            InvalidProof: The proof was used before.
        """
        claims = self._verified(token)
        if self.settings.issuer not in audience_of(claims):
            raise InvalidToken("for another audience")
        binding.check_access(binding.of(claims.get("cnf")), shown.binding)
        return self._access(claims, proof=shown.proof, by_owner=by_owner)

    def client(
        self, token: str, *, shown: Shown = NOTHING
    ) -> tuple[str, frozenset[str]]:
        """Check an access token that a client has in its own name (RFC 6749 §4.4).

        Gives its ``client_id``, and the scopes.

        Raises:
            InvalidToken: As for ``access``; or it is a person's.
            InvalidProof: The proof was used before.
        """
        claims = self._verified(token)
        if self.settings.issuer not in audience_of(claims) or "fam" in claims:
            raise InvalidToken("for another audience, or of a person")
        binding.check_access(binding.of(claims.get("cnf")), shown.binding)
        self._living_row(claims, token_reads.own, shown.proof)
        return claims["client_id"], frozenset(str(claims.get("scope", "")).split())

    def _access(
        self,
        claims: dict[str, Any],
        *,
        proof: Proof | None = None,
        by_owner: bool = False,
    ) -> Checked:
        read = (
            token_reads.family_and_owner if by_owner else token_reads.family_and_subject
        )
        row = self._living_row(claims, read, proof)
        return Checked(
            claims=claims,
            scopes=frozenset(str(claims.get("scope", "")).split()),
            subject=subjects.of(row),
            session_id=row.session_id,
            asked=row.claims,
            owner=row if by_owner else None,
        )

    def introspect(self, token: str, *, caller: App) -> dict[str, Any]:
        """Give what RFC 7662 §2.2 says of a token; ``{"active": false}`` otherwise.

        A refresh token is shown to its own client alone, an access token also to those
        that may ask for its resource; see ``Targeting.seen_by``.
        """
        if opaque.split_handle(token) is not None:
            return self._introspect_refresh(token, caller)
        try:
            claims = self._verified(token)
        except InvalidToken:
            return {"active": False}
        seen = self.tokens.targeting.seen_by(caller, claims)
        row, _ = self._row(
            claims, token_reads.family if "fam" in claims else token_reads.own
        )
        if seen is None or row is None or not token_reads.is_alive(row):
            return {"active": False}
        shown = {name: value for name, value in seen.items() if name != "fam"}
        if "user_name" in shown:
            shown["username"] = shown["user_name"]
        kind = binding.of(claims.get("cnf")).token_type
        return {"active": True, "token_type": kind, **shown}

    def _introspect_refresh(self, token: str, caller: App) -> dict[str, Any]:
        row = self._refresh_row(token)
        now = self.clock.now()
        if row is None or row.client_id != caller.id or row.used_at is not None:
            return {"active": False}
        is_over = row.expires_at <= now or row.family_expires_at <= now
        is_gone = row.deleted_at is not None or row.status in DENIED_STATUSES
        if row.revoked_at is not None or is_over or is_gone:
            return {"active": False}
        subject = subjects.of(row)
        sub = self.tokens.sectors.sub_of(caller, subject.id)
        return {
            "active": True,
            "token_type": "refresh_token",
            "client_id": caller.client_id,
            "scope": row.scope,
            "sub": sub,
            "user_id": sub,
            "user_name": subject.full_name or subject.username or "",
            "username": subject.username or subject.email,
            "email": subject.email,
            "roles": claims_of.cased(subject.roles, self.settings.role_case),
            "institutions": list(subject.institutions),
            "iss": self.settings.issuer,
            "aud": caller.client_id,
            "iat": int(row.created_at.timestamp()),
            "exp": int(row.expires_at.timestamp()),
            "jti": str(row.id),
        }

    def revoke(self, token: str, *, app: App) -> None:
        """End a token of this client (RFC 7009 §2.1); an unknown one is no fault.

        A token of a grant ends the whole grant; one without ends alone.

        Raises:
            InvalidGrant: The token is another client's.
        """
        if opaque.split_handle(token) is not None:
            self._revoke_refresh(token, app)
            return
        try:
            claims = self._verified(token)
        except InvalidToken:
            return
        if claims["client_id"] != app.client_id:
            raise InvalidGrant("another client's access token")
        family = _uuid(claims.get("fam"))
        if family is not None and families.is_of(self.reads, family, app):
            self._revoke_family(family, app)
        else:
            ends = datetime.fromtimestamp(claims["exp"], UTC)
            self.tokens.revoke_access(claims["jti"], ends)

    def living(self, token: str) -> Checked:
        """Check an access token of a user, for whatever audience and whoever shows it.

        Raises:
            InvalidToken: Malformed, expired, revoked, or of nobody.
        """
        return self._access(self._verified(token))

    def holder_of_refresh(self, token: str, *, app: App) -> Holder | None:
        """Say whose a refresh token of this client is; spent or expired, it still is."""
        row = self._refresh_row(token)
        if row is None or row.client_id != app.id:
            return None
        return Holder(row.user_id, row.family_id, row.session_id)

    def holder_of_access(self, token: str, *, app: App) -> Holder | None:
        """Say whose a good access token of this client is."""
        try:
            checked = self.living(token)
        except InvalidToken:
            return None
        family = _uuid(checked.claims.get("fam"))
        if family is None or checked.claims.get("client_id") != app.client_id:
            return None
        return Holder(checked.subject.id, family, checked.session_id)

    def _revoke_refresh(self, token: str, app: App) -> None:
        row = self._refresh_row(token)
        if row is None:
            return
        if row.client_id != app.id:
            raise InvalidGrant("another client's refresh token")
        self._revoke_family(row.family_id, app)

    def _revoke_family(self, family_id: uuid.UUID, app: App) -> None:
        if self.tokens.revoke_family(family_id, because="revoked by the client"):
            self.audit.record(
                EventTag.FAMILY_REVOKED, client_id=app.id, family=str(family_id)
            )

    def _verified(self, token: str) -> dict[str, Any]:
        """Signature, type, issuer and time; no database."""
        try:
            claims = self.tokens.targeting.verified(self.keys, token)
            signing.check_times(claims, self.clock.now().timestamp())
        except BadToken as why:
            raise InvalidToken(str(why)) from None
        if claims.get("iss") != self.settings.issuer or not audience_of(claims):
            raise InvalidToken("of another issuer, or for nobody")
        return claims

    def _living_row(
        self, claims: dict[str, Any], read: ProvenRead, proof: Proof | None
    ) -> Row[Any]:
        row, is_new = self._row(claims, read, proof)
        if row is None or not token_reads.is_alive(row):
            raise InvalidToken("the family, its user or its client is gone")
        if not is_new:
            raise InvalidProof("the proof was used before")
        return row

    def _row(
        self, claims: dict[str, Any], read: ProvenRead, proof: Proof | None = None
    ) -> tuple[Row[Any] | None, bool]:
        params: dict[str, Any] = {"jti": claims["jti"]}
        if read is token_reads.own:
            params["client_id"] = claims["client_id"]
        else:
            family = _uuid(claims.get("fam"))
            if family is None:
                return None, True
            params["family_id"] = family
        return self.proofs.first(read, params, proof)

    def _refresh_row(self, token: str) -> Row[Any] | None:
        parts = opaque.split_handle(token)
        if parts is None:
            return None
        row = self.reads.first(refresh_and_subject, {"token_id": parts[0]})
        given = opaque.fingerprint(parts[1], key=self.token_pepper)
        if row is None or not opaque.same(given, row.token_hash):
            return None
        return row


def _uuid(text: object) -> uuid.UUID | None:
    try:
        return uuid.UUID(str(text)) if text else None
    except ValueError:
        return None
