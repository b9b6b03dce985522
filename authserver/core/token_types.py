"""What the header of an access token says it is (RFC 9068 §2.1, RFC 8725 §3.11).

``at+jwt``, so that nobody takes an ID token for one.  An operator may register an API whose
software is older than that and insists on ``JWT``: what we take back then is told by what
it holds.
"""

from collections.abc import Mapping
from typing import Any

from authserver.crypto.signing import BadToken

ACCESS = "at+jwt"
PLAIN = "JWT"
TYPES = (ACCESS, PLAIN)

_HELD = frozenset({"client_id", "jti", "scope"})
"""Together these are in access tokens alone: not in ID tokens, userinfo or JARM."""


def check_plain(claims: Mapping[str, Any]) -> None:
    """Look whether a JWT that we signed, and that says no more, is an access token.

    Raises:
        BadToken: It is something else, such as an ID token.
    """
    if not claims.keys() >= _HELD:
        raise BadToken("a JWT that is no access token")
