"""A refusal, in the words of RFC 6750 §3.1, RFC 9449 §7.1 and RFC 9470 §3."""

from collections.abc import Mapping

STATUS = {
    "invalid_request": 400,
    "invalid_token": 401,
    "invalid_dpop_proof": 401,
    "use_dpop_nonce": 401,
    "insufficient_user_authentication": 401,
    "insufficient_scope": 403,
}


class Denied(Exception):
    """The request may not pass; ``detail`` is for the log and never leaves."""

    def __init__(
        self,
        error: str | None,
        detail: str,
        *,
        scheme: str = "Bearer",
        params: Mapping[str, str] | None = None,
    ) -> None:
        """Say why.

        Args:
            error: A registered word, or None where no token came (RFC 6750 §3.1).
            detail: For the log.
            scheme: Which scheme the error belongs to, ``Bearer`` or ``DPoP``.
            params: Further parameters of the challenge: ``scope``, ``acr_values``,
                ``max_age``.
        """
        super().__init__(detail)
        self.error = error
        self.detail = detail
        self.scheme = scheme
        self.params = dict(params or {})
        self.headers: list[tuple[str, str]] = []
        """What to answer with; filled in by the guard."""

    @property
    def status(self) -> int:
        """Give the HTTP status."""
        return STATUS[self.error] if self.error else 401

    @property
    def body(self) -> dict[str, str]:
        """Give what the JSON body says: the word alone."""
        return {"error": self.error} if self.error else {}


class Unreachable(Exception):
    """The authorization server cannot be asked; nothing is known of the token.

    An answer with 503 is right: 401 would send people to sign in for nothing.
    """
