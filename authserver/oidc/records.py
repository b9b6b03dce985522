"""Our clients and grants dressed as Authlib's mixins; models carry no protocol."""

from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin, TokenMixin

from authserver.core import scopes
from authserver.core.apps import App
from authserver.core.grant import Grant
from authserver.http.context import services


class ClientRecord(ClientMixin):  # type: ignore[misc]
    """A client as Authlib asks it (RFC 6749 §2)."""

    def __init__(self, app: App) -> None:
        """Dress a client."""
        self.app = app

    def get_client_id(self) -> str:
        """Give its id."""
        return self.app.client_id

    def get_default_redirect_uri(self) -> str | None:
        """Give the sole registered URI; of several none is the default (§3.1.2.3)."""
        uris = self.app.redirect_uris
        return uris[0] if len(uris) == 1 else None

    def get_allowed_scope(self, scope: str | None) -> str:
        """Keep what it may ask for; unknown ones are ignored (OIDC Core §3.1.2.1)."""
        return " ".join(
            services().resources.catalogue().narrow(scopes.parse(scope), self.app)
        )

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Compare exactly (RFC 9700 §4.1.3)."""
        return self.app.has_redirect_uri(redirect_uri)

    def check_client_secret(self, client_secret: str) -> bool:
        """Never: clients are authenticated in ``client_auth`` alone."""
        del client_secret
        return False

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Whether it registered this method; the same for all endpoints."""
        del endpoint
        return self.app.token_endpoint_auth_method == method

    def check_response_type(self, response_type: str) -> bool:
        """Whether it registered this response type."""
        return response_type in self.app.response_types

    def check_grant_type(self, grant_type: str) -> bool:
        """Whether it registered this grant type."""
        return grant_type in self.app.grant_types


class GrantRecord(AuthorizationCodeMixin, TokenMixin):  # type: ignore[misc]
    """A redeemed code or a rotated refresh token: what it was has been settled."""

    def __init__(self, grant: Grant) -> None:
        """Dress a grant."""
        self.grant = grant

    def get_redirect_uri(self) -> None:
        """Nothing to compare again: ``redeem_code`` has (RFC 6749 §4.1.3)."""

    def get_scope(self) -> str:
        """Give the granted scope."""
        return " ".join(self.grant.scopes)

    def check_client(self, client: ClientRecord) -> bool:
        """Whether it is this client's; the core has checked it too."""
        return client.app.id == self.grant.app.id
