"""What reaches other people's servers: services of the core, made when asked for."""

from functools import cached_property

from authserver.adapters.fetcher import Fetcher
from authserver.adapters.social import open_providers
from authserver.core.attempts import Attempts
from authserver.core.connections import Connections
from authserver.models import db
from authserver.services.operators import AdminParts


class OutsideParts(AdminParts):
    """Of what ``Services`` holds, what needs the world outside."""

    @cached_property
    def fetcher(self) -> Fetcher:
        """Asks other servers."""
        return Fetcher(
            allow_http=not self.settings.is_production,
            allowed=self.settings.outbound_allow,
            ca_file=self.settings.fetch_ca_file or None,
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
