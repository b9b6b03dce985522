"""OAuth clients and their secrets; metadata is named as in RFC 7591 §2."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from authserver.models.base import Base, HasCreated, HasId, HasTimes


class Client(HasId, HasTimes, Base):
    """An app that asks us for tokens.

    What is asked for on each request has a column; the rest of its metadata lies in
    ``extra`` under the names of RFC 7591.
    """

    __tablename__ = "clients"

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
