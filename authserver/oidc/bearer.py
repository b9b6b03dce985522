"""Read a bearer token: header or form body, one of them, never the query (RFC 6750 §2)."""

from flask import request

from authserver.errors import AuthError, InsufficientScope, InvalidToken
from authserver.oidc import wire

REALM = 'Bearer realm="authserver"'


class NoToken(InvalidToken):
    """No credential at all: no error code is given then (RFC 6750 §3.1)."""


def read() -> str:
    """Give the access token of this request.

    Raises:
        NoToken: There is none.
        AuthError: There are two, or one in the query.
    """
    if "access_token" in request.args:
        raise AuthError(
            "access token in the query", public="Send the token in the header."
        )
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    found = [given.strip()] if scheme.lower() == "bearer" and given.strip() else []
    if request.method == "POST" and request.mimetype == wire.FORM:
        in_body = wire.form().get("access_token")
        found += [in_body] if in_body else []
    if len(found) > 1:
        raise AuthError("two access tokens", public="Send the token once.")
    if not found:
        raise NoToken("no access token")
    return found[0]


def challenge(error: AuthError) -> str:
    """Give the WWW-Authenticate header of a refusal (RFC 6750 §3)."""
    if isinstance(error, NoToken):
        return REALM
    said = f'{REALM}, error="{error.oauth}", error_description="{error.public}"'
    # RFC 6750 §3: which scope would do; userinfo is the only place that asks for one.
    return f'{said}, scope="openid"' if isinstance(error, InsufficientScope) else said
