"""An address to a place, by a database that the operator brings (MaxMind DB format).

Off unless ``GEO_DATABASE`` names a file: no address leaves this machine, and no
database comes with the server, since each has its own terms and is soon out of date.
"""

import ipaddress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from authserver.errors import ConfigError

LONGEST = 80


@dataclass(frozen=True)
class Place:
    """Where an address is, as far as anybody knows."""

    country: str | None = None
    """ISO 3166-1, two letters."""
    city: str | None = None

    def __str__(self) -> str:
        """Write it for people: ``Recife (BR)``."""
        if self.city and self.country:
            return f"{self.city} ({self.country})"
        return self.city or self.country or ""


NOWHERE = Place()


class Geo(Protocol):
    """What knows where addresses are."""

    def locate(self, address: str | None) -> Place:
        """Give the place of an address; ``NOWHERE`` when it is not known."""


class NullGeo:
    """Knows nothing."""

    def locate(self, address: str | None) -> Place:
        """Give nothing."""
        return NOWHERE


class DatabaseGeo:
    """Looks into a ``.mmdb`` file: GeoLite2, DB-IP, IP2Location and others."""

    def __init__(self, path: Path) -> None:
        """Open the file.

        Raises:
            ConfigError: It cannot be read, or the reader is not installed.
        """
        try:
            import maxminddb
        except ImportError:
            raise ConfigError(
                "GEO_DATABASE: needs the extra `geo`: pip install 'authserver[geo]'."
            ) from None
        try:
            # In memory: the operator may replace the file while we read.
            self.reader = maxminddb.open_database(path, maxminddb.MODE_MEMORY)
        except (OSError, ValueError, maxminddb.InvalidDatabaseError) as fault:
            why = type(fault).__name__
            raise ConfigError(f"GEO_DATABASE: cannot be read ({why}).") from None

    def locate(self, address: str | None) -> Place:
        """Look an address up; the files differ in how they write what they know."""
        try:
            at = ipaddress.ip_address(address or "")
        except ValueError:
            return NOWHERE
        mapped = at.ipv4_mapped if at.version == 6 else None
        try:
            found: Any = self.reader.get(mapped or at)
        except ValueError:  # an IPv6 address, and the file knows IPv4 alone
            return NOWHERE
        if not isinstance(found, dict):
            return NOWHERE
        return Place(country=_country(found), city=_city(found.get("city")))


def build(path: str) -> Geo:
    """Open the operator's database; know nothing when there is none."""
    return DatabaseGeo(Path(path)) if path else NullGeo()


def _country(found: dict[str, Any]) -> str | None:
    country = found.get("country") or found.get("registered_country")
    code = country.get("iso_code") if isinstance(country, dict) else None
    code = code or found.get("country_code")
    is_code = isinstance(code, str) and len(code) == 2 and code.isalpha()
    return code.upper() if is_code else None


def _city(city: Any) -> str | None:
    names = city.get("names") if isinstance(city, dict) else None
    name = names.get("en") if isinstance(names, dict) else city
    return name[:LONGEST] if isinstance(name, str) and name else None
