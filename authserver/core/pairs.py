"""Access and refresh tokens for our own front ends: what /v1 sign-in answers.

They are ordinary tokens of an ordinary client, ours, so that rotation, replay,
introspection and revocation are the very same code as for apps.
"""

import uuid
from dataclasses import dataclass, replace

from authserver.clock import Clock
from authserver.config import Settings
from authserver.core import subjects
from authserver.core.apps import App
from authserver.core.clients import OWN_CLIENT, Clients
from authserver.core.grant import Grant
from authserver.core.refresh import Refresh
from authserver.core.scopes import CLAIMS_OF, OFFLINE
from authserver.core.sessions import Sessions
from authserver.core.tokens import Tokens
from authserver.errors import GrantReplayed, InvalidGrant, Unavailable
from authserver.models import Session, User

SCOPES = tuple(CLAIMS_OF)
UNVERIFIED_SCOPES = ("openid", OFFLINE)
"""Before the address is proved: no word about who it is, to nobody (C12)."""


@dataclass(frozen=True)
class Pair:
    """What a front end gets; both spans in seconds."""

    access_token: str
    refresh_token: str
    expires_in: int
    refresh_expires_in: int
    session_id: uuid.UUID | None


@dataclass(frozen=True)
class Pairs:
    """Gives token pairs."""

    clock: Clock
    settings: Settings
    clients: Clients
    tokens: Tokens
    refresh: Refresh
    sessions: Sessions

    def issue(self, user: User, session: Session) -> Pair:
        """Open a family for a fresh session and give its first tokens.

        They live as long as the session may lie idle: ``REFRESH_TTL`` if it is to be
        remembered, else ``SHORT_REFRESH_TTL`` (C8).
        """
        grant = Grant(
            app=self.own_app(),
            subject=subjects.load(self.tokens.db, user.id),
            scopes=SCOPES if user.is_email_verified else UNVERIFIED_SCOPES,
            family_id=uuid.uuid4(),
            session_id=session.id,
            auth_time=session.auth_time,
            acr=session.acr,
            amr=tuple(session.amr),
        )
        self.tokens.begin_family(grant)
        life = session.expires_at - session.created_at
        return self._pair(self.refresh.with_first(grant, life=life))

    def rotate(
        self, refresh_token: str, *, session_id: uuid.UUID | None = None
    ) -> Pair:
        """Spend a refresh token of ours for a new pair (C9).

        Args:
            refresh_token: As it was given.
            session_id: The session that it must belong to (C34).

        Raises:
            InvalidGrant: It is not good, or of another session.
            GrantReplayed: It was spent before.
        """
        try:
            grant = self.refresh.rotate(refresh_token, app=self.own_app(), scopes=())
        except GrantReplayed as replay:
            self._end_session_of(replay)
            raise
        if session_id is not None and grant.session_id != session_id:
            raise InvalidGrant("a refresh token of another session")
        if grant.scopes == UNVERIFIED_SCOPES and grant.subject.is_email_verified:
            grant = replace(grant, scopes=SCOPES, target=None)  # what it is for follows
            self.tokens.widen_family(grant.family_id, SCOPES)
        if grant.session_id is not None:
            self.sessions.touch(grant.session_id)
        return self._pair(grant)

    def _end_session_of(self, replay: GrantReplayed) -> None:
        """The tokens of our own front ends are the session: it ends with them."""
        if replay.session_id is not None and replay.user_id is not None:
            self.sessions.revoke(
                replay.session_id, user_id=replay.user_id, because="token replayed"
            )

    def own_app(self) -> App:
        """Give the client that our own front ends are.

        Raises:
            Unavailable: ``authserver db upgrade`` has not made it.
        """
        app = self.clients.find(OWN_CLIENT)
        if app is None:
            raise Unavailable("our own client is missing: run `authserver db upgrade`")
        return app

    def _pair(self, grant: Grant) -> Pair:
        life = grant.refresh_life or self.settings.refresh_ttl
        return Pair(
            access_token=self.tokens.access_token(grant),
            refresh_token=grant.refresh_token or "",
            expires_in=int(self.settings.access_ttl.total_seconds()),
            refresh_expires_in=int(life.total_seconds()),
            session_id=grant.session_id,
        )
