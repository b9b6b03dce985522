"""RFC 6749 §6, with rotation and reuse detection (RFC 9700 §4.14.2)."""

from typing import Any

from authlib.oauth2.rfc6749 import grants

from authserver.core import scopes
from authserver.core.subjects import Subject
from authserver.http.context import services
from authserver.oidc.records import GrantRecord


class RefreshTokenGrant(grants.RefreshTokenGrant):  # type: ignore[misc]
    """Authlib leads; ``core/refresh`` decides."""

    def authenticate_refresh_token(self, refresh_token: str) -> GrantRecord:
        """Spend the token and make its successor, in one call."""
        client = self.request.client
        return GrantRecord(
            services().refresh.rotate(
                refresh_token,
                app=client.app,
                scopes=scopes.parse(self.request.form.get("scope")),
                shown=self.request.binding,
                resource=self.request.form.get("resource"),
                details=self.request.form.get("authorization_details"),
            )
        )

    def authenticate_user(self, refresh_token: GrantRecord) -> Subject:
        """Give the user; whether they may still come in has been checked."""
        return refresh_token.grant.subject

    def generate_token(self, **_: Any) -> dict[str, Any]:
        """Let the core make the tokens, so that ``auth_time`` stays (Core §12.2)."""
        return services().tokens.answer(self.request.refresh_token.grant)

    def save_token(self, token: dict[str, Any]) -> None:
        """Nothing: ``rotate`` has written the successor."""

    def revoke_old_credential(self, refresh_token: GrantRecord) -> None:
        """Nothing: ``rotate`` has spent the old one, atomically."""
