"""How often: named limits by address, over Flask-Limiter.

The limits of an account are in the core (``signin:account``), before anything is
hashed; these are by the caller's network, and stand in front of whole views.  Both
count in the same place, so that all processes of all nodes share one count.
"""

import ipaddress
from collections.abc import Callable
from math import ceil
from typing import Any

from flask import Flask, Response, g, request
from flask.ctx import _AppCtxGlobals as Noted
from flask_limiter import Limiter, RequestLimit
from limits.errors import StorageError
from limits.storage import Storage

from authserver.http.context import services, settings

V6_NETWORK = 64
"""An IPv6 customer has a whole /64: counting single addresses would count nothing."""


class Shared(Storage):
    """The place where the core counts, under a name that Flask-Limiter takes."""

    STORAGE_SCHEME = ["shared"]  # noqa: RUF012 -- so limits declares it

    def __init__(
        self,
        uri: str | None = None,
        wrap_exceptions: bool = False,  # noqa: FBT001, FBT002 -- limits calls it so
        *,
        storage: Storage,
    ) -> None:
        """Stand before a storage that is there."""
        super().__init__(uri, wrap_exceptions)
        self.storage = storage

    @property
    def base_exceptions(self) -> type[Exception] | tuple[type[Exception], ...]:
        """What can go wrong there."""
        return self.storage.base_exceptions

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count."""
        return self.storage.incr(key, expiry, amount=amount)

    def get(self, key: str) -> int:
        """Give the count."""
        return self.storage.get(key)

    def get_expiry(self, key: str) -> float:
        """Give when the window ends."""
        return self.storage.get_expiry(key)

    def check(self) -> bool:
        """Say whether it can be reached."""
        return self.storage.check()

    def reset(self) -> int | None:
        """Forget everything."""
        return self.storage.reset()

    def clear(self, key: str) -> None:
        """Forget one counter."""
        self.storage.clear(key)


def network() -> str:
    """Give the network of the caller: the address, or the /64 of an IPv6 one."""
    g.is_limited = True  # somebody counts: there will be something to say
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return "unknown"
    if address.version == 6:
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        net = ipaddress.ip_network((address, V6_NETWORK), strict=False)
        return str(net.network_address)
    return str(address)


limiter = Limiter(key_func=network, headers_enabled=False, swallow_errors=False)


def signin_limit() -> Callable[..., Any]:
    """Limit sign-in and sign-up by address (C4)."""
    return limiter.shared_limit(
        lambda: settings().signin_limits, scope="signin", methods=["POST"]
    )


def public_limit() -> Callable[..., Any]:
    """Limit other public pages and calls by address (C4)."""
    return limiter.shared_limit(
        lambda: settings().public_limits, scope="public", methods=["POST"]
    )


def device_limit() -> Callable[..., Any]:
    """Limit by address how many codes of devices may be tried (RFC 8628 §5.1)."""
    return limiter.shared_limit(
        lambda: settings().device_limits, scope="device", methods=["POST"]
    )


def lookup_limit() -> Callable[..., Any]:
    """Limit questions by address as other public calls: what a GET may ask (C4)."""
    return limiter.shared_limit(
        lambda: settings().public_limits, scope="lookup", methods=["GET"]
    )


def registration_limit() -> Callable[..., Any]:
    """Limit changes of registrations by address: each may make us fetch (RFC 7592)."""
    return limiter.shared_limit(
        lambda: settings().registration_limits, scope="registration", methods=["PUT"]
    )


def wait() -> int | None:
    """Give the seconds until the limit opens again that has just refused, if one has."""
    full = [one for one in limiter.current_limits if one.breached]
    try:
        return max((_resets_in(one) for one in full), default=None)
    except StorageError:  # it went away after the try was counted
        return None


def send(response: Response, noted: Noted) -> None:
    """Say what is left (draft-ietf-httpapi-ratelimit-headers-06).

    The numbers are those of the tightest window of the caller's network.
    """
    asked = limiter.current_limits if noted.get("is_limited") else None
    if not asked:
        return
    try:
        left, reset, tightest = min(
            ((one.remaining, _resets_in(one), one) for one in asked),
            key=lambda found: (found[0], -found[1]),
        )
    except StorageError:
        return
    headers = response.headers
    if response.status_code == 429:
        left, reset = 0, int(headers.get("Retry-After", reset))
    policy = (f"{one.limit.amount};w={one.limit.get_expiry()}" for one in asked)
    headers["RateLimit-Limit"] = str(tightest.limit.amount)
    headers["RateLimit-Remaining"] = str(left)
    headers["RateLimit-Reset"] = str(reset)
    headers["RateLimit-Policy"] = ", ".join(policy)


def _resets_in(one: RequestLimit) -> int:
    return max(1, ceil(one.window.reset_time - services().clock.now().timestamp()))


def init_app(app: Flask) -> None:
    """Set the limiter up beside the core's; with its store away, each process counts."""
    core = app.extensions["services"]
    counters = core.throttle.shared or core.throttle.local
    app.config["RATELIMIT_ENABLED"] = core.settings.rate_limits
    app.config["RATELIMIT_STORAGE_URI"] = "shared://"
    app.config["RATELIMIT_STORAGE_OPTIONS"] = {"storage": counters.storage}
    app.config["RATELIMIT_IN_MEMORY_FALLBACK_ENABLED"] = True
    limiter.init_app(app)
