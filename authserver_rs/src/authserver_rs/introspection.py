"""Ask the server what a token is worth (RFC 7662): opaque tokens, and revoked ones.

What it says is kept for seconds, if at all: longer, and a revoked token would go on.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus

from requests.auth import HTTPBasicAuth

from authserver_rs.decoding import sha256_url
from authserver_rs.errors import Denied, Unreachable
from authserver_rs.server import AuthorizationServer
from authserver_rs.tokens import LEEWAY_SECONDS, MAX_TOKEN, audience_of, check_times

MOST = 10_000


@dataclass
class Introspection:
    """The credentials of this API at the server, and how long an answer is believed."""

    client_id: str
    client_secret: str = field(repr=False)
    keep_seconds: float = 0


@dataclass
class AskedTokens:
    """Checks tokens by asking."""

    server: AuthorizationServer
    resource: str
    how: Introspection
    clock: Callable[[], float] = time.time
    _kept: dict[str, tuple[float, dict[str, Any]]] = field(
        default_factory=dict, repr=False
    )
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def claims(self, token: str) -> dict[str, Any]:
        """Give what the server says of a good token for this resource.

        Raises:
            Denied: It is not good here.
            Unreachable: The server cannot be asked.
        """
        if len(token) > MAX_TOKEN:
            raise Denied("invalid_token", "too long")
        told = self._known(token) or self._ask(token)
        if told.get("active") is not True:
            raise Denied("invalid_token", "not active")
        if told.get("token_type") == "refresh_token":
            raise Denied("invalid_token", "no access token")
        if told.get("iss", self.server.issuer) != self.server.issuer:
            raise Denied("invalid_token", "of another issuer")
        if self.resource not in audience_of(told):
            raise Denied("invalid_token", "for another audience")
        check_times(told, now=self.clock(), leeway=LEEWAY_SECONDS)
        return told

    def _known(self, token: str) -> dict[str, Any] | None:
        with self._lock:
            ends, told = self._kept.get(_name(token), (0.0, None))
            return told if ends > self.clock() else None

    def _ask(self, token: str) -> dict[str, Any]:
        url = self.server.metadata().get("introspection_endpoint")
        if not isinstance(url, str):
            raise Unreachable("the server has no introspection endpoint")
        # RFC 6749 §2.3.1: both halves are form-encoded before they are joined.
        me = HTTPBasicAuth(
            quote_plus(self.how.client_id), quote_plus(self.how.client_secret)
        )
        told = self.server.fetcher.post(url, {"token": token}, auth=me)
        if self.how.keep_seconds > 0:
            self._keep(token, told)
        return told

    def _keep(self, token: str, told: dict[str, Any]) -> None:
        now = self.clock()
        with self._lock:
            if len(self._kept) >= MOST:
                self._kept.clear()
            self._kept[_name(token)] = (now + self.how.keep_seconds, told)


def _name(token: str) -> str:
    return sha256_url(token.encode("utf-8", "replace"))
