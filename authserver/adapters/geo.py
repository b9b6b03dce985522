"""An address to a place, from a MaxMind DB file that the operator provides.

Without a file nothing is known, and everything works.  No address is ever sent to
anybody.
"""

import ipaddress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from authserver.errors import ConfigError


@dataclass(frozen=True)
class Place:
    """Where an address is said to be.  It is a guess, and often the provider's city."""

    country: str | None = None
    region: str | None = None
    city: str | None = None

    def __str__(self) -> str:
        """Give "Recife, Pernambuco, BR": the nearest first."""
        names = (self.city, self.region, self.country)
        return ", ".join(dict.fromkeys(name for name in names if name))


class Geo(Protocol):
    """Whatever knows places."""

    def find(self, address: str | None, *, language: str = "en") -> Place | None:
        """Give the place, or None when it is not known."""


class NoGeo:
    """Knows no place."""

    def find(self, address: str | None, *, language: str = "en") -> None:
        """Give None."""
        del address, language


class MaxMindGeo:
    """Places from a file in the MaxMind DB format, mapped into memory."""

    def __init__(self, path: str | Path) -> None:
        """Open the file.

        Raises:
            ConfigError: There is none, it is none, or the extra `geo` is missing.
        """
        try:
            import maxminddb
        except ImportError:
            raise ConfigError("GEO_DATABASE: install the extra `geo`.") from None
        try:
            self.reader = maxminddb.open_database(path)
        except (OSError, ValueError, maxminddb.InvalidDatabaseError):
            raise ConfigError("GEO_DATABASE: is no MaxMind DB file.") from None
        self.faults = (ValueError, maxminddb.InvalidDatabaseError)

    def find(self, address: str | None, *, language: str = "en") -> Place | None:
        """Give the place, its names in the language where the file has them."""
        try:
            ip = ipaddress.ip_address(address or "")
            record = self.reader.get(getattr(ip, "ipv4_mapped", None) or ip)
        except self.faults:
            return None
        if not isinstance(record, dict):
            return None
        place = _place(record, language)
        return place if str(place) else None


def open_geo(path: str | Path | None) -> Geo:
    """Give what knows places: the file, or nothing."""
    return MaxMindGeo(path) if path else NoGeo()


def _place(record: dict[str, Any], language: str) -> Place:
    regions = record.get("subdivisions")
    region = regions[0] if isinstance(regions, list) and regions else None
    country = record.get("country")
    code = country.get("iso_code") if isinstance(country, dict) else None
    return Place(
        country=_text(code) or _text(record.get("country_code")),
        region=_name(region, language) or _text(record.get("state1")),
        city=_name(record.get("city"), language),
    )


def _name(part: Any, language: str) -> str | None:
    """Give the name in the language, as files of MaxMind and of others write it."""
    if isinstance(part, str):
        return _text(part)
    names = part.get("names") if isinstance(part, dict) else None
    if not isinstance(names, dict):
        return None
    base = language.split("-", maxsplit=1)[0]
    for wanted in (language, base, "en"):
        if name := _text(names.get(wanted)):
            return name
    return None


def _text(value: Any) -> str | None:
    return value[:100] if isinstance(value, str) and value.isprintable() else None
