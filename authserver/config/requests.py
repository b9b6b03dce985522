"""Settings of authorization requests: how they must come, how long they wait."""

from dataclasses import dataclass
from datetime import timedelta

from authserver.config.setting import seconds, setting


@dataclass(frozen=True, kw_only=True)
class Requests:
    """What whoever answers for the protocol decides for all clients."""

    # -- Authorization requests
    par_ttl: timedelta = setting(
        "How long a pushed request may wait for its browser, 5 to 599 seconds "
        "(RFC 9126).",
        env="PAR_TTL",
        default=seconds(60),
        kind="span",
    )
    require_par: bool = setting(
        "Whether every client must push its authorization requests (RFC 9126 §5); "
        "one client alone is told so by its profile or its metadata.",
        env="REQUIRE_PAR",
        default=False,
        kind="switch",
    )
    require_signed_request: bool = setting(
        "Whether every client must sign its authorization requests (RFC 9101 §10.5).",
        env="REQUIRE_SIGNED_REQUEST",
        default=False,
        kind="switch",
    )
