"""Access and refresh tokens for our own front ends: what /v1 sign-in answers.

They are ordinary tokens of an ordinary client, ours, so that rotation, replay,
introspection and revocation are the very same code as for apps.
"""

import uuid
from dataclasses import dataclass

from authserver.clock import Clock
from authserver.config import Settings
from authserver.core import subjects
from authserver.core.clients import OWN_CLIENT, App, Clients
from authserver.core.refresh import Refresh
from authserver.core.scopes import CLAIMS_OF
from authserver.core.tokens import Grant, Tokens
from authserver.errors import Unavailable
from authserver.models import Session, User
from authserver.models.engines import Reads

SCOPES = tuple(CLAIMS_OF)


@dataclass(frozen=True)
class Pair:
    """What a front end gets."""

    access_token: str
    refresh_token: str
    expires_in: int
    session_id: uuid.UUID | None


@dataclass(frozen=True)
class Pairs:
    """Gives token pairs."""

    reads: Reads
    clock: Clock
    settings: Settings
    clients: Clients
    tokens: Tokens
    refresh: Refresh

    def issue(self, user: User, session: Session) -> Pair:
        """Open a family for a fresh session and give its first tokens."""
        grant = Grant(
            app=self.own_app(),
            subject=subjects.load(self.tokens.db, user.id),
            scopes=SCOPES,
            family_id=uuid.uuid4(),
            session_id=session.id,
            auth_time=session.auth_time,
            acr=session.acr,
            amr=tuple(session.amr),
        )
        self.tokens.begin_family(grant)
        return self._pair(self.refresh.with_first(grant))

    def rotate(self, refresh_token: str) -> Pair:
        """Spend a refresh token of ours for a new pair (C9).

        Raises:
            InvalidGrant: It is not good.
            GrantReplayed: It was spent before.
        """
        app = self.own_app()
        return self._pair(self.refresh.rotate(refresh_token, app=app, scopes=()))

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
        return Pair(
            access_token=self.tokens.access_token(grant),
            refresh_token=grant.refresh_token or "",
            expires_in=int(self.settings.access_ttl.total_seconds()),
            session_id=grant.session_id,
        )
