"""RFC 8693: a token for a lesser one; no refresh token, no ID token."""

from typing import Any

from authserver.core import scopes
from authserver.core.apps import App
from authserver.core.client_metadata import TOKEN_EXCHANGE
from authserver.core.grant import Grant
from authserver.core.token_exchange import ACCESS_TOKEN, Wish
from authserver.errors import UnauthorizedClient
from authserver.http.context import services
from authserver.oidc.grants.redeemed import RedeemedGrant


class TokenExchangeGrant(RedeemedGrant):
    """``core/token_exchange`` decides."""

    GRANT_TYPE = TOKEN_EXCHANGE
    SECRET = "subject_token"

    def redeem(self, secret: str, app: App) -> Grant:
        """Exchange; the subject token stays as good as it was."""
        if app.is_public:
            raise UnauthorizedClient("a public client may not exchange tokens")
        form = self.request.form
        wish = Wish(
            subject_token=secret,
            subject_type=form.get("subject_token_type"),
            actor_token=form.get("actor_token"),
            actor_type=form.get("actor_token_type"),
            requested_type=form.get("requested_token_type"),
            scopes=scopes.parse(form.get("scope")),
            resource=form.get("resource"),
            audience=form.get("audience"),
        )
        return services().token_exchange.exchange(
            wish, app=app, shown=self.request.binding
        )

    def create_token_response(self) -> tuple[int, dict[str, Any], Any]:
        """RFC 8693 §2.2.1: say of which kind the new token is."""
        body = services().tokens.access_answer(self.granted)
        told = body | {"issued_token_type": ACCESS_TOKEN}
        return 200, told, self.TOKEN_RESPONSE_HEADER
