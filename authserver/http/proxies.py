"""Believe X-Forwarded-* and certificates only from the proxies that the operator named."""

import ipaddress
from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.middleware.proxy_fix import ProxyFix

from authserver.http import certificates

FORWARDED = (
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_X_FORWARDED_PREFIX",
    "HTTP_FORWARDED",
)
CERTIFICATES = ("HTTP_CLIENT_CERT", certificates.CHAIN_HEADER)
WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]


class TrustedProxies:
    """ProxyFix for requests from trusted addresses; for all others the headers go.

    RFC 9700 §4.13.  The address counted is the last one the proxy itself saw.
    """

    def __init__(
        self, app: WsgiApp, networks: Iterable[str], *, certificate_header: str = ""
    ) -> None:
        """Take the networks whose word counts, and where they put certificates."""
        self.app = app
        self.certificate = (
            certificates.as_variable(certificate_header) if certificate_header else ""
        )
        self.foreign = (*FORWARDED, *CERTIFICATES, self.certificate)
        self.fixed = ProxyFix(app, x_for=1, x_proto=1, x_host=0)
        self.networks = [ipaddress.ip_network(one, strict=False) for one in networks]

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Choose by who is on the other end of the connection."""
        if self.networks and self._is_trusted(environ.get("REMOTE_ADDR", "")):
            if self.certificate:
                certificates.take_from_header(environ, self.certificate)
            for name in CERTIFICATES:
                environ.pop(name, None)
            return self.fixed(environ, start_response)
        for name in self.foreign:
            environ.pop(name, None)
        return self.app(environ, start_response)

    def _is_trusted(self, peer: str) -> bool:
        try:
            address = ipaddress.ip_address(peer)
        except ValueError:
            return False
        return any(address in network for network in self.networks)
