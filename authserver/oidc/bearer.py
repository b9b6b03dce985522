"""Read an access token: by Bearer (RFC 6750 §2) or by DPoP (RFC 9449 §7.1).

Header or form body, one of them, never the query.
"""

from dataclasses import dataclass

from authserver.core.proofs import Shown
from authserver.crypto import dpop
from authserver.errors import (
    AuthError,
    InsufficientScope,
    InvalidProof,
    InvalidToken,
)
from authserver.http.context import this_request
from authserver.oidc import sender, wire

REALM = 'realm="authserver"'
ALGS = f'algs="{" ".join(dpop.ALGORITHMS)}"'
BEARER, DPOP = "bearer", "dpop"


class NoToken(InvalidToken):
    """No credential at all: no error code is given then (RFC 6750 §3.1)."""


@dataclass(frozen=True)
class Presented:
    """An access token, and the keys that came with it."""

    token: str
    shown: Shown


def read() -> Presented:
    """Give the access token of this request, with what its sender has shown.

    Raises:
        NoToken: There is none.
        AuthError: There are two, or one in the query.
        InvalidProof: It came by DPoP, and the proof is not good.
    """
    came = this_request()
    if "access_token" in came.args:
        raise AuthError(
            "access token in the query", public="Send the token in the header."
        )
    scheme, given = _header()
    found = [given] if scheme in (BEARER, DPOP) and given else []
    if came.method == "POST" and came.mimetype == wire.FORM:
        in_body = wire.form().get("access_token")
        found += [in_body] if in_body else []
    if len(found) > 1:
        raise AuthError("two access tokens", public="Send the token once.")
    if not found:
        raise NoToken("no access token")
    # A proof at a token in the body belongs to no scheme: that is a bearer's way.
    return Presented(found[0], sender.shown_with(found[0], is_dpop=scheme == DPOP))


def in_header() -> str | None:
    """Give the bearer token of the Authorization header, if there is one (§2.1)."""
    scheme, given = _header()
    return given or None if scheme == BEARER else None


def challenges(error: AuthError) -> list[str]:
    """Give the WWW-Authenticate headers of a refusal (RFC 6750 §3, RFC 9449 §7.1)."""
    if isinstance(error, NoToken):
        return [f"Bearer {REALM}", f"DPoP {REALM}, {ALGS}"]
    said = f'{REALM}, error="{error.oauth}", error_description="{error.public}"'
    if isinstance(error, InsufficientScope):
        # RFC 6750 §3: which scope would do; userinfo is the only place that asks.
        said += ', scope="openid"'
    if isinstance(error, InvalidProof) or _header()[0] == DPOP:
        return [f"DPoP {said}, {ALGS}"]
    return [f"Bearer {said}", f"DPoP {REALM}, {ALGS}"]


def _header() -> tuple[str, str]:
    """RFC 9110 §11.1: the case of the scheme means nothing."""
    scheme, _, given = this_request().headers.get("Authorization", "").partition(" ")
    return scheme.lower(), given.strip()
