"""The checks of a request, in their order, and the challenge when one fails.

A request has one token, by header (RFC 6750 §2.1, RFC 9449 §7.1).  The token is good
here (RFC 9068 §4, or RFC 7662), shown with the key it is bound to (RFC 9449 §7.2, RFC
8705 §3), reaches far enough, and stands for a sign-in that is sure and fresh enough
(RFC 9470 §3).
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from authserver_rs import certificates, dpop
from authserver_rs.errors import Denied
from authserver_rs.fetching import Fetcher, check_url
from authserver_rs.introspection import AskedTokens, Introspection
from authserver_rs.replay import MemoryReplays, Replays
from authserver_rs.server import AuthorizationServer
from authserver_rs.tokens import ALGORITHMS, JwtTokens
from authserver_rs.wellknown import Metadata

BEARER, DPOP = "Bearer", "DPoP"


@dataclass(frozen=True)
class Request:
    """What the checks look at.

    ``headers`` are pairs, so that one that came twice is seen; of ``url`` the path
    counts; ``certificate`` is DER, from whoever ended TLS.
    """

    method: str
    url: str
    headers: Sequence[tuple[str, str]]
    certificate: bytes | None = None

    def all(self, name: str) -> list[str]:
        """Give every value of a header."""
        return [value for one, value in self.headers if one.lower() == name.lower()]


@dataclass(frozen=True)
class Need:
    """What a request must bring: scopes, all of them, and how sure and fresh it is."""

    scopes: Sequence[str] = ()
    acr: Sequence[str] = ()
    """The classes of authentication of which one will do."""
    max_age: int | None = None
    """Seconds since the person last signed in."""


@dataclass(frozen=True)
class Access:
    """A good token: whose, for which client, with which scopes."""

    claims: Mapping[str, Any]
    scopes: frozenset[str] = field(default=frozenset())

    @property
    def subject(self) -> str:
        """Give the user, or the client where there is none (RFC 9068 §2.2)."""
        return str(self.claims.get("sub", ""))

    @property
    def client_id(self) -> str:
        """Give the client."""
        return str(self.claims.get("client_id", ""))

    def details(self, kind: str) -> list[dict[str, Any]]:
        """Give the authorization details of one type (RFC 9396)."""
        granted = self.claims.get("authorization_details")
        return [
            one
            for one in (granted if isinstance(granted, list) else ())
            if isinstance(one, dict) and one.get("type") == kind
        ]


class ResourceServer:
    """One API and the server it believes."""

    def __init__(  # noqa: PLR0913 -- each is a decision of the operator
        self,
        issuer: str,
        resource: str,
        *,
        scopes: Sequence[str] = (),
        name: str | None = None,
        documentation: str | None = None,
        introspection: Introspection | None = None,
        algorithms: Iterable[str] = ALGORITHMS,
        dpop_only: bool = False,
        nonce_key: bytes | None = None,
        replays: Replays | None = None,
        certificate_header: str | None = None,
        fetcher: Fetcher | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Say whom to believe, and what this API is.

        Args:
            issuer: The authorization server, as its metadata names it.
            resource: This API's identifier: the ``aud`` of its tokens (RFC 8707).
            scopes: The scopes it knows, for its metadata (RFC 9728).
            name: What people call it.
            documentation: Where developers read of it.
            introspection: Ask about every token (RFC 7662) in place of checking JWTs.
            algorithms: What tokens may be signed with.
            dpop_only: Refuse tokens that are bound to no DPoP key.
            nonce_key: Demand nonces in proofs; the same in all processes.
            replays: Where spent proofs are kept; memory, when not said.
            certificate_header: The header by which a trusted proxy passes the client's
                certificate.  The proxy must drop what clients send under that name.
            fetcher: How the server is asked.
            clock: The time, for tests.

        Raises:
            ValueError: Issuer or resource is no https URL.
        """
        server = AuthorizationServer(issuer, fetcher=fetcher or Fetcher(), clock=clock)
        self.resource = check_url(resource)
        self.dpop_only = dpop_only
        self.certificate_header = certificate_header
        self.clock = clock
        self.proofs = dpop.Proofs(replays or MemoryReplays(), nonce_key, clock)
        self.tokens: AskedTokens | JwtTokens
        if introspection is not None:
            self.tokens = AskedTokens(server, resource, introspection, clock)
        else:
            self.tokens = JwtTokens(server, resource, tuple(algorithms))
        self.metadata = Metadata(
            resource=resource,
            issuer=issuer,
            scopes=scopes,
            name=name,
            documentation=documentation,
            dpop_only=dpop_only,
            mtls_bound=certificate_header is not None,
        )

    def check(self, request: Request, need: Need | None = None) -> Access:
        """Let a request pass, or say why not.

        Raises:
            Denied: It may not pass; its ``headers`` are the challenge.
            Unreachable: The authorization server cannot be asked.
        """
        wanted = need or Need()
        try:
            scheme, token = _credentials(request)
            claims = self.tokens.claims(token)
            self._check_binding(request, scheme, token, claims)
            access = Access(claims, frozenset(str(claims.get("scope", "")).split()))
            self._check_need(access, wanted, scheme)
        except Denied as denied:
            denied.headers = self._challenge(denied, wanted)
            raise
        return access

    def _check_binding(
        self, request: Request, scheme: str, token: str, claims: Mapping[str, Any]
    ) -> None:
        cnf = claims.get("cnf") or {}
        if not isinstance(cnf, Mapping):
            raise Denied("invalid_token", "cnf is no object")
        jkt = cnf.get("jkt")
        if scheme == DPOP and not isinstance(jkt, str):
            raise Denied("invalid_token", "not bound to a key", scheme=DPOP)
        if scheme == BEARER and jkt is not None:
            # RFC 9449 §7.2: else a stolen token would be as good as any.
            raise Denied("invalid_token", "a bound token as bearer", scheme=DPOP)
        if self.dpop_only and jkt is None:
            raise Denied("invalid_token", "bound tokens only", scheme=DPOP)
        certificates.check(cnf, self._certificate(request))
        if scheme == DPOP:
            proofs = request.all("DPoP")
            if len(proofs) != 1:
                raise Denied("invalid_dpop_proof", "not one proof", scheme=DPOP)
            self.proofs.check(
                proofs[0],
                method=request.method,
                url=self._address(request),
                token=token,
                thumbprint=str(jkt),
            )

    def _address(self, request: Request) -> str:
        """Give the address that a proof must name: our own origin, and the path.

        The ``Host`` header is the client's word; a proof for another API, sent here
        under that API's name, must not pass.
        """
        ours = urlsplit(self.resource)
        return f"{ours.scheme}://{ours.netloc}{urlsplit(request.url).path}"

    def _certificate(self, request: Request) -> bytes | None:
        if request.certificate is not None or self.certificate_header is None:
            return request.certificate
        passed = request.all(self.certificate_header)
        return certificates.from_header(passed[0]) if len(passed) == 1 else None

    def _check_need(self, access: Access, need: Need, scheme: str) -> None:
        if not set(need.scopes) <= access.scopes:
            raise Denied("insufficient_scope", "scope missing", scheme=scheme)
        claims = access.claims
        is_sure = not need.acr or claims.get("acr") in need.acr
        at = claims.get("auth_time")
        is_fresh = need.max_age is None or (
            isinstance(at, int | float) and self.clock() - at <= need.max_age
        )
        if not is_sure or not is_fresh:
            asked = {"acr_values": " ".join(need.acr)} if need.acr else {}
            if need.max_age is not None:
                asked["max_age"] = str(need.max_age)
            raise Denied(
                "insufficient_user_authentication",
                "another sign-in is due",
                scheme=scheme,
                params=asked,
            )

    # -- what a refusal answers with

    def _challenge(self, denied: Denied, need: Need) -> list[tuple[str, str]]:
        """Write ``WWW-Authenticate`` for each scheme (RFC 6750 §3, RFC 9449 §7.1)."""
        headers = [("Cache-Control", "no-store")]
        if denied.status == 400:
            return headers
        schemes = [DPOP] if self.dpop_only else [BEARER, DPOP]
        # The scheme that was used comes first: simple clients read one.
        schemes.sort(key=lambda one: one != denied.scheme)
        for scheme in schemes:
            params = {"resource_metadata": self.metadata.url}
            if denied.error and denied.scheme == scheme:
                params = {"error": denied.error, **params, **denied.params}
            if need.scopes and denied.error in (None, "insufficient_scope"):
                params["scope"] = " ".join(need.scopes)
            if scheme == DPOP:
                params["algs"] = " ".join(dpop.ALGORITHMS)
            headers.append(("WWW-Authenticate", f"{scheme} {_written(params)}"))
        nonce = self.proofs.nonce()
        if nonce is not None:
            headers.append(("DPoP-Nonce", nonce))
        return headers


def _written(params: Mapping[str, str]) -> str:
    # What stands here was chosen by the API, never by a client.
    safe = {
        name: value.replace('"', "").replace("\\", "") for name, value in params.items()
    }
    return ", ".join(f'{name}="{value}"' for name, value in safe.items())


def _credentials(request: Request) -> tuple[str, str]:
    """Give scheme and token of the one Authorization header (RFC 6750 §2.1)."""
    given = request.all("Authorization")
    if len(given) > 1:
        raise Denied("invalid_request", "two Authorization headers")
    scheme, _, token = (given[0] if given else "").strip().partition(" ")
    known = {one.lower(): one for one in (BEARER, DPOP)}.get(scheme.lower())
    if known is None:
        raise Denied(None, "no token", scheme=BEARER)
    token = token.strip()
    if not token or not token.isascii() or any(ch.isspace() for ch in token):
        raise Denied("invalid_request", "a malformed Authorization header")
    return known, token
