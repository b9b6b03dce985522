"""What every provider does: send somebody there, and say who came back.

Authlib's client speaks the protocol (RFC 6749 §4.1, RFC 7636); its requests go out by
our own fetcher, with its limits.  What a provider answers is as hostile as any input.
"""

import base64
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote_plus, urlencode

from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.client import OAuth2Client

from authserver.adapters.exchange import Answer, FetchFailed
from authserver.adapters.fetcher import Fetcher

LONGEST_WORD = 255
"""OIDC Core §2: a subject has no more; we take no longer name either."""
LONGEST_URL = 2048
FIRST_FAULT = 400


class SocialFailed(Exception):
    """The provider did not say who it is, or not in a way to believe.  For the log."""


@dataclass(frozen=True)
class Errand:
    """What goes out with somebody, and must come back with them."""

    redirect_uri: str
    state: str
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)


@dataclass(frozen=True)
class Identity:
    """Somebody at a provider.  Only issuer and subject say who it is, for ever."""

    issuer: str
    subject: str
    email: str | None = None
    is_email_verified: bool = False
    name: str | None = None
    username: str | None = None
    picture: str | None = None


@dataclass(frozen=True)
class App:
    """What we are at the provider."""

    client_id: str
    client_secret: str = field(repr=False)
    scope: str
    auth_method: str = "client_secret_post"


class Provider(ABC):
    """One provider.  Each kind says where its endpoints are and who came back."""

    def __init__(self, name: str, title: str, app: App, fetcher: Fetcher) -> None:
        """Prepare; nothing is asked yet.

        Args:
            name: In our URLs and tables.
            title: On buttons.
            app: What we are there.
            fetcher: How requests go out.
        """
        self.name = name
        self.title = title
        self.app = app
        self.fetcher = fetcher

    @abstractmethod
    def authorization_url(self, errand: Errand) -> str:
        """Give the address to send the browser to.

        Raises:
            SocialFailed: The provider cannot be asked.
        """

    @abstractmethod
    def identify(
        self, code: str, errand: Errand, *, issuer: str | None = None
    ) -> Identity:
        """Spend a code, and say who came back with it.

        Args:
            code: As it came back.
            errand: What was sent along.
            issuer: ``iss`` as it came back, if it did (RFC 9207).

        Raises:
            SocialFailed: It did not work, for whatever reason.
        """

    def _url(self, endpoint: str, errand: Errand, **more: str) -> str:
        url, _ = self._client(errand).create_authorization_url(
            endpoint,
            state=errand.state,
            code_verifier=errand.verifier,
            **more,
        )
        return str(url)

    def _tokens(self, endpoint: str, code: str, errand: Errand) -> Mapping[str, Any]:
        """Exchange a code for tokens (RFC 6749 §4.1.3)."""
        client = self._client(errand)
        try:
            tokens = client.fetch_token(
                endpoint,
                grant_type="authorization_code",
                code=code,
                code_verifier=errand.verifier,
            )
        except OAuth2Error as refusal:
            raise SocialFailed(f"the code was refused: {refusal.error}") from None
        except (FetchFailed, ValueError, TypeError, AttributeError) as fault:
            # Also what Authlib cannot read: an error in letters that are none.
            raise SocialFailed(f"no tokens: {fault}"[:300]) from None
        if not isinstance(tokens.get("access_token"), str):
            raise SocialFailed("an answer without an access token")
        return dict(tokens)

    def _get(self, url: str, *, token: str | None = None, **headers: str) -> Any:
        asked = {name.replace("_", "-"): value for name, value in headers.items()}
        if token is not None:
            asked["Authorization"] = f"Bearer {token}"
        try:
            return self.fetcher.get_json(url, headers=asked)
        except FetchFailed as fault:
            raise SocialFailed(str(fault)) from None

    def _client(self, errand: Errand) -> OAuth2Client:
        client = OAuth2Client(
            Session(self.fetcher),
            client_id=self.app.client_id,
            client_secret=self.app.client_secret,
            token_endpoint_auth_method=self.app.auth_method,
            scope=self.app.scope,
            redirect_uri=errand.redirect_uri,
            code_challenge_method="S256",
        )
        client.register_client_auth_method(("client_secret_basic", _basic))
        return client


class Session:
    """What Authlib calls a session: it posts forms, by our fetcher."""

    def __init__(self, fetcher: Fetcher) -> None:
        """Take the fetcher."""
        self.fetcher = fetcher

    def post(
        self, url: str, *, data: dict[str, str], headers: dict[str, str], auth: Any
    ) -> "Reply":
        """Send a form with the client's credentials."""
        url, headers, body = auth.prepare("POST", url, dict(headers), urlencode(data))
        fields = dict(parse_qsl(body, keep_blank_values=True))
        return Reply(self.fetcher.post_form(url, fields, headers=headers))


@dataclass(frozen=True)
class Reply:
    """An answer as Authlib reads it."""

    answer: Answer

    @property
    def status_code(self) -> int:
        """The status."""
        return self.answer.status

    def json(self) -> Any:
        """Read the body.

        Raises:
            ValueError: It is no JSON.
        """
        return json.loads(self.answer.body)

    def raise_for_status(self) -> None:
        """Refuse an answer that is a fault.

        Raises:
            FetchFailed: It is one.
        """
        if self.status_code >= FIRST_FAULT:
            raise FetchFailed(f"the answer is {self.status_code}")


def _basic(
    client: Any, method: str, uri: str, headers: dict[str, str], body: str
) -> tuple[str, dict[str, str], str]:
    """Write both halves as RFC 6749 §2.3.1 asks, which Authlib does not (1.9)."""
    del method
    halves = quote_plus(client.client_id), quote_plus(client.client_secret)
    encoded = base64.b64encode(":".join(halves).encode("ascii")).decode("ascii")
    return uri, {**headers, "Authorization": f"Basic {encoded}"}, body


def word(value: object) -> str | None:
    """Take a short text from an answer; None for anything else."""
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_WORD:
        return None
    if "\x00" in value or any("\ud800" <= ch <= "\udfff" for ch in value):
        return None
    return value


def picture(value: object) -> str | None:
    """Take the https address of a picture from an answer."""
    if not isinstance(value, str) or len(value) > LONGEST_URL or not value.isascii():
        return None
    return value if value.startswith("https://") and value.isprintable() else None
