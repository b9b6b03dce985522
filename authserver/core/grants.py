"""Authorization codes: issue, and redeem once (RFC 6749 §4.1)."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from sqlalchemy import Row, bindparam, insert, select, update
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.clock import Clock
from authserver.config import Settings
from authserver.core import binding, subjects
from authserver.core.apps import App
from authserver.core.audit import Audit, EventTag
from authserver.core.binding import UNBOUND, Binding
from authserver.core.details import Detail
from authserver.core.grant import Grant, reach
from authserver.core.subjects import Subject
from authserver.core.targets import Target
from authserver.core.tokens import FAMILY_COLUMNS, Tokens
from authserver.core.users import DENIED_STATUSES
from authserver.crypto import opaque, pkce
from authserver.errors import GrantReplayed, InvalidGrant
from authserver.models import AuthorizationCode, Session, TokenFamily, User
from authserver.models.constants import Constant
from authserver.models.engines import Reads
from authserver.models.spending import Spending

# Locked until the commit, within the statement that reads it: who ends the session at the
# same moment waits for the family and ends it too, or is waited for and seen.
_session_goes_on = (
    select(Session.is_active)
    .where(Session.id == AuthorizationCode.session_id)
    .with_for_update(read=True)
    .scalar_subquery()
    .label("session_goes_on")
)
_code_and_subject = Constant(
    select(
        AuthorizationCode.id,
        AuthorizationCode.client_id,
        AuthorizationCode.session_id,
        AuthorizationCode.redirect_uri,
        AuthorizationCode.scope,
        AuthorizationCode.nonce,
        AuthorizationCode.challenge,
        AuthorizationCode.dpop_jkt,
        AuthorizationCode.claims,
        AuthorizationCode.resources,
        AuthorizationCode.details,
        AuthorizationCode.auth_time,
        AuthorizationCode.acr,
        AuthorizationCode.amr,
        AuthorizationCode.expires_at,
        AuthorizationCode.used_at,
        _session_goes_on,
        *subjects.columns,
    )
    .join(User, User.id == AuthorizationCode.user_id)
    .where(AuthorizationCode.code_hash == bindparam("code_hash"))
)
_redeemed = Spending(
    update(AuthorizationCode)
    .where(AuthorizationCode.id == bindparam("code_id"))
    .where(AuthorizationCode.used_at.is_(None))
    .where(AuthorizationCode.expires_at > bindparam("now"))
    .values(used_at=bindparam("now")),
    TokenFamily,
    FAMILY_COLUMNS,
)
_added = Constant(insert(AuthorizationCode))


@dataclass(frozen=True)
class Authorization:
    """What a person allowed: all that a code must remember.

    ``redirect_uri`` is the one the request named; empty when it named none.
    """

    user_id: uuid.UUID
    session_id: uuid.UUID | None
    redirect_uri: str
    scopes: Sequence[str]
    auth_time: datetime
    acr: str
    amr: Sequence[str]
    nonce: str | None = None
    challenge: str | None = None
    dpop_jkt: str | None = None
    claims: dict[str, Any] | None = None
    resources: Sequence[str] = ()
    details: Sequence[Detail] = ()
    code_id: uuid.UUID | None = None
    """The id that the code is to have: of its interaction; else a random one."""


@dataclass(frozen=True)
class Grants:
    """Issues and redeems codes."""

    db: scoped_session[DbSession]
    clock: Clock
    settings: Settings
    tokens: Tokens
    audit: Audit
    reads: Reads

    def issue_code(self, app: App, given: Authorization) -> str:
        """Give a new code of 256 random bits; only its fingerprint is kept."""
        code, now = opaque.new_secret(), self.clock.now()
        kept = {
            "id": given.code_id or uuid.uuid4(),
            "code_hash": opaque.fingerprint(code),
            "client_id": app.id,
            "user_id": given.user_id,
            "session_id": given.session_id,
            "redirect_uri": given.redirect_uri,
            **reach(given.scopes, given.resources, given.details),
            "nonce": given.nonce,
            "challenge": given.challenge,
            "dpop_jkt": given.dpop_jkt,
            "claims": given.claims,
            "auth_time": given.auth_time,
            "acr": given.acr,
            "amr": list(given.amr),
            "created_at": now,
            "expires_at": now + app.security.code_life(self.settings.code_ttl),
        }
        self.reads.run_alone(_added, kept, self.db)
        return code

    def redeem_code(
        self,
        secret: str,
        *,
        app: App,
        redirect_uri: str | None,
        verifier: str | None,
        shown: Binding = UNBOUND,
        resource: str | None = None,
        details: str | None = None,
    ) -> Grant:
        """Spend an authorization code and open the family its tokens will join.

        The checks follow RFC 6749 §4.1.3: whose code, is it fresh, where to, who
        asked (PKCE, DPoP).  Spending is one UPDATE that finds the code unused, so of many
        requests at once one wins; the others are replays and take the winner's tokens
        down with them (RFC 6749 §4.1.2, RFC 9700 §4.5).  A code that fails a check is
        not spent: a stranger who saw it cannot burn it.

        Args:
            secret: The code.
            app: Who asks.
            redirect_uri: As it was repeated.
            verifier: Of PKCE.
            shown: What the tokens will be bound to.
            resource: Of the resources of the grant, those that are asked for.
            details: Of its authorization details, those that are asked for.

        Raises:
            InvalidGrant: The code is not good for this request.
            GrantReplayed: It was used before; its family is revoked.
            InvalidTarget: A resource that was not authorized (RFC 8707 §2.2).
            InvalidDetails: Details that were not granted (RFC 9396 §6).
        """
        sent = {"code_hash": opaque.fingerprint(secret)}
        row = _code_and_subject.first(self.db, sent)
        if row is None or row.client_id != app.id:
            raise InvalidGrant("no such code for this client")
        try:
            if row.used_at is not None:
                self._replayed(row)
            self._check(row, app, redirect_uri, verifier)
            binding.check_code(row.dpop_jkt, shown)
        except InvalidGrant as refusal:
            refusal.grant_id = row.id
            raise
        subject = subjects.of(row)
        if subject.is_deleted or subject.status in DENIED_STATUSES:
            raise InvalidGrant(f"user {subject.id} is {subject.status}")
        target = self.tokens.targeting.of_request(
            row.scope.split(),
            authorized=row.resources or (),
            granted=row.details or (),
            resource=resource,
            asked=details,
            app=app,
        )
        return self._spend(app, row, subject, shown, target)

    def _check(
        self,
        row: Row[Any],
        app: App,
        redirect_uri: str | None,
        verifier: str | None,
    ) -> None:
        if row.expires_at <= self.clock.now():
            raise InvalidGrant("code expired")
        if row.session_goes_on is False:
            raise InvalidGrant("the person has signed out meanwhile")
        if not _is_same_redirect(row.redirect_uri, redirect_uri, app):
            raise InvalidGrant("redirect_uri differs from the authorization request")
        if row.challenge is None:
            if verifier is not None:
                # RFC 9700 §4.8.2: a stripped challenge must not pass unseen.
                raise InvalidGrant("code_verifier without a code_challenge")
        elif verifier is None or not pkce.matches(verifier, row.challenge):
            raise InvalidGrant("code_verifier does not match the code_challenge")

    def _replayed(self, row: Row[Any]) -> NoReturn:
        self.tokens.revoke_family(row.id, because="code replayed")
        self.audit.record(
            EventTag.CODE_REPLAYED, user_id=row.user_id, client_id=row.client_id
        )
        raise GrantReplayed(f"code {row.id} was used before")

    def _spend(
        self,
        app: App,
        row: Row[Any],
        subject: Subject,
        shown: Binding,
        target: Target,
    ) -> Grant:
        grant = Grant.of_row(
            row,
            app=app,
            subject=subject,
            session_id=row.session_id,
            nonce=row.nonce,
            claims=row.claims,
            binding=shown,
            target=target,
        )
        family = self.tokens.family_row(grant)
        spent = {"code_id": row.id, "now": self.clock.now()}
        if not _redeemed.run(self.db, spent, family, reads=self.reads):
            self._too_late(row)
        return grant

    def _too_late(self, row: Row[Any]) -> NoReturn:
        """Somebody was faster: with the code, or with its end (``unredeemed``)."""
        used = select(AuthorizationCode.used_at).where(AuthorizationCode.id == row.id)
        if self.db.scalar(used) is None:
            raise InvalidGrant("code ended meanwhile")
        self._replayed(row)


def _is_same_redirect(asked: str, repeated: str | None, app: App) -> bool:
    """RFC 6749 §4.1.3: what the request named is repeated, and identical.

    OAuth 2.1 §10.2 drops the repetition, but what is sent must still match.  A
    request that named none (one is registered) is remembered as empty.
    """
    if repeated is None:
        return not asked or not app.security.repeats_redirect_uri
    return repeated == asked if asked else repeated in app.redirect_uris
