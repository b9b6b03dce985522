"""What a token is for, asked of the registries: resources and types of details.

``targets`` decides; here stands who asks it when: a token request, a grant that has no
more to say, a resource server that looks at a token.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.clock import Clock
from authserver.config import Settings
from authserver.core import details as details_of
from authserver.core import token_types
from authserver.core.apps import App
from authserver.core.audit import Audit
from authserver.core.detail_types import DetailTypes
from authserver.core.details import Detail
from authserver.core.keys import Keys
from authserver.core.resources import Resources
from authserver.core.targets import Target, audience_of
from authserver.crypto.signing import BadToken
from authserver.models.engines import Reads


@dataclass(frozen=True)
class Targeting:
    """Decides what tokens are for, and who may know of them."""

    resources: Resources
    detail_types: DetailTypes

    @classmethod
    def over(
        cls,
        db: scoped_session[DbSession],
        reads: Reads,
        clock: Clock,
        settings: Settings,
        keys: Keys,
        audit: Audit,
    ) -> Self:
        """Build it with its registries."""
        return cls(
            Resources(db, reads, clock, settings, keys, audit),
            DetailTypes(db, reads, clock, audit),
        )

    def of_grant(
        self,
        scopes: Sequence[str],
        *,
        authorized: Sequence[str] = (),
        details: Sequence[Detail] = (),
    ) -> Target:
        """Give the target of a grant whose token request asks for nothing less.

        Raises:
            InvalidTarget, InvalidScope: As ``Catalogue.target`` does.
        """
        return self.resources.catalogue().target(
            scopes, authorized=authorized, details=self.detail_types.owned(details)
        )

    def of_request(
        self,
        scopes: Sequence[str],
        *,
        authorized: Sequence[str],
        granted: Sequence[Detail],
        resource: str | None,
        asked: str | None,
        app: App,
    ) -> Target:
        """Decide what the token of a token request is for.

        Args:
            scopes: The granted scopes that are asked for.
            authorized: The resources that the authorization request named.
            granted: The authorization details of the grant.
            resource: The ``resource`` parameter of the token request.
            asked: Its ``authorization_details``.
            app: Who asks.

        Raises:
            InvalidTarget: A resource that was not authorized (RFC 8707 §2.2).
            InvalidDetails: Details that were not granted (RFC 9396 §6).
        """
        catalogue = self.resources.catalogue()
        less = details_of.narrowed(granted, self.detail_types.asked(asked, app))
        return catalogue.target(
            scopes,
            authorized=authorized,
            asked=catalogue.parse(resource),
            details=self.detail_types.owned(less),
        )

    def implied(
        self, scopes: Sequence[str], details: Sequence[Detail]
    ) -> tuple[str, ...]:
        """Name what a grant is for that named no resource."""
        owned = self.detail_types.owned(details)
        return self.resources.catalogue().implied(scopes, owned)

    def verified(self, keys: Keys, token: str) -> dict[str, Any]:
        """Give the claims of an access token that we signed; times are not looked at.

        Raises:
            BadToken: Not one of ours, or none.
        """
        plain = self.resources.catalogue().plainly_typed
        try:
            return keys.claims_of(token, typ=token_types.ACCESS)
        except BadToken:
            if not plain:
                raise
        claims = keys.claims_of(token, typ=token_types.PLAIN)
        token_types.check_plain(claims)
        if plain.isdisjoint(audience_of(claims)):
            raise BadToken("its API wants a type in the header")
        return claims

    def seen_by(self, caller: App, claims: Mapping[str, Any]) -> dict[str, Any] | None:
        """Give what a caller may know of an access token; None when it may not.

        A token for registered resources is shown to its own client and to those who
        may ask for one of them, each with what concerns them (RFC 7662 §4, RFC 9396
        §9.2).  One that is for none is for whoever it is shown to, so any confidential
        client may ask.
        """
        catalogue = self.resources.catalogue()
        scopes = catalogue.seen_by(caller, claims)
        if scopes is None:
            return None
        shown = dict(claims) | {"scope": " ".join(scopes)}
        if granted := shown.pop("authorization_details", None):
            owned = self.detail_types.owned(granted)
            if told := catalogue.details_for(caller, claims, owned):
                shown["authorization_details"] = told
        return shown
