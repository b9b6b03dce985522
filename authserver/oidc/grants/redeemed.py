"""What grants have in common whose secret one call to the core redeems."""

from typing import Any

from authlib.oauth2.rfc6749 import BaseGrant, TokenEndpointMixin

from authserver.core.apps import App
from authserver.core.grant import Grant
from authserver.errors import AuthError, UnauthorizedClient
from authserver.http.context import services


class RedeemedGrant(BaseGrant, TokenEndpointMixin):  # type: ignore[misc]
    """Authenticate the client, look whether it may, redeem, answer: in this order."""

    SECRET = ""
    """The parameter that holds the secret."""

    def redeem(self, secret: str, app: App) -> Grant:
        """Spend the secret; the core decides.

        Raises:
            AuthError: It is not good, or not yet.
        """
        raise AuthError(f"{type(self).__name__} redeems nothing")  # pragma: no cover

    def narrowing(self) -> dict[str, Any]:
        """Give what a token request may say of its tokens, whatever it redeems.

        The key that it has shown, and fewer resources or details than were granted.
        """
        form = self.request.form
        return {
            "shown": self.request.binding,
            "resource": form.get("resource"),
            "details": form.get("authorization_details"),
        }

    def validate_token_request(self) -> None:
        """Check everything, and spend what is to be spent."""
        app = self.authenticate_token_endpoint_client().app
        if self.GRANT_TYPE not in app.grant_types:
            raise UnauthorizedClient(f"{app.client_id} may not use {self.GRANT_TYPE}")
        secret = self.request.form.get(self.SECRET)
        if secret is None:
            said = f"{self.SECRET} is missing."
            raise AuthError(f"{self.SECRET} missing", public=said)
        self.granted = self.redeem(secret, app)

    def create_token_response(self) -> tuple[int, dict[str, Any], Any]:
        """Let the core make the tokens, a refresh token among them where it may be."""
        body = services().tokens.answer(services().refresh.with_first(self.granted))
        return 200, body, self.TOKEN_RESPONSE_HEADER
