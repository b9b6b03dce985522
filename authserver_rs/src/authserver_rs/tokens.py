"""Check a JWT access token (RFC 9068 §4): signature, type, issuer, audience, time."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry

from authserver_rs.decoding import json_object
from authserver_rs.errors import Denied
from authserver_rs.server import AuthorizationServer

ALGORITHMS = ("RS256", "PS256", "ES256", "ES384", "EdDSA", "Ed25519")
"""Asymmetric ones alone: with a shared secret every API could make tokens."""
TYPES = frozenset({"at+jwt", "application/at+jwt"})
REQUIRED = ("iss", "aud", "exp", "iat", "sub", "client_id", "jti")
MAX_TOKEN = 16 * 1024
LEEWAY_SECONDS = 10


@dataclass(frozen=True)
class JwtTokens:
    """Checks tokens by the keys that the server publishes."""

    server: AuthorizationServer
    resource: str
    algorithms: tuple[str, ...] = ALGORITHMS
    leeway: float = LEEWAY_SECONDS

    def claims(self, token: str) -> dict[str, Any]:
        """Give the claims of a good token for this resource.

        Raises:
            Denied: It is not good here.
            Unreachable: The keys cannot be read.
        """
        if len(token) > MAX_TOKEN:
            raise Denied("invalid_token", "too long")
        header = self._header(token)
        key = self.server.key(header.get("kid"))
        if key is None:
            raise Denied("invalid_token", "no such key")
        declared = key.as_dict(private=False).get("alg", header["alg"])
        if declared != header["alg"]:
            raise Denied("invalid_token", "the key is for another algorithm")
        try:
            found = jws.deserialize_compact(
                token.encode(), key, registry=_registry(self.algorithms)
            )
            claims = json_object(found.payload)
        except (JoseError, ValueError, TypeError):
            raise Denied("invalid_token", "the signature does not hold") from None
        check_claims(
            claims,
            issuer=self.server.issuer,
            resource=self.resource,
            now=self.server.clock(),
            leeway=self.leeway,
        )
        return claims

    def _header(self, token: str) -> dict[str, Any]:
        """Read the header, and believe nothing of it but a name."""
        try:
            header = jws.extract_compact(token.encode()).headers()
        except (JoseError, ValueError, TypeError, UnicodeError, RecursionError):
            raise Denied("invalid_token", "no JWT") from None
        kind, alg, kid = header.get("typ"), header.get("alg"), header.get("kid")
        if not isinstance(kind, str) or kind.lower() not in TYPES:
            raise Denied("invalid_token", "no access token by its typ")
        if alg not in self.algorithms or "crit" in header:
            raise Denied("invalid_token", "an algorithm that is not taken")
        if kid is not None and not isinstance(kid, str):
            raise Denied("invalid_token", "kid is no text")
        return dict(header)


def _registry(algorithms: Iterable[str]) -> JWSRegistry:
    return JWSRegistry(algorithms=list(algorithms))


def check_claims(
    claims: dict[str, Any],
    *,
    issuer: str,
    resource: str,
    now: float,
    leeway: float,
) -> None:
    """Hold claims to RFC 9068 §4.

    Raises:
        Denied: One is missing or says that the token is not good here.
    """
    missing = [name for name in REQUIRED if name not in claims]
    if missing:
        raise Denied("invalid_token", f"claims missing: {missing}")
    if claims["iss"] != issuer:
        raise Denied("invalid_token", "of another issuer")
    if resource not in audience_of(claims):
        raise Denied("invalid_token", "for another audience")
    check_times(claims, now=now, leeway=leeway)
    for name in ("sub", "client_id", "jti"):
        if not isinstance(claims[name], str) or not claims[name]:
            raise Denied("invalid_token", f"{name} is no text")
    if not isinstance(claims.get("scope", ""), str):
        raise Denied("invalid_token", "scope is no text")


def check_times(claims: dict[str, Any], *, now: float, leeway: float) -> None:
    """Hold ``exp``, ``nbf`` and ``iat`` to the clock; times are numbers, not words.

    Raises:
        Denied: Expired, or not good yet.
    """
    tests: dict[str, Callable[[float], bool]] = {
        "exp": lambda at: at > now - leeway,
        "nbf": lambda at: at <= now + leeway,
        "iat": lambda at: at <= now + leeway,
    }
    for name, is_good in tests.items():
        at = claims.get(name)
        if at is None and name != "exp":
            continue
        if isinstance(at, bool) or not isinstance(at, int | float) or not is_good(at):
            raise Denied("invalid_token", f"{name} does not fit")


def audience_of(claims: dict[str, Any]) -> set[str]:
    """Give for whom a token is: one, or several (RFC 7519 §4.1.3)."""
    aud = claims.get("aud")
    if isinstance(aud, list):
        return {one for one in aud if isinstance(one, str)}
    return {aud} if isinstance(aud, str) else set()
