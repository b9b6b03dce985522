"""The declarative base: one schema, one naming convention, typed columns."""

import uuid
from datetime import datetime
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, Integer, MetaData, Text, Uuid, func
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, registry

from authserver.clock import Clock
from authserver.models.types import JsonB, StrList, UtcDateTime

SCHEMA = "auth"
"""Schema on PostgreSQL; translated away on SQLite."""


class Base(DeclarativeBase):
    """Root of all tables.

    Text has no length limit anywhere: a nonce or state is never cut.
    """

    metadata = MetaData(
        schema=SCHEMA,
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        },
    )
    # Not as a class attribute: Flask-SQLAlchemy copies the class, and SQLAlchemy
    # takes the types from a registry or from a class, never from both.
    registry = registry(
        metadata=metadata,
        type_annotation_map={
            str: Text,
            datetime: UtcDateTime,
            uuid.UUID: Uuid,
            list[str]: StrList,
            dict[str, Any]: JsonB,
        },
    )


db = SQLAlchemy(model_class=Base)

BigId = BigInteger().with_variant(Integer, "sqlite")
"""A counting key: SQLite counts up in INTEGER alone."""


class HasId:
    """A random UUID as key: it says nothing of how many there are."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)


class HasCreated:
    """When the row was made.  Rows whose time decides anything set it themselves."""

    created_at: Mapped[datetime] = mapped_column(
        default=Clock().now, server_default=func.now()
    )


class HasTimes(HasCreated):
    """When the row was made and last changed."""

    updated_at: Mapped[datetime] = mapped_column(
        default=Clock().now,
        onupdate=Clock().now,
        server_default=func.now(),
    )
