"""How often: named limits by address, over Flask-Limiter.

The limits of an account are in the core (``signin:account``), before anything is
hashed; these are by the caller's network, and stand in front of whole views.
"""

import ipaddress
from collections.abc import Callable
from typing import Any

from flask import Flask, request
from flask_limiter import Limiter

from authserver.http.context import settings

V6_NETWORK = 64
"""An IPv6 customer has a whole /64: counting single addresses would count nothing."""


def network() -> str:
    """Give the network of the caller: the address, or the /64 of an IPv6 one."""
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


limiter = Limiter(key_func=network, headers_enabled=True, swallow_errors=False)


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


def init_app(app: Flask) -> None:
    """Set the limiter up; counters live in Redis, or in this process."""
    chosen = app.extensions["services"].settings
    app.config["RATELIMIT_ENABLED"] = chosen.rate_limits
    app.config["RATELIMIT_STORAGE_URI"] = chosen.redis_url or "memory://"
    app.config["RATELIMIT_IN_MEMORY_FALLBACK_ENABLED"] = bool(chosen.redis_url)
    limiter.init_app(app)
