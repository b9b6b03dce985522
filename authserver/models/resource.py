"""APIs that tokens are for, as operators register them (RFC 8707)."""

from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from authserver.models.base import Base, HasId, HasTimes


class Resource(HasId, HasTimes, Base):
    """One API.  ``identifier`` is what clients ask for and what ``aud`` says.

    ``names`` holds its name by language, ``scopes`` the scopes it owns, each with its
    sentence by language: ``{"notes:read": {"en": "Read your notes"}}``.  ``token_typ`` is
    what the header of its tokens says; by itself what RFC 9068 §2.1 has.
    """

    __tablename__ = "resources"

    identifier: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    names: Mapped[dict[str, Any]]
    scopes: Mapped[dict[str, Any]]
    token_ttl: Mapped[int | None]
    signing_alg: Mapped[str | None]
    token_typ: Mapped[str | None]
    introspection_clients: Mapped[list[str]]
    is_open: Mapped[bool]
