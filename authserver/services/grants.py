"""Grants that few requests use: services of the core, made when asked for."""

from functools import cached_property

from authserver.core.backchannel import Backchannel
from authserver.core.device_grants import DeviceGrants
from authserver.core.pings import Pings
from authserver.core.polling import Polling
from authserver.core.token_exchange import TokenExchange
from authserver.models import db
from authserver.services.outside import OutsideParts


class GrantParts(OutsideParts):
    """Of what ``Services`` holds, what waits for a person elsewhere."""

    @cached_property
    def polling(self) -> Polling:
        """Answers polls."""
        return Polling(db.session, self.clock, self.tokens, self.consents, self.audit)

    @cached_property
    def device_grants(self) -> DeviceGrants:
        """Keeps devices that wait."""
        return DeviceGrants(
            db=db.session,
            clock=self.clock,
            settings=self.settings,
            polling=self.polling,
            surroundings=self.audit.surroundings,
            sealer=self.cpfs.sealer,
            audit=self.audit,
            pepper=self.challenges.pepper,
        )

    @cached_property
    def backchannel(self) -> Backchannel:
        """Keeps requests of apps for people who are elsewhere."""
        return Backchannel(
            db=db.session,
            clock=self.clock,
            settings=self.settings,
            polling=self.polling,
            letters=self.letters,
            limiter=self.mfa.limiter,
            sealer=self.cpfs.sealer,
            audit=self.audit,
        )

    @cached_property
    def pings(self) -> Pings:
        """Tells apps that somebody has decided."""
        return Pings(db.session, self.reads, self.clock, self.cpfs.sealer)

    @cached_property
    def token_exchange(self) -> TokenExchange:
        """Exchanges tokens for lesser ones."""
        return TokenExchange(self.settings, self.checks, self.tokens, self.audit)
