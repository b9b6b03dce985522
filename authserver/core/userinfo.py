"""What userinfo tells, and in which form each client wants it (OIDC Core §5.3.2)."""

from dataclasses import dataclass
from typing import Any

from authserver.config import Settings
from authserver.core import claims as claims_of
from authserver.core.checked import Checked
from authserver.core.checks import Checks
from authserver.core.client_messages import ClientMessages, Kind
from authserver.core.clients import Clients
from authserver.core.proofs import NOTHING, Shown
from authserver.errors import InsufficientScope, InvalidToken


@dataclass(frozen=True)
class UserInfo:
    """Answers who holds an access token of a user."""

    settings: Settings
    checks: Checks
    clients: Clients
    messages: ClientMessages

    def answer(self, token: str, *, shown: Shown = NOTHING) -> dict[str, Any] | str:
        """Give the claims, or the JWT of them that the client has asked for.

        A JWT names who says it and to whom; it has no ``nonce`` and no ``exp``, so that
        nobody takes it for an ID token.

        Args:
            token: As it came.
            shown: The keys that came with it.

        Raises:
            InvalidToken: The token is not good.
            InsufficientScope: It was given without ``openid``.
        """
        checked = self.checks.access(token, shown=shown)
        told = self._claims(checked)
        app = self.clients.find(str(checked.claims.get("client_id")))
        if app is None:
            raise InvalidToken("the client is gone")
        if not self.messages.wants_jwt(app, Kind.USERINFO):
            return told
        facts = {"iss": self.settings.issuer, "aud": app.client_id}
        return self.messages.make(app, Kind.USERINFO, told | facts)

    def _claims(self, checked: Checked) -> dict[str, Any]:
        if "openid" not in checked.scopes:
            raise InsufficientScope("an access token without openid")
        known = claims_of.every_claim(
            checked.subject, role_case=self.settings.role_case
        )
        # By the name that its client knows the person by, which the token tells.
        known["sub"] = checked.claims["sub"]
        asked = claims_of.asked_for(checked.asked, "userinfo")
        return claims_of.select(known, claims_of.for_scopes(checked.scopes, asked))
