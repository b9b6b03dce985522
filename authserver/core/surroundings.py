"""What a request says of where it comes from: a device and a place, in a person's words.

It goes into lists, letters and logs.  A User-Agent line is the caller's own word and an
address says little: nobody is let in because of either.
"""

from dataclasses import dataclass

from authserver.adapters.geo import Geo
from authserver.adapters.user_agent import UserAgents
from authserver.core.device import Device


@dataclass(frozen=True)
class Seen:
    """A device and a place; None where nothing is known."""

    device_name: str | None = None
    device_type: str | None = None
    country: str | None = None
    city: str | None = None
    place: str | None = None
    """Both in one, for people: ``Recife, Pernambuco, BR``."""


@dataclass(frozen=True)
class Surroundings:
    """Describes who is at the other end."""

    agents: UserAgents
    geo: Geo

    def of(self, device: Device) -> Seen:
        """Describe the device of a request."""
        agent = self.agents.read(device.user_agent)
        place = self.geo.find(device.ip, language=device.language)
        return Seen(
            device_name=str(agent) or None,
            device_type=None if agent.kind == "unknown" else agent.kind,
            country=place.country if place else None,
            city=place.city if place else None,
            place=str(place) if place else None,
        )
