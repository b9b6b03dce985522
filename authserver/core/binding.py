"""Which key a token is good with: of DPoP or of a certificate (RFC 7800 §3.1).

The same type says what a request has shown and what a token is bound to: ``jkt`` is the
RFC 7638 thumbprint of a DPoP key (RFC 9449 §6.1), ``x5t`` the SHA-256 thumbprint of a
client certificate (RFC 8705 §3.1).  A bound token without its key is worth nothing.
"""

import re
from dataclasses import dataclass
from typing import Any

from authserver.core.apps import App
from authserver.crypto import opaque
from authserver.errors import AuthError, InvalidGrant, InvalidProof, InvalidToken

DPOP_ALWAYS = "dpop_bound_access_tokens"  # RFC 9449 §5.2
CERTIFICATE_ALWAYS = "tls_client_certificate_bound_access_tokens"  # RFC 8705 §3.4

_THUMBPRINT = re.compile(r"[A-Za-z0-9_-]{43}")  # SHA-256 in base64url


@dataclass(frozen=True)
class Binding:
    """A key that was shown, or that a token is bound to; or none."""

    jkt: str | None = None
    x5t: str | None = None

    def __bool__(self) -> bool:
        """Whether there is a key at all."""
        return bool(self.jkt or self.x5t)

    @property
    def cnf(self) -> dict[str, str]:
        """The members of ``cnf``."""
        named = {"jkt": self.jkt, "x5t#S256": self.x5t}
        return {name: value for name, value in named.items() if value}

    @property
    def claims(self) -> dict[str, Any]:
        """What an access token says of it: ``cnf``, or nothing."""
        return {"cnf": self.cnf} if self else {}

    @property
    def token_type(self) -> str:
        """RFC 9449 §5; a token bound to a certificate is a Bearer (RFC 8705 §3)."""
        return "DPoP" if self.jkt else "Bearer"

    def opens(self, bound: "Binding") -> bool:
        """Whether what was shown is every key that a token is bound to."""
        pairs = ((self.jkt, bound.jkt), (self.x5t, bound.x5t))
        return all(not due or opaque.same(given or "", due) for given, due in pairs)


UNBOUND = Binding()


def of(cnf: object) -> Binding:
    """Read ``cnf`` of a token or a row of ours; what is not there binds nothing."""
    if not isinstance(cnf, dict):
        return UNBOUND
    return Binding(jkt=cnf.get("jkt"), x5t=cnf.get("x5t#S256"))


def for_tokens(app: App, shown: Binding) -> Binding:
    """Say what the tokens of a request are bound to.

    A DPoP key binds whenever it is shown.  A certificate binds the tokens of clients
    that registered for it, and of profiles without bearer tokens.

    Raises:
        InvalidProof: The client always uses DPoP, and there is no proof.
        AuthError: It must show a key, and has shown none.
    """
    wants_certificate = app.extra.get(CERTIFICATE_ALWAYS) is True
    holds_keys = app.security.sender_constrained
    if app.extra.get(DPOP_ALWAYS) is True and not shown.jkt:
        raise InvalidProof("this client always uses DPoP", public="Use DPoP.")
    if wants_certificate and not shown.x5t:
        raise AuthError(
            "no client certificate", public="Use mutual TLS with your certificate."
        )
    has_reason = wants_certificate or (holds_keys and not shown.jkt)
    bound = Binding(shown.jkt, shown.x5t if has_reason else None)
    if holds_keys and not bound:
        raise AuthError("no key shown", public="Use DPoP or mutual TLS.")
    return bound


def always_binds(app: App) -> bool:
    """Whether no token of this client may go without a key."""
    named = (DPOP_ALWAYS, CERTIFICATE_ALWAYS)
    wishes = any(app.extra.get(name) is True for name in named)
    return wishes or app.security.sender_constrained


def is_thumbprint(text: str) -> bool:
    """Whether this can be a ``dpop_jkt`` (RFC 9449 §10)."""
    return _THUMBPRINT.fullmatch(text) is not None


def check_code(dpop_jkt: str | None, shown: Binding) -> None:
    """Let a code that is bound to a DPoP key be redeemed with it alone (§10).

    Raises:
        InvalidGrant: Another key, or none.
    """
    if not shown.opens(Binding(jkt=dpop_jkt)):
        raise InvalidGrant("the code is bound to another DPoP key")


def check_refresh(app: App, bound: Binding, shown: Binding) -> None:
    """Refuse a refresh token without the key of its family (RFC 9449 §5).

    That of a public client needs the very key.  A confidential client has proved who
    it is, and may have a new key (RFC 8705 §4), but not none where there was one.

    Raises:
        InvalidGrant: Another key where it must be the same, or none.
    """
    if app.is_public and not shown.opens(bound):
        raise InvalidGrant("the refresh token is bound to another key")
    if bound and not shown:
        raise InvalidGrant("tokens of this grant are bound to keys")


def check_access(bound: Binding, shown: Binding) -> None:
    """Refuse a bound access token without its key (RFC 9449 §7.1, RFC 8705 §3).

    Raises:
        InvalidToken: Another key or none; or a DPoP proof beside an unbound token.
    """
    if not shown.opens(bound):
        raise InvalidToken("the token is bound to a key that was not shown")
    if shown.jkt and not bound.jkt:
        raise InvalidToken("a bearer token under the DPoP scheme")
