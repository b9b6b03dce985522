"""Streams of security events as a section of a file, by the ``client_id`` of their apps.

Only streams of apps that operators registered are here, also of those that are switched
off.  What is shown at an endpoint is a secret: a file refers to it, and nobody is told.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from authserver.core import stream_wishes
from authserver.core.blueprint_clients import ClientSection
from authserver.core.blueprint_parts import Facts, Section, differences
from authserver.core.signals import ENABLED
from authserver.core.stream_keeping import StreamKeeping
from authserver.errors import InvalidInput, NotFound
from authserver.models import Client, EventStream

HEADER, STATUS = "authorization_header", "status"
OF_STREAM = ("method", "endpoint_url", "description", STATUS)


@dataclass(frozen=True)
class Kept:
    """The stream of an app."""

    client: Client
    stream: EventStream

    @property
    def client_id(self) -> str:
        """Whose it is."""
        return self.client.client_id


class StreamSection(Section):
    """Streams, of which each app has one at most (OpenID SSF 1.0 §8)."""

    name, key, hidden, leans_on = "streams", "client_id", (HEADER,), ClientSection.name

    def __init__(self, keeping: StreamKeeping, clients: ClientSection) -> None:
        """Keep the registry, and the section of the apps."""
        self.keeping = keeping
        self.clients = clients

    def rows(self) -> Iterable[Kept]:
        """Give those of the apps that operators keep."""
        apps = {row.id: row for row in self.clients.rows()}
        streams = (found[0] for found in self.keeping.list_all())
        return [
            Kept(apps[one.client_id], one) for one in streams if one.client_id in apps
        ]

    def facts_of(self, row: Kept) -> Facts:
        """Give what is set up; the order of the events says nothing."""
        facts = {name: getattr(row.stream, name) for name in OF_STREAM}
        events = sorted(set(row.stream.events_requested))
        return {"client_id": row.client_id, **facts, "events_requested": events}

    def complete(self, facts: Facts, row: Kept | None) -> Facts:
        """Put the defaults in; what is shown there only where it is another than now.

        Raises:
            InvalidInput: It cannot stand; each fault by field.
        """
        faults = stream_wishes.faults_of(facts)
        if faults:
            raise InvalidInput("stream", fields=faults)
        # Silence lets nothing flow that somebody has stopped.
        status = facts.get(STATUS) or (row.stream.status if row else ENABLED)
        whole = {
            "client_id": facts["client_id"],
            "method": facts["method"],
            "endpoint_url": facts["endpoint_url"],
            "description": facts["description"] or None,
            STATUS: status,
            "events_requested": sorted(set(facts["events_requested"])),
        }
        header = facts.get(HEADER)
        if header and not (row and self._shows(row, header)):
            whole[HEADER] = header
        return whole

    def create(self, facts: Facts) -> None:
        """Set one up."""
        self._put(facts)

    def change(self, row: Kept, facts: Facts) -> None:
        """Set it up in another way; pause it, stop it, or let it go on."""
        if set(differences(self.facts_of(row), facts)) == {STATUS}:
            self.keeping.turn(self._app(facts), facts[STATUS], by=None)
        else:
            self._put(facts)

    def delete(self, row: Kept) -> None:
        """End one, with what waits in it."""
        self.keeping.end(row.client, by=None)

    def _put(self, facts: Facts) -> None:
        told = {name: facts.get(name) for name in (*OF_STREAM, HEADER)}
        events = facts["events_requested"]
        self.keeping.put(self._app(facts), by=None, events_requested=events, **told)

    def _app(self, facts: Facts) -> Client:
        """Find the app; one of the same file is there by now."""
        try:
            found = self.clients.registry.get(facts["client_id"])
        except NotFound:
            found = None
        if found is None or not self.clients.keeps(found):
            said = ["There is no such app among those that operators keep."]
            raise InvalidInput("stream", fields={"client_id": said})
        return found

    def _shows(self, row: Kept, header: str) -> bool:
        return self.keeping.header_of(row.stream, row.client) == header
