"""What an authorization request asks for (Multiple Response Types §3, §5; OIDC Core §3).

``code`` is there for all.  The others hand tokens through the browser, where they leak
(RFC 9700 §2.1.2): they are off unless ``LEGACY_RESPONSE_TYPES`` is on, the client has
registered them, and its security profile lets it.  ``token`` alone is not there at all:
OpenID Connect does not know it, and nothing binds such a token to who asked for it.
"""

from authserver.core import binding
from authserver.core.apps import App
from authserver.core.client_metadata import LEGACY_RESPONSE_TYPES
from authserver.errors import AuthError, UnauthorizedClient, UnsupportedResponseType
from authserver.http.context import settings

CODE = frozenset({"code"})
LEGACY = {frozenset(one.split()): one for one in LEGACY_RESPONSE_TYPES}
BY_BROWSER = frozenset({"id_token", "token"})
"""What must not stand in a query: it ends in histories and logs."""


def words(params: dict[str, str]) -> frozenset[str]:
    """Give the words of the response type; their order says nothing."""
    given = params.get("response_type", "").split(" ")
    # Of a word that came twice nothing is known any more.
    return frozenset(given) if len(set(given)) == len(given) else frozenset()


def has_tokens(params: dict[str, str]) -> bool:
    """Whether tokens are asked for, known type or not: then errors go by fragment."""
    return bool(words(params) & BY_BROWSER)


def check_legacy(params: dict[str, str], app: App) -> None:
    """Check a request for anything else than a code.

    Raises:
        UnsupportedResponseType: We do not know it, or it is switched off.
        UnauthorizedClient: This client has not registered it.
        AuthError: ``nonce`` or ``openid`` is missing (OIDC Core §3.2.2.1, §3.3.2.11).
    """
    name = LEGACY.get(words(params))
    if name is None or not settings().legacy_response_types:
        raise UnsupportedResponseType("response_type is not code")
    if not app.security.legacy_response_types or name not in app.response_types:
        raise UnauthorizedClient(f"response_type {name} is not registered")
    if "token" in words(params) and binding.always_binds(app):
        # Nobody can show a key through the browser.
        raise UnauthorizedClient("tokens of this client are bound to a key")
    if "openid" not in params.get("scope", "").split():
        raise AuthError("no openid", public="This response_type needs scope openid.")
    if "nonce" not in params:
        raise AuthError("nonce missing", public="nonce is missing.")
