"""What a token is for: its audience and what follows (RFC 8707, RFC 9068 §3).

Every scope has one owner: the API that registered it, else this server, whose userinfo
endpoint it opens.  So no scope of a token can mean something else at another of its
audiences (RFC 9068 §5).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from authserver.core.apps import App
from authserver.core.scopes import OFFLINE
from authserver.core.token_types import ACCESS, PLAIN
from authserver.errors import InvalidScope, InvalidTarget

MOST = 20
MAX_IDENTIFIER = 2048
_URI = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]*:[\x21\x24-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7e]+"
)
_DEFAULT_PORTS = {"https": 443, "http": 80}


OwnedDetail = tuple[dict[str, Any], tuple[str, ...]]
"""An authorization detail, and the APIs that it is for; none means this server."""


@dataclass(frozen=True)
class Api:
    """A resource as a request sees it."""

    identifier: str
    name: str
    names: Mapping[str, str]
    scopes: Mapping[str, Mapping[str, str]]
    life: timedelta | None = None
    alg: str | None = None
    typ: str | None = None
    introspectors: frozenset[str] = frozenset()
    is_open: bool = False


@dataclass(frozen=True)
class Target:
    """What one access token is for."""

    audience: tuple[str, ...]
    scopes: tuple[str, ...]
    life: timedelta
    alg: str
    typ: str
    """What the header of the token says it is."""
    details: tuple[dict[str, Any], ...] = ()
    """The authorization details that concern this audience (RFC 9396 §9)."""
    until: int | None = None
    """The second after which no token for this is good, however late it is made."""

    def seconds_from(self, now: int) -> int:
        """Give how long a token lives that is made at this second."""
        life = int(self.life.total_seconds())
        return life if self.until is None else min(life, self.until - now)

    @property
    def aud(self) -> str | list[str]:
        """Give the claim: one value, or a list of several (RFC 7519 §4.1.3)."""
        return self.audience[0] if len(self.audience) == 1 else list(self.audience)


def canonical(identifier: str) -> str:
    """Write a URI so that two spellings of one are equal (RFC 3986 §6.2.2, §6.2.3).

    Scheme and host in small letters, no default port, no path that is a slash alone.

    Raises:
        ValueError: No absolute URI, or one with a fragment (RFC 8707 §2).
    """
    if len(identifier) > MAX_IDENTIFIER or not _URI.fullmatch(identifier):
        msg = "no absolute URI without a fragment"
        raise ValueError(msg)
    parts = urlsplit(identifier)
    if not parts.netloc:
        return identifier
    host = parts.netloc.lower()
    port = _DEFAULT_PORTS.get(parts.scheme)
    if port is not None and parts.port == port:
        host = host.rpartition(":")[0]
    path = "" if parts.path == "/" else parts.path
    return urlunsplit((parts.scheme, host, path, parts.query, ""))


def audience_of(claims: Mapping[str, Any]) -> set[str]:
    """Give for whom a token is: one, or several (RFC 7519 §4.1.3)."""
    aud = claims.get("aud")
    named = aud if isinstance(aud, list) else [aud]
    return {one for one in named if isinstance(one, str)}


@dataclass(frozen=True)
class Catalogue:
    """Every resource at one moment; the issuer is one of them."""

    issuer: str
    life: timedelta
    alg: str
    apis: Mapping[str, Api]
    """By identifier, as it was registered."""
    by_canonical: Mapping[str, str]
    owners: Mapping[str, str]
    """The identifier of the resource that owns a scope."""

    @cached_property
    def published(self) -> dict[str, tuple[str, ...]]:
        """Name the resources that any app may ask people for, with their scopes."""
        is_open = (api for api in self.apis.values() if api.is_open)
        return {api.identifier: tuple(api.scopes) for api in is_open}

    @cached_property
    def plainly_typed(self) -> frozenset[str]:
        """Name the resources whose tokens do not say that they are access tokens."""
        return frozenset(
            api.identifier for api in self.apis.values() if api.typ == PLAIN
        )

    def parse(self, text: str | None) -> tuple[str, ...]:
        """Read the ``resource`` parameter: identifiers with spaces between.

        Raises:
            InvalidTarget: One is malformed or unknown, or there are too many.
        """
        words = (text or "").split()
        if len(words) > MOST:
            raise InvalidTarget(f"{len(words)} resources at once")
        return tuple(dict.fromkeys(self._known(word) for word in words))

    def _known(self, word: str) -> str:
        try:
            found = self.by_canonical.get(canonical(word))
        except ValueError as why:
            raise InvalidTarget(f"resource: {why}") from None
        if found is None:
            raise InvalidTarget(f"no resource {word[:200]!r}")
        return found

    def asked(
        self, text: str | None, app: App, *, alone: bool = False
    ) -> tuple[str, ...]:
        """Read the ``resource`` parameter of a client that may name them.

        Args:
            text: The parameter.
            app: Who asks.
            alone: For itself, without a person who allows it.

        Raises:
            InvalidTarget: One is unknown, or is not for this client.
        """
        found = self.parse(text)
        for one in found:
            if one != self.issuer and not self._may(self.apis[one], app, alone=alone):
                raise InvalidTarget(f"{app.client_id} may not ask for {one}")
        return found

    def _may(self, api: Api, app: App, *, alone: bool) -> bool:
        if api.is_open and not alone:
            return True
        named = app.extra.get("resources") or ()
        return api.identifier in named or bool(set(api.scopes) & set(app.scope.split()))

    def allowed(self, app: App) -> frozenset[str]:
        """Name the scopes a client may ask people for: its own, and those of all."""
        is_open = [
            scope for api in self.apis.values() if api.is_open for scope in api.scopes
        ]
        return frozenset([*app.scope.split(), *is_open])

    def narrow(self, asked: Iterable[str], app: App) -> tuple[str, ...]:
        """Keep the scopes that a client may ask people for (RFC 6749 §3.3)."""
        may = self.allowed(app)
        return tuple(scope for scope in asked if scope in may)

    def owner(self, scope: str) -> str:
        """Give whose scope it is."""
        return self.owners.get(scope, self.issuer)

    def implied(
        self, scopes: Iterable[str], details: Iterable[OwnedDetail] = ()
    ) -> tuple[str, ...]:
        """Name the owners of what was granted, this server first."""
        owners = {self.owner(scope) for scope in scopes if scope != OFFLINE}
        owners |= {one for _, own in details for one in own or (self.issuer,)}
        others = sorted(owners - {self.issuer})
        is_ours = self.issuer in owners or not owners
        return (self.issuer, *others) if is_ours else tuple(others)

    def target(
        self,
        scopes: Sequence[str],
        *,
        authorized: Sequence[str] = (),
        asked: Sequence[str] = (),
        details: Sequence[OwnedDetail] = (),
    ) -> Target:
        """Decide what a token is for.

        Args:
            scopes: What was granted.
            details: Granted authorization details, each with the APIs it is for.
            authorized: The resources that the authorization request named, if it did.
            asked: Those that the token request names, if it does.

        Raises:
            InvalidTarget: More is asked than was authorized (RFC 8707 §2.2), or what
                cannot stand in one token.
            InvalidScope: Nothing was named, and the scopes belong to several APIs
                (RFC 9068 §3).
        """
        if not authorized and not asked:
            return self._by_owners(scopes, details)
        within = tuple(authorized) or self.implied(scopes, details)
        if not set(asked) <= set(within):
            raise InvalidTarget("resource beyond the authorization request")
        audience = tuple(asked) or tuple(one for one in within if self._lives(one))
        if not audience:
            raise InvalidTarget("no resource of the grant is left")
        return self._target(audience, scopes, details)

    def seen_by(self, caller: App, claims: Mapping[str, Any]) -> list[str] | None:
        """Give the scopes of an access token that a caller may know of.

        None where the token is not its business: it is for resources that the caller
        may not ask for, and was not given to the caller (RFC 7662 §4).
        """
        scopes = str(claims.get("scope", "")).split()
        others = audience_of(claims) - {self.issuer}
        if not others or claims["client_id"] == caller.client_id:
            return scopes
        apis = [self.apis[one] for one in others if one in self.apis]
        theirs = [api for api in apis if caller.client_id in api.introspectors]
        if not theirs:
            return None
        return [scope for scope in scopes if any(scope in api.scopes for api in theirs)]

    def details_for(
        self, caller: App, claims: Mapping[str, Any], details: Iterable[OwnedDetail]
    ) -> list[dict[str, Any]]:
        """Keep the details of a token that concern a caller (RFC 9396 §9.2)."""
        if claims["client_id"] == caller.client_id:
            return [one for one, _ in details]
        theirs = {
            api.identifier
            for api in self.apis.values()
            if caller.client_id in api.introspectors
        }
        return [one for one, own in details if not own or set(own) & theirs]

    def _by_owners(
        self, scopes: Sequence[str], details: Sequence[OwnedDetail]
    ) -> Target:
        audience = self.implied(scopes, details)
        if len(set(audience) - {self.issuer}) > 1:
            raise InvalidScope(
                "scopes of several resources",
                public="The scopes belong to several resources. Name them by resource.",
            )
        return self._target(audience, scopes, details)

    def _lives(self, identifier: str) -> bool:
        return identifier == self.issuer or identifier in self.apis

    def _target(
        self,
        audience: tuple[str, ...],
        scopes: Sequence[str],
        details: Sequence[OwnedDetail],
    ) -> Target:
        apis = [self.apis.get(one) for one in audience]
        algs = {(api.alg if api else None) or self.alg for api in apis}
        if len(algs) > 1:
            raise InvalidTarget("resources whose tokens are signed differently")
        lives = [(api.life if api else None) or self.life for api in apis]
        kept = tuple(scope for scope in scopes if self._is_of(scope, audience))
        told = tuple(
            one for one, own in details if set(own or (self.issuer,)) & set(audience)
        )
        is_plain = not self.plainly_typed.isdisjoint(audience)
        typ = PLAIN if is_plain else ACCESS
        return Target(audience, kept, min(lives), algs.pop(), typ, told)

    def _is_of(self, scope: str, audience: Sequence[str]) -> bool:
        return self.owner(scope) in audience
