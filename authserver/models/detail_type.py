"""Types of authorization details, as operators register them (RFC 9396 §2)."""

from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from authserver.models.base import Base, HasId, HasTimes


class DetailType(HasId, HasTimes, Base):
    """One ``type``: which fields its objects have, and how a person is told of them.

    ``fields`` holds a JSON Schema for each, ``texts`` a sentence by language with the
    fields in braces, ``resources`` the identifiers of the APIs that understand it.
    """

    __tablename__ = "detail_types"

    type: Mapped[str] = mapped_column(unique=True)
    fields: Mapped[dict[str, Any]]
    required: Mapped[list[str]]
    texts: Mapped[dict[str, Any]]
    resources: Mapped[list[str]]
    is_remembered: Mapped[bool]
