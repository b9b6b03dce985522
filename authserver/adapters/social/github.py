"""GitHub, which is no OpenID Provider: OAuth 2, then ``/user`` and ``/user/emails``.

Nothing is signed; what the API says over TLS is believed.  The number of the account
says who it is: names there change hands.
"""

from typing import Any

from authserver.adapters.fetcher import Fetcher
from authserver.adapters.social.base import (
    App,
    Errand,
    Identity,
    Provider,
    SocialFailed,
    picture,
    word,
)

API = {
    "Accept": "application/vnd.github+json",
    "X_GitHub_Api_Version": "2022-11-28",
}


class GitHub(Provider):
    """GitHub, or a GitHub Enterprise Server."""

    def __init__(
        self,
        name: str,
        title: str,
        app: App,
        fetcher: Fetcher,
        *,
        url: str,
        api_url: str,
    ) -> None:
        """Take the two addresses: for people, and for programs."""
        super().__init__(name, title, app, fetcher)
        self.issuer = url.rstrip("/")
        self.api = api_url.rstrip("/")

    def authorization_url(self, errand: Errand) -> str:
        """Ask for a code, with state and S256; there is no nonce."""
        return self._url(f"{self.issuer}/login/oauth/authorize", errand)

    def identify(
        self, code: str, errand: Errand, *, issuer: str | None = None
    ) -> Identity:
        """Spend the code, and ask whose it was."""
        if issuer is not None and issuer != self.issuer:
            raise SocialFailed("another issuer has answered (RFC 9207 §2.4)")
        place = f"{self.issuer}/login/oauth/access_token"
        token = str(self._tokens(place, code, errand)["access_token"])
        user = self._get(f"{self.api}/user", token=token, **API)
        if not isinstance(user, dict):
            raise SocialFailed("the user is no object")
        number = user.get("id")
        if isinstance(number, bool) or not isinstance(number, int) or number <= 0:
            raise SocialFailed("the user has no number")
        listed = self._get(f"{self.api}/user/emails", token=token, **API)
        email, is_verified = _best(listed)
        return Identity(
            issuer=self.issuer,
            subject=str(number),
            email=email,
            is_email_verified=is_verified,
            name=word(user.get("name")) or word(user.get("login")),
            username=word(user.get("login")),
            picture=picture(user.get("avatar_url")),
        )


def _best(listed: Any) -> tuple[str | None, bool]:
    """Choose an address: a verified one, the primary one first."""
    given = [one for one in listed if isinstance(one, dict)] if _is_list(listed) else []
    addresses = [one for one in given if word(one.get("email"))]
    addresses.sort(
        key=lambda one: (one.get("verified") is True, one.get("primary") is True),
        reverse=True,
    )
    if not addresses:
        return None, False
    return word(addresses[0]["email"]), addresses[0].get("verified") is True


def _is_list(value: object) -> bool:
    return isinstance(value, list)
