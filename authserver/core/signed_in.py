"""Who is signed in at a browser: the one read that a page begins with."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, select

from authserver.models import ClientConsent, Session, User
from authserver.models.constants import Constant

_columns = select(
    Session.id,
    Session.user_id,
    Session.refresh_token_hash,
    Session.is_active,
    Session.expires_at,
    Session.auth_time,
    Session.acr,
    Session.amr,
    Session.remembered,
    Session.absolute_expires_at,
    Session.last_activity_at,
    User.email,
    User.username,
    User.full_name,
    User.language,
    User.status,
    User.deleted_at,
    ClientConsent.scope.label("granted_scope"),
    ClientConsent.resources.label("granted_resources"),
    ClientConsent.details.label("granted_details"),
)
signed_in = Constant(
    _columns.join(User, User.id == Session.user_id)
    .outerjoin(
        ClientConsent,
        and_(
            ClientConsent.user_id == Session.user_id,
            ClientConsent.client_id == bindparam("client_id"),
        ),
    )
    .where(Session.refresh_token == bindparam("handle"))
)


@dataclass(frozen=True)
class SignedIn:
    """A living session and its user, as a request needs them."""

    session_id: uuid.UUID
    user_id: uuid.UUID
    expires_at: datetime
    auth_time: datetime
    acr: str
    amr: tuple[str, ...]
    remembered: bool
    email: str
    username: str | None
    full_name: str | None
    language: str
    is_stale: bool
    """Whether ``touch`` is due."""
    granted_scope: str | None = None
    """What the user has granted to the client that was asked about."""
    granted_resources: tuple[str, ...] = ()
    """The resources that the same consent named."""
    granted_details: tuple[dict[str, Any], ...] = ()
    """Its authorization details, of types whose consent is remembered."""

    def is_meant_by(self, login_hint: str) -> bool:
        """Whether an app that gives this hint means this person (OIDC Core §3.1.2.1)."""
        names = {self.email.casefold(), (self.username or "").casefold()} - {""}
        return login_hint.strip().casefold() in names
