"""What reaches other people's servers: services of the core, made when asked for."""

from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from authserver.adapters.fetcher import Fetcher
from authserver.adapters.social import open_providers
from authserver.adapters.throttle import Throttle
from authserver.config import Settings
from authserver.core.attempts import Attempts
from authserver.core.back_channel import BackChannel
from authserver.core.blueprint import Blueprint
from authserver.core.blueprint_brand import BrandSection
from authserver.core.blueprint_clients import ClientSection
from authserver.core.blueprint_sections import (
    DetailTypeSection,
    InstitutionSection,
    ResourceSection,
    RoleSection,
)
from authserver.core.blueprint_streams import StreamSection
from authserver.core.client_documents import ClientDocuments
from authserver.core.client_key_sets import ClientKeySets
from authserver.core.client_logos import ClientLogos
from authserver.core.client_messages import ClientMessages
from authserver.core.clients import Clients
from authserver.core.connections import Connections
from authserver.core.event_tokens import EventTokens
from authserver.core.initial_tokens import InitialTokens
from authserver.core.keys import Keys
from authserver.core.logout_frames import LogoutFrames
from authserver.core.notices import Notices
from authserver.core.registration import Registration
from authserver.core.request_objects import RequestObjects
from authserver.core.sector_documents import SectorDocuments
from authserver.core.software_statements import SoftwareStatements
from authserver.core.stream_keeping import StreamKeeping
from authserver.core.stream_subjects import StreamSubjects
from authserver.core.streams import Streams
from authserver.crypto.certificate import Authorities
from authserver.models import db
from authserver.services.operators import AdminParts


def open_fetcher(settings: Settings) -> Fetcher:
    """Make what asks other servers; it reads the system's certificates."""
    return Fetcher(
        allow_http=not settings.is_production,
        allowed=settings.outbound_allow,
        ca_file=settings.fetch_ca_file or None,
    )


class OutsideParts(AdminParts):
    """Of what ``Services`` holds, what needs the world outside."""

    clients: Clients
    throttle: Throttle
    client_key_sets: ClientKeySets
    open_fetcher: Callable[[], Fetcher]
    messages: ClientMessages
    keys: Keys

    @cached_property
    def fetcher(self) -> Fetcher:
        """Asks other servers."""
        return self.open_fetcher()

    @property
    def notices(self) -> Notices:
        """Keeps what clients are to be told."""
        return self.sessions.endings.notices

    @cached_property
    def back_channel(self) -> BackChannel:
        """Says to clients that a session has ended."""
        return BackChannel(
            self.clock,
            self.settings,
            self.clients,
            self.tokens.sectors,
            self.messages,
            self.fetcher,
        )

    @cached_property
    def stream_keeping(self) -> StreamKeeping:
        """What operators do with streams."""
        return StreamKeeping(db.session, self.streams, self.clients)

    @cached_property
    def streams(self) -> Streams:
        """Keeps streams of security events."""
        return Streams(
            db.session,
            self.clock,
            self.settings,
            self.cpfs.sealer,
            self.sessions.endings.signals,
            StreamSubjects(db.session, self.settings, self.users, self.tokens.sectors),
            self.audit,
        )

    @cached_property
    def event_tokens(self) -> EventTokens:
        """Signs security events and hands them over."""
        return EventTokens(
            db.session,
            self.reads,
            self.clock,
            self.settings,
            self.clients,
            self.keys,
            self.cpfs.sealer,
            self.fetcher,
            self.tokens.sectors,
        )

    @cached_property
    def logout_frames(self) -> LogoutFrames:
        """Knows whom the page of a logout has to load."""
        return LogoutFrames(
            db.session, self.settings, self.clients, self.tokens.sectors
        )

    @cached_property
    def request_objects(self) -> RequestObjects:
        """Reads the requests that clients have signed."""
        found = self.client_key_sets
        return RequestObjects(
            self.clock, self.settings, self.keys, found, found.fetcher, found.turns
        )

    @cached_property
    def attempts(self) -> Attempts:
        """Sends people to providers, and takes them in again."""
        return Attempts(
            db.session,
            self.clock,
            self.settings,
            self.cpfs.sealer,
            open_providers(self.settings, self.fetcher, self.clock),
            self.audit,
            self.challenges.pepper,
        )

    @cached_property
    def connections(self) -> Connections:
        """Keeps identities at other services."""
        return Connections(
            db=db.session,
            clock=self.clock,
            settings=self.settings,
            attempts=self.attempts,
            users=self.users,
            sessions=self.sessions,
            signin=self.signin,
            verification=self.signup,
            letters=self.letters,
            audit=self.audit,
        )

    @cached_property
    def initial_tokens(self) -> InitialTokens:
        """Lets those register clients who hold one."""
        return InitialTokens(
            db.session, self.reads, self.clock, self.audit, self.clients.pepper
        )

    @cached_property
    def registration(self) -> Registration:
        """Lets clients register themselves."""
        return Registration(
            db=db.session,
            clock=self.clock,
            settings=self.settings,
            clients=self.clients,
            initial_tokens=self.initial_tokens,
            statements=SoftwareStatements(self.clock, self.settings, self.fetcher),
            sector_documents=SectorDocuments(self.fetcher),
            logos=self.logos,
            limiter=self.throttle,
            audit=self.audit,
        )

    @cached_property
    def client_documents(self) -> ClientDocuments:
        """Keeps the clients that are documents."""
        return ClientDocuments(
            db=db.session,
            clock=self.clock,
            settings=self.settings,
            clients=self.clients,
            fetcher=self.fetcher,
            logos=self.logos,
            limiter=self.throttle,
            audit=self.audit,
        )

    @cached_property
    def logos(self) -> ClientLogos:
        """Keeps the pictures of clients."""
        return ClientLogos(db.session, self.reads, self.clock, self.fetcher)

    @cached_property
    def blueprint(self) -> Blueprint:
        """Reads and writes configuration as one document."""
        clients = ClientSection(self.clients, self.client_switch, self.logos)
        sections = (
            InstitutionSection(self.institutions),
            RoleSection(self.role_catalogue),
            ResourceSection(self.resources),
            DetailTypeSection(self.detail_types),
            BrandSection(self.brands),
            clients,
            StreamSection(self.stream_keeping, clients),
        )
        return Blueprint(db.session, sections, clients)

    @cached_property
    def authorities(self) -> Authorities | None:
        """Vouch for client certificates; None where nobody's word counts."""
        if not self.settings.mtls_ca_file:
            return None
        return Authorities(Path(self.settings.mtls_ca_file).read_bytes())
