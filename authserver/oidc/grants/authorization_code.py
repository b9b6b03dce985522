"""RFC 6749 §4.1, with PKCE as the client's profile says (RFC 7636, RFC 9700 §2.1.1)."""

from typing import Any

from authlib.oauth2.rfc6749 import grants

from authserver.core.subjects import Subject
from authserver.crypto import pkce
from authserver.errors import AuthError
from authserver.http.context import services
from authserver.oidc.records import ClientRecord, GrantRecord


class AuthorizationCodeGrant(grants.AuthorizationCodeGrant):  # type: ignore[misc]
    """Authlib leads through the flow; ``core/grants`` decides, once and atomically."""

    def query_authorization_code(self, code: str, client: ClientRecord) -> GrantRecord:
        """Spend the code.

        Everything that RFC 6749 §4.1.3 demands happens in that one call; what Authlib
        asks for afterwards is answered from its result.
        """
        form = self.request.form
        granted = services().grants.redeem_code(
            code,
            app=client.app,
            redirect_uri=form.get("redirect_uri"),
            verifier=form.get("code_verifier"),
            shown=self.request.binding,
            resource=form.get("resource"),
            details=form.get("authorization_details"),
        )
        return GrantRecord(services().refresh.with_first(granted))

    def authenticate_user(self, authorization_code: GrantRecord) -> Subject:
        """Give the user; whether they may still come in has been checked."""
        return authorization_code.grant.subject

    def generate_token(self, **_: Any) -> dict[str, Any]:
        """Let the core make the tokens: Authlib's generator never sees the code."""
        return services().tokens.answer(self.request.authorization_code.grant)

    def save_token(self, token: dict[str, Any]) -> None:
        """Nothing: an access token has no row, and the refresh token has its own."""

    def delete_authorization_code(self, authorization_code: GrantRecord) -> None:
        """Nothing: ``redeem_code`` has already spent it, atomically."""


def read_challenge(params: dict[str, str], *, is_required: bool) -> str | None:
    """Give the code_challenge of an authorization request (RFC 7636 §4.3).

    The method must be said: an unsaid one means ``plain``, which we do not take.

    Raises:
        AuthError: It is missing though required, malformed, or not S256.
    """
    challenge = params.get("code_challenge")
    if challenge is None:
        if is_required or "code_challenge_method" in params:
            raise AuthError("code_challenge missing", public="PKCE is required (S256).")
        return None
    if params.get("code_challenge_method") != "S256":
        raise AuthError(
            "code_challenge_method is not S256", public="Use PKCE with S256."
        )
    if not pkce.is_valid_challenge(challenge):
        raise AuthError("malformed code_challenge", public="Use PKCE with S256.")
    return challenge
