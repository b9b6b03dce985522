"""The public keys of clients, from ``jwks`` or ``jwks_uri`` (OIDC Registration §2).

What lies at a ``jwks_uri`` is fetched when it is needed and kept for minutes.  A key id
that is not known is looked for again, since clients rotate by publishing a new one
(OIDC Core §10.1.1); but no address is asked more than twice a minute, found or not, and
few at one moment: a client's id is no secret, and a stranger who sends made-up key ids
must not be able to make us call out, or to keep our threads waiting.
"""

import json
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from authserver.adapters.exchange import FetchFailed
from authserver.adapters.fetcher import Fetcher
from authserver.clock import Clock, is_fresh
from authserver.core.apps import App
from authserver.core.security_profiles import KEY_ALGS
from authserver.crypto import jwks, signing, unverified
from authserver.crypto.jwks import PublicKeys
from authserver.crypto.signing import BadToken

KEPT_FOR = timedelta(minutes=5)
STALE_FOR = timedelta(hours=1)
"""How long keys serve on when their address does not answer."""
WINDOW = timedelta(minutes=1)
MOST_TRIES = 2
"""In a window: once for what is there, once for what has just been added."""
MOST_SOURCES = 1000
TIMEOUT_SECONDS = 3.0
MAX_BYTES = 64 * 1024
TURN_SECONDS = 1.0
"""How long a fetch waits for its turn, where others are on their way."""

Enough = Callable[[PublicKeys], bool]


@dataclass
class Source:
    """What is known of one address."""

    keys: PublicKeys = jwks.NOTHING
    read_at: datetime | None = None
    tries: tuple[datetime, ...] = ()
    fault: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)


@dataclass(frozen=True)
class ClientKeySets:
    """Finds the public keys of clients."""

    clock: Clock
    fetcher: Callable[[], Fetcher]
    turns: threading.Semaphore
    """As many as may be fetched from at one moment."""
    sources: dict[str, Source] = field(default_factory=dict, repr=False)
    guard: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def of(self, app: App, is_enough: Enough = lambda _: True) -> PublicKeys:
        """Give a client's keys; what is at hand, or fetched.

        Call it before the first write of a request: it may take seconds.

        Args:
            app: Whose.
            is_enough: Whether what is at hand will do; if not, the client's address is
                asked again, unless that was just done.
        """
        if app.jwks is not None:
            return _read(json.dumps(app.jwks))
        uri = app.extra.get("jwks_uri")
        return self._at(uri, is_enough) if isinstance(uri, str) else jwks.NOTHING

    def verify(
        self,
        app: App,
        token: str,
        *,
        algorithms: Collection[str] = KEY_ALGS,
        typ: str | None = None,
        leeway: float = 0,
    ) -> dict[str, Any]:
        """Give the claims of a JWT that this client has signed and that is in time.

        ``kid`` may be missing, since the keys of clients may have no name; then those
        that fit are tried.

        Raises:
            BadToken: It is not signed by this client, or not in time.
        """
        kid = _kid_of(token)
        found = self.of(app, lambda keys: kid is None or kid in keys.signing)
        return signing.verify_jwt(
            token,
            found.signing,
            algorithms=algorithms,
            typ=typ,
            kid_optional=True,
            now=self.clock.now().timestamp(),
            leeway=leeway,
        )

    def look_again(self, app: App) -> tuple[PublicKeys, str]:
        """Ask a client's address now, as far as that is allowed; for operators.

        Gives its keys, and why there are none, or not those of this moment.
        """
        return self.of(app, lambda _: False), self.fault_of(app)

    def fault_of(self, app: App) -> str:
        """Say for the log why a client's address gave no keys; empty if it did."""
        source = self.sources.get(str(app.extra.get("jwks_uri")))
        return source.fault if source else ""

    def _at(self, uri: str, is_enough: Enough) -> PublicKeys:
        source = self._source(uri)
        # One asks.  Who comes meanwhile waits for its answer, or does with what is old.
        may_wait = not self._is_alive(source) or not is_enough(source.keys)
        if not self._will_do(source, is_enough) and source.lock.acquire(
            blocking=may_wait
        ):
            try:
                if not self._will_do(source, is_enough):
                    self._fetch(uri, source)
            finally:
                source.lock.release()
        return source.keys if self._is_alive(source) else jwks.NOTHING

    def _is_alive(self, source: Source) -> bool:
        return is_fresh(source.read_at, self.clock.now(), STALE_FOR)

    def _will_do(self, source: Source, is_enough: Enough) -> bool:
        now = self.clock.now()
        if is_enough(source.keys) and is_fresh(source.read_at, now, KEPT_FOR):
            return True
        recent = [tried for tried in source.tries if is_fresh(tried, now, WINDOW)]
        return len(recent) >= MOST_TRIES

    def _source(self, uri: str) -> Source:
        source = self.sources.get(uri)
        if source is not None:
            return source
        with self.guard:
            if len(self.sources) >= MOST_SOURCES:
                # The one that was added first goes; dicts keep that order.
                self.sources.pop(next(iter(self.sources)))
            return self.sources.setdefault(uri, Source())

    def _fetch(self, uri: str, source: Source) -> None:
        if not self.turns.acquire(timeout=TURN_SECONDS):
            source.fault = "too many addresses are being asked"
            return
        source.tries = (*source.tries[1 - MOST_TRIES :], self.clock.now())
        try:
            document = self.fetcher().get_json(
                uri, max_bytes=MAX_BYTES, timeout_s=TIMEOUT_SECONDS, headers=_ACCEPT
            )
        except FetchFailed as why:
            source.fault = str(why)
            return
        finally:
            self.turns.release()
        if not isinstance(document, dict) or not isinstance(document.get("keys"), list):
            source.fault = "no JWK Set (RFC 7517 §5)"
            return
        source.keys, source.fault = jwks.read(document), ""
        source.read_at = self.clock.now()


_ACCEPT = {"Accept": "application/jwk-set+json, application/json"}


@lru_cache(maxsize=256)
def _read(text: str) -> PublicKeys:
    return jwks.read(json.loads(text))


def _kid_of(token: str) -> str | None:
    """Read ``kid`` before the signature: it says which key to look for.

    Raises:
        BadToken: The header cannot be read; nobody is asked for keys then.
    """
    header, _ = unverified.read(token)
    kid = header.get("kid")
    if kid is not None and not (isinstance(kid, str) and len(kid) <= jwks.MAX_KID):
        raise BadToken("kid is no name")
    return kid
