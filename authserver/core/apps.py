"""A client as a request sees it: an unchangeable snapshot, read at once."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select

from authserver.core import redirects, security_profiles
from authserver.core.security_profiles import SecurityProfile
from authserver.models import Client, ClientLogo, ClientSecret

with_secrets = (
    select(
        Client.id,
        Client.client_id,
        Client.name,
        Client.profile,
        Client.redirect_uris,
        Client.post_logout_redirect_uris,
        Client.grant_types,
        Client.response_types,
        Client.scope,
        Client.token_endpoint_auth_method,
        Client.jwks,
        Client.skip_consent,
        Client.extra.label("extra"),
        Client.disabled_at,
        Client.registered_by,
        Client.unused_until,
        Client.fresh_until,
        ClientSecret.secret_hash,
        ClientSecret.secret_sealed,
        ClientSecret.expires_at.label("secret_ends"),
        ClientLogo.digest.label("logo"),
    )
    .outerjoin(ClientSecret, ClientSecret.client_id == Client.id)
    .outerjoin(ClientLogo, ClientLogo.client_id == Client.id)
    .where(Client.client_id == bindparam("client_id"))
)


@dataclass(frozen=True)
class App:
    """A client as a request sees it."""

    id: uuid.UUID
    client_id: str
    name: str
    profile: str
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...]
    grant_types: tuple[str, ...]
    response_types: tuple[str, ...]
    scope: str
    token_endpoint_auth_method: str
    jwks: dict[str, Any] | None
    skip_consent: bool
    extra: dict[str, Any]
    secrets: tuple[tuple[str, str | None, datetime | None], ...] = field(repr=False)
    """Live secrets: (fingerprint, sealed copy or None, end or None)."""
    registered_by: str = "operator"
    unused_until: datetime | None = None
    fresh_until: datetime | None = None
    logo: str | None = None
    """What names the picture we have of it."""

    @property
    def is_public(self) -> bool:
        """Whether it cannot keep a secret (RFC 6749 §2.1)."""
        return self.token_endpoint_auth_method == "none"

    @property
    def security(self) -> SecurityProfile:
        """What is demanded of it."""
        return security_profiles.of(self.profile)

    @property
    def needs_pkce(self) -> bool:
        """RFC 9700 §2.1.1: public clients must; others as their profile says."""
        return self.is_public or self.security.needs_pkce

    @property
    def needs_par(self) -> bool:
        """Whether it must push its requests; it may ask for that (RFC 9126 §6)."""
        wished = self.extra.get("require_pushed_authorization_requests") is True
        return wished or self.security.needs_par

    @property
    def needs_signed_request(self) -> bool:
        """Whether it must sign its requests; it may ask for that (RFC 9101 §10.5)."""
        wished = self.extra.get("require_signed_request_object") is True
        return wished or self.security.needs_signed_request

    @property
    def is_vouched_for(self) -> bool:
        """Whether an operator knows it, or has given somebody a token for it."""
        return self.registered_by in ("operator", "token")

    def has_redirect_uri(self, uri: str) -> bool:
        """Whether an answer may go there."""
        return redirects.is_registered(uri, self.redirect_uris)


def of(rows: Sequence[Row[Any]]) -> App:
    """Make a snapshot of the rows that ``with_secrets`` gave: one for each secret."""
    row = rows[0]
    return App(
        id=row.id,
        client_id=row.client_id,
        name=row.name,
        profile=row.profile,
        redirect_uris=tuple(row.redirect_uris),
        post_logout_redirect_uris=tuple(row.post_logout_redirect_uris),
        grant_types=tuple(row.grant_types),
        response_types=tuple(row.response_types),
        scope=row.scope,
        token_endpoint_auth_method=row.token_endpoint_auth_method,
        jwks=row.jwks,
        skip_consent=row.skip_consent,
        extra=row.extra or {},
        secrets=tuple(
            (one.secret_hash, one.secret_sealed, one.secret_ends)
            for one in rows
            if one.secret_hash is not None
        ),
        registered_by=row.registered_by,
        unused_until=row.unused_until,
        fresh_until=row.fresh_until,
        logo=row.logo,
    )
