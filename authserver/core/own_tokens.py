"""What may be done with the tokens of our own front ends: look, end, sign out.

Whoever holds one may: it is a bearer token, and looking tells nothing that its holder
could not learn by using it.  Tokens of apps are as good as unknown here; their own
clients have /introspect and /revoke.
"""

import uuid
from dataclasses import dataclass
from typing import Any

from authserver.core.checked import Holder
from authserver.core.checks import Checks
from authserver.core.pairs import Pairs
from authserver.core.sessions import Sessions
from authserver.core.tokens import Tokens

SIGNED_OUT = "signed out"
REVOKED = "revoked by its holder"


@dataclass(frozen=True)
class OwnTokens:
    """Looks at tokens of ours and ends them."""

    checks: Checks
    sessions: Sessions
    tokens: Tokens
    pairs: Pairs

    def introspect(self, token: str) -> dict[str, Any]:
        """Say what a token is worth, in the words of RFC 7662 §2.2 and of S2."""
        own = self.pairs.own_app()
        said = self.checks.introspect(token, caller=own)
        is_ours = said.get("client_id") == own.client_id
        return said if is_ours else {"active": False}

    def sign_out(self, session_id: uuid.UUID, *, user_id: uuid.UUID) -> None:
        """End a session of a user, with the tokens that hang on it."""
        self.sessions.revoke(session_id, user_id=user_id, because=SIGNED_OUT)

    def sign_out_with(self, token: str, *, user_id: uuid.UUID | None = None) -> None:
        """End the session that a refresh token belongs to; an unknown one is no fault.

        A spent one will do: whoever held it wants to be out.

        Args:
            token: As it was given.
            user_id: Whose it must be, when the caller is signed in (C35).
        """
        holder = self.checks.holder_of_refresh(token, app=self.pairs.own_app())
        if holder is not None and user_id in (None, holder.user_id):
            self._end(holder, because=SIGNED_OUT)

    def revoke(self, token: str) -> None:
        """End what a token of either kind belongs to (RFC 7009 §2.1)."""
        own = self.pairs.own_app()
        holder = self.checks.holder_of_refresh(token, app=own)
        holder = holder or self.checks.holder_of_access(token, app=own)
        if holder is not None:
            self._end(holder, because=REVOKED)

    def _end(self, holder: Holder, *, because: str) -> None:
        if holder.session_id is not None:
            self.sessions.revoke(
                holder.session_id, user_id=holder.user_id, because=because
            )
        self.tokens.revoke_family(holder.family_id, because=because)
