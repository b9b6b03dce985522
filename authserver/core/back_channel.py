"""Tell a client that somebody's session has ended (OIDC Back-Channel Logout 1.0)."""

from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from authserver.adapters.exchange import Answer, FetchFailed
from authserver.adapters.fetcher import Fetcher
from authserver.clock import Clock
from authserver.config import Settings
from authserver.core.apps import App
from authserver.core.client_messages import ClientMessages, Kind
from authserver.core.clients import Clients
from authserver.core.notices import BACK_CHANNEL, Due, Outcome
from authserver.core.sectors import Sectors
from authserver.crypto import opaque

TOKEN_TYPE = "logout+jwt"
EVENT = "http://schemas.openid.net/event/backchannel-logout"
TOKEN_LIFE = timedelta(minutes=2)  # §2.4: two minutes at most
TIMEOUT_SECONDS = 5.0
MAX_BYTES = 16 * 1024
UNDERSTOOD = range(200, 300)
"""§2.8 says 200; some frameworks can only say 204 to what has no body."""


@dataclass(frozen=True)
class BackChannel:
    """Says to clients what they have to know."""

    clock: Clock
    settings: Settings
    clients: Clients
    sectors: Sectors
    messages: ClientMessages
    fetcher: Fetcher

    def tell(self, due: Due) -> Outcome:
        """Send a logout token; takes five seconds at most, and no transaction."""
        app = self.clients.find(due.client_id)
        uri = app.extra.get(BACK_CHANNEL) if app is not None else None
        if app is None or not uri:
            return Outcome("the client has no address any more", is_final=True)
        try:
            answer = self.fetcher.post_form(
                uri,
                {"logout_token": self.token(app, due)},
                max_bytes=MAX_BYTES,
                timeout_s=TIMEOUT_SECONDS,
            )
        except FetchFailed as fault:
            return Outcome(str(fault))
        if answer.status in UNDERSTOOD:
            return Outcome()
        # §2.8: with 400 the client says that the token, or the logout, is no good.
        is_final = answer.status == HTTPStatus.BAD_REQUEST
        return Outcome(f"the answer is {answer.status}{_word(answer)}", is_final)

    def token(self, app: App, due: Due) -> str:
        """Make a logout token, as ID tokens are made (§2.4); each try has its own.

        A client remembers the ``jti`` of what it took.  When its answer was lost, the
        same token would be refused as a replay.
        """
        now = self.clock.timestamp()
        claims: dict[str, Any] = {
            "iss": self.settings.issuer,
            "aud": app.client_id,
            "iat": now,
            "exp": now + int(TOKEN_LIFE.total_seconds()),
            "jti": opaque.new_secret(16),
            "events": {EVENT: {}},
        }
        if due.session_id is not None:
            claims["sid"] = self.sectors.sid_of(app, due.session_id)
        if due.user_id is not None:
            claims["sub"] = self.sectors.sub_of(app, due.user_id)
        return self.messages.make(app, Kind.ID_TOKEN, claims, typ=TOKEN_TYPE)


def _word(answer: Answer) -> str:
    """Give the error that the client names, if it is a plain word."""
    try:
        body = answer.json()
    except FetchFailed:
        return ""
    word = body.get("error") if isinstance(body, dict) else None
    is_plain = isinstance(word, str) and word.isascii() and word.isprintable()
    return f": {word[:80]}" if is_plain and word else ""
