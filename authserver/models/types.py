"""Column types that mean the same on PostgreSQL and SQLite."""

import ipaddress
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, String, Text
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeDecorator, TypeEngine


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment in UTC; a naive one is a bug and is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Refuse what has no zone; SQLite keeps no zone, so UTC goes in."""
        if value is None:
            return None
        if value.tzinfo is None:
            msg = "a moment without a time zone"
            raise ValueError(msg)
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Give the zone back."""
        del dialect
        if value is None:
            return None
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        return aware.astimezone(UTC)


class Citext(TypeDecorator[str]):
    """Text that compares without case: ``citext``, or NOCASE on SQLite.

    NOCASE folds ASCII alone, so addresses are also normalised before they come here.
    """

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the native type."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.CITEXT())
        return dialect.type_descriptor(Text(collation="NOCASE"))


class Inet(TypeDecorator[str]):
    """An IP address; always a string in Python, and None when it is none."""

    impl = String(43)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the native type."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.INET())
        return dialect.type_descriptor(String(43))

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Let only real addresses through; the peer's word is not trusted."""
        del dialect
        try:
            return str(ipaddress.ip_address(value)) if value else None
        except ValueError:
            return None

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        """Give text, whatever the driver gives."""
        del dialect
        return None if value is None else str(value)


JsonB = JSON().with_variant(postgresql.JSONB(), "postgresql")


class StrList(TypeDecorator[list[str]]):
    """A list of strings: ``text[]``, or JSON on SQLite."""

    impl = JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the native type."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.ARRAY(Text()))
        return dialect.type_descriptor(JSON(none_as_null=True))
