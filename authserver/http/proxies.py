"""Believe X-Forwarded-* only from the proxies that the operator named."""

import ipaddress
from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.middleware.proxy_fix import ProxyFix

FORWARDED = (
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_X_FORWARDED_PREFIX",
    "HTTP_FORWARDED",
)
WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]


class TrustedProxies:
    """ProxyFix for requests from trusted addresses; for all others the headers go.

    RFC 9700 §4.13.  The address counted is the last one the proxy itself saw.
    """

    def __init__(self, app: WsgiApp, networks: Iterable[str]) -> None:
        """Take the networks whose word counts."""
        self.app = app
        self.fixed = ProxyFix(app, x_for=1, x_proto=1, x_host=0)
        self.networks = [ipaddress.ip_network(one, strict=False) for one in networks]

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Choose by who is on the other end of the connection."""
        if self.networks and self._is_trusted(environ.get("REMOTE_ADDR", "")):
            return self.fixed(environ, start_response)
        for name in FORWARDED:
            environ.pop(name, None)
        return self.app(environ, start_response)

    def _is_trusted(self, peer: str) -> bool:
        try:
            address = ipaddress.ip_address(peer)
        except ValueError:
            return False
        return any(address in network for network in self.networks)
