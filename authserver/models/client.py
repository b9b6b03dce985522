"""OAuth clients, their secrets and logos; metadata is named as in RFC 7591 §2."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from authserver.models.base import Base, HasCreated, HasId, HasTimes


class Client(HasId, HasTimes, Base):
    """An app that asks us for tokens.

    What is asked for on each request has a column; the rest of its metadata lies in
    ``extra`` under the names of RFC 7591.
    """

    __tablename__ = "clients"
    __table_args__ = (Index("ix_clients_unused_until", "unused_until"),)

    client_id: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    profile: Mapped[str] = mapped_column(default="oidc", server_default="oidc")
    redirect_uris: Mapped[list[str]]
    post_logout_redirect_uris: Mapped[list[str]]
    grant_types: Mapped[list[str]]
    response_types: Mapped[list[str]]
    scope: Mapped[str]
    token_endpoint_auth_method: Mapped[str]
    jwks: Mapped[dict[str, Any] | None]
    skip_consent: Mapped[bool] = mapped_column(
        default=False, server_default=text("false")
    )
    extra: Mapped[dict[str, Any]] = mapped_column(
        "metadata", default=dict, server_default=text("'{}'")
    )
    disabled_at: Mapped[datetime | None]
    registered_by: Mapped[str] = mapped_column(
        default="operator", server_default="operator"
    )
    """``operator``, ``token``, ``open`` (RFC 7591 §3), or ``document``: a URL."""
    registration_token_hash: Mapped[str | None]
    initial_token_id: Mapped[uuid.UUID | None]
    unused_until: Mapped[datetime | None]
    """When it goes if nobody uses it; None once somebody has."""
    fresh_until: Mapped[datetime | None]
    """Until when a document need not be fetched again."""


class ClientSecret(HasId, HasCreated, Base):
    """One of a client's live secrets; two live side by side while rotating.

    ``secret_sealed`` is kept only where the protocol needs the secret itself
    (client_secret_jwt, OIDC Core §9).
    """

    __tablename__ = "client_secrets"
    __table_args__ = (Index("ix_client_secrets_client_id", "client_id"),)

    client_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("auth.clients.id", ondelete="CASCADE")
    )
    secret_hash: Mapped[str]
    secret_sealed: Mapped[str | None]
    expires_at: Mapped[datetime | None]


class ClientLogo(Base):
    """The picture of a client, fetched and drawn anew by us.

    ``address`` is where it came from: another one is another picture.
    """

    __tablename__ = "client_logos"

    client_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("auth.clients.id", ondelete="CASCADE"), primary_key=True
    )
    address: Mapped[str]
    image: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[str]
    fetched_at: Mapped[datetime]


class InitialToken(HasId, HasCreated, Base):
    """An initial access token (RFC 7591 §3): who holds it may register clients.

    ``uses_left`` goes down by one statement that finds it above nought.
    """

    __tablename__ = "initial_tokens"
    __table_args__ = (Index("ix_initial_tokens_expires_at", "expires_at"),)

    token_hash: Mapped[str] = mapped_column(unique=True)
    note: Mapped[str]
    profile: Mapped[str]
    uses: Mapped[int]
    uses_left: Mapped[int]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
