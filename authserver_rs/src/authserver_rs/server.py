"""What the authorization server publishes: metadata (RFC 8414) and keys (RFC 7517).

Kept for minutes.  A key id that is not known makes us look again, but not more often
than every few seconds: whoever sends rubbish must not make us hammer the server.  While
the server is away, what was known goes on for a while.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet

from authserver_rs.errors import Unreachable
from authserver_rs.fetching import Fetcher, check_url

METADATA_SECONDS = 3600
KEYS_SECONDS = 300
LOOK_AGAIN_SECONDS = 10
STALE_SECONDS = 86_400
"""How long known keys are good while the server does not answer."""

Clock = Callable[[], float]


@dataclass
class AuthorizationServer:
    """One issuer."""

    issuer: str
    fetcher: Fetcher = field(default_factory=Fetcher)
    clock: Clock = time.time
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _metadata: dict[str, Any] = field(default_factory=dict, repr=False)
    _metadata_at: float = 0
    _keys: dict[str, Key] = field(default_factory=dict, repr=False)
    _keys_at: float = 0
    _tried_at: float = 0

    def __post_init__(self) -> None:
        """Refuse an issuer that cannot be believed."""
        check_url(self.issuer)

    def metadata(self) -> dict[str, Any]:
        """Give the metadata document.

        Raises:
            Unreachable: There is none, or it is of another issuer (RFC 8414 §3.3).
        """
        with self._lock:
            return self._current_metadata()

    def _current_metadata(self) -> dict[str, Any]:
        now = self.clock()
        if self._metadata and now - self._metadata_at < METADATA_SECONDS:
            return self._metadata
        try:
            found = self.fetcher.get(metadata_url(self.issuer))
        except Unreachable:
            if self._metadata and now - self._metadata_at < STALE_SECONDS:
                return self._metadata
            raise
        if found.get("issuer") != self.issuer:
            raise Unreachable("metadata of another issuer")
        self._metadata, self._metadata_at = found, now
        return found

    def key(self, kid: str | None) -> Key | None:
        """Give the key of an id; None when the server has no such key.

        Raises:
            Unreachable: The keys could not be read, and none are known.
        """
        with self._lock:
            now = self.clock()
            is_old = now - self._keys_at > KEYS_SECONDS
            is_new = kid is not None and kid not in self._keys
            if (is_old or is_new) and now - self._tried_at >= LOOK_AGAIN_SECONDS:
                self._tried_at = now
                self._read_keys(now)
            if not self._keys:
                raise Unreachable("no keys are known")
            if kid is None:
                # One key needs no name; of several a nameless token could mean any.
                return next(iter(self._keys.values())) if len(self._keys) == 1 else None
            return self._keys.get(kid)

    def _read_keys(self, now: float) -> None:
        try:
            url = str(self._current_metadata().get("jwks_uri", ""))
            found = _usable(self.fetcher.get(url)) if url else {}
        except (Unreachable, ValueError):
            if self._keys and now - self._keys_at < STALE_SECONDS:
                return
            self._keys = {}
            raise
        if found:
            self._keys, self._keys_at = found, now


def metadata_url(issuer: str) -> str:
    """Give where the metadata is: the well-known part goes before the path (§3.1)."""
    parts = urlsplit(issuer)
    path = parts.path.rstrip("/")
    return (
        f"{parts.scheme}://{parts.netloc}/.well-known/oauth-authorization-server{path}"
    )


def _usable(jwks: dict[str, Any]) -> dict[str, Key]:
    """Keep the public keys that may sign; one that we cannot read harms no other."""
    found: dict[str, Key] = {}
    listed = jwks.get("keys")
    for number, one in enumerate(listed if isinstance(listed, list) else ()):
        if not isinstance(one, dict) or one.get("use", "sig") != "sig":
            continue
        if one.get("kty") not in ("RSA", "EC", "OKP"):
            continue
        try:
            (key,) = KeySet.import_key_set({"keys": [one]}).keys
        except (JoseError, ValueError, TypeError, KeyError):
            continue
        found[str(one.get("kid", f"#{number}"))] = key
    return found
