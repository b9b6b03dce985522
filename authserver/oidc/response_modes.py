"""How an answer goes back (Multiple Response Types §2.1, Form Post §2, JARM §2.3)."""

from dataclasses import dataclass

from authserver.core.apps import App
from authserver.errors import AuthError
from authserver.oidc import response_types

PLAIN = ("query", "fragment", "form_post")
SIGNED = ("jwt", "query.jwt", "fragment.jwt", "form_post.jwt")
RESPONSE_MODES = (*PLAIN, *SIGNED)


@dataclass(frozen=True)
class Mode:
    """By query, fragment or form; and whether as one signed JWT."""

    carrier: str
    is_signed: bool


def read(params: dict[str, str], app: App) -> Mode:
    """Give how this request wants its answer, and may have it.

    Raises:
        AuthError: An unknown mode, tokens in a query, or an unsigned answer to a client
            whose profile demands signed ones (FAPI 2.0 Message Signing §5.4).
    """
    asked = params.get("response_mode")
    if asked is not None and asked not in RESPONSE_MODES:
        raise AuthError("unknown response_mode", public="Unknown response_mode.")
    carrier = _carrier(asked, params)
    if carrier == "query" and response_types.has_tokens(params):
        # JARM §2.3.1 forbids it for signed answers too.
        raise AuthError("tokens by query", public="Tokens never go in a query.")
    if asked not in SIGNED and app.security.needs_signed_response:
        raise AuthError("plain response_mode", public="Use response_mode=jwt.")
    return Mode(carrier, asked in SIGNED)


def of(params: dict[str, str], app: App) -> Mode:
    """Give how to answer, also a request whose mode was refused."""
    try:
        return read(params, app)
    except AuthError:
        asked = params.get("response_mode")
        is_signed = asked in SIGNED or app.security.needs_signed_response
        return Mode(_carrier(None, params), is_signed)


def _carrier(asked: str | None, params: dict[str, str]) -> str:
    """The default is the fragment where tokens are asked for (§5), else the query."""
    if asked is None or asked == "jwt":
        return "fragment" if response_types.has_tokens(params) else "query"
    return asked.removesuffix(".jwt")
