"""How one app does by the specifications, and what its developers could do next.

The same letters as the report of ``authserver conformance`` has for the server: A where
every rule holds since it is demanded of the app, B where none is broken but not all are
demanded or to be seen, C where one is broken.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from authserver.core import redirects
from authserver.core.client_check import LOOKED_AT, ClientCheck, Habits, Move
from authserver.core.security_profiles import FAPI2 as FAPI2_PROFILE
from authserver.core.security_profiles import OAUTH21 as OAUTH21_PROFILE
from authserver.core.security_profiles import PROFILES
from authserver.models import Client

OAUTH21 = "OAuth 2.1 and RFC 9700"
FAPI2 = "FAPI 2.0"
MCP = "MCP authorization"
LOCAL = (*redirects.LOOPBACK, "localhost")
USABLE = frozenset({"authorization_code", "client_credentials"})


@dataclass(frozen=True)
class Grade:
    """How an app does by one family of specifications."""

    family: str
    mark: str
    """A, B or C."""
    obstacles: Sequence[str] = ()
    """What is broken, or with B what cannot be seen."""
    profile: str | None = None
    """The security profile that it should be given next, if nothing is in its way."""

    @property
    def next_step(self) -> str | None:
        """Say in a sentence what to do next; None when nothing is left."""
        if self.obstacles:
            return self.obstacles[0]
        if self.profile is None:
            return None
        return f"Give it the profile {self.profile}: nothing stands in the way."


@dataclass(frozen=True)
class ClientGrades:
    """Grades apps."""

    check: ClientCheck

    def of(self, client: Client) -> list[Grade]:
        """Grade one by each family."""
        habits = self.check.habits_of(client)
        moves = self.check.moves(client, habits)
        return grade(client, moves, habits)


def grade(client: Client, moves: Sequence[Move], habits: Habits) -> list[Grade]:
    """Grade one by what it was found to be and to do.

    Args:
        client: The app.
        moves: What stands in the way of each profile.
        habits: What it was seen doing.
    """
    by_name = {move.profile: move for move in moves}
    modern, financial = by_name[OAUTH21_PROFILE.name], by_name[FAPI2_PROFILE.name]
    return [
        _by_profile(OAUTH21, client, modern),
        _by_profile(FAPI2, client, financial),
        _by_mcp(client, modern, habits),
    ]


def _by_profile(family: str, client: Client, move: Move) -> Grade:
    if obstacles := list(_obstacles(move)):
        return Grade(family, "C", obstacles)
    if _has_at_least(client, move.profile):
        return Grade(family, "A")
    return Grade(family, "B", profile=move.profile)


def _by_mcp(client: Client, move: Move, habits: Habits) -> Grade:
    """MCP builds on OAuth 2.1; and its clients say what each token is for (RFC 8707)."""
    broken = [*_obstacles(move), *_mcp_faults(client, habits)]
    if broken:
        return Grade(MCP, "C", broken)
    if not _has_at_least(client, move.profile):
        return Grade(MCP, "B", profile=move.profile)
    if "authorization_code" in client.grant_types and not habits.codes:
        unseen = (
            f"No code was asked for in {LOOKED_AT.days} days: whether it names the "
            "resource is not known (RFC 8707)."
        )
        return Grade(MCP, "B", [unseen])
    return Grade(MCP, "A")


def _mcp_faults(client: Client, habits: Habits) -> Iterator[str]:
    if not USABLE & set(client.grant_types):
        yield "grant_types: authorization_code or client_credentials is needed."
    if far := [uri for uri in client.redirect_uris if not _is_safe(uri)]:
        yield f"redirect_uris: {far[0][:200]} is neither https nor on this device."
    unnamed = habits.codes - habits.with_resource
    if unnamed > 0:
        yield (
            f"{unnamed} of {habits.codes} codes were asked for without a resource "
            "(RFC 8707)."
        )


def _is_safe(uri: str) -> bool:
    parts = urlsplit(uri)
    return parts.scheme == "https" or parts.hostname in LOCAL


def _obstacles(move: Move) -> Iterator[str]:
    for member, reasons in move.faults.items():
        yield from (f"{member}: {why}" for why in reasons)
    yield from move.seen


def _has_at_least(client: Any, profile: str) -> bool:
    names = list(PROFILES)
    own = client.profile if client.profile in names else names[-1]
    return names.index(own) >= names.index(profile)
