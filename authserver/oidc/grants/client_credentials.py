"""RFC 6749 §4.4: a client for itself; no user, no refresh token, no row."""

from typing import Any

from authlib.oauth2.rfc6749 import grants

from authserver.core import scopes
from authserver.core.scopes import CLAIMS_OF
from authserver.http.context import services


class ClientCredentialsGrant(grants.ClientCredentialsGrant):  # type: ignore[misc]
    """Authlib leads; scopes about a person are dropped, since there is none."""

    def generate_token(self, scope: str | None = None, **_: Any) -> dict[str, Any]:
        """Sign an access token in the client's own name."""
        app, core = self.request.client.app, services()
        kept = scopes.narrow(scopes.parse(scope), app.scope)
        own = [one for one in kept if one not in CLAIMS_OF]
        catalogue = core.resources.catalogue()
        asked = catalogue.asked(self.request.form.get("resource"), app, alone=True)
        details = core.detail_types.asked(
            self.request.form.get("authorization_details"), app
        )
        return core.tokens.client_answer(
            app, own, self.request.binding, resources=asked, details=details
        )

    def save_token(self, token: dict[str, Any]) -> None:
        """Nothing: issuing one needs no database write."""
