"""Any OpenID Provider, found by discovery (OIDC Discovery §4, OIDC Core §3.1).

The ID token is checked in full (§3.1.3.7), though it comes over TLS: signature, issuer,
audience, nonce, times and the access token that belongs to it.
"""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import Key, import_key

from authserver.adapters.fetcher import Fetcher
from authserver.adapters.social.base import (
    App,
    Errand,
    Identity,
    Provider,
    SocialFailed,
    picture,
    word,
)
from authserver.clock import Clock
from authserver.crypto import opaque, signing
from authserver.crypto.signing import BadToken

WELL_KNOWN = "/.well-known/openid-configuration"
KEPT_SECONDS = 3600
LOOK_AGAIN_SECONDS = 60
"""How often an unknown key may make us fetch the keys: anybody can name one."""
LEEWAY_SECONDS = 60
MOST_KEYS = 40
ASYMMETRIC = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA", "Ed25519"),
)
"""A secret that signs and verifies would let whoever verifies sign."""
KEY_TYPES = ("RSA", "EC", "OKP")


@dataclass(frozen=True)
class Metadata:
    """What a provider says of itself (OIDC Discovery §3)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    algorithms: tuple[str, ...]
    names_itself: bool
    """Whether every answer carries ``iss`` (RFC 9207 §3)."""
    read_at: float


@dataclass(frozen=True)
class Keys:
    """The keys of a provider, by name."""

    by_kid: Mapping[str, Key]
    read_at: float


class OpenIdProvider(Provider):
    """A provider that speaks OpenID Connect."""

    def __init__(
        self,
        name: str,
        title: str,
        app: App,
        fetcher: Fetcher,
        *,
        issuer: str,
        clock: Clock,
    ) -> None:
        """Prepare; the metadata is fetched when somebody comes."""
        super().__init__(name, title, app, fetcher)
        self.issuer = issuer
        self.clock = clock
        self._lock = threading.Lock()
        self._metadata: Metadata | None = None
        self._keys: Keys | None = None

    def authorization_url(self, errand: Errand) -> str:
        """Ask for a code, with state, nonce and S256 (RFC 9700 §2.1.1)."""
        endpoint = self.metadata().authorization_endpoint
        return self._url(endpoint, errand, nonce=errand.nonce, **self._wishes())

    def identify(
        self, code: str, errand: Errand, *, issuer: str | None = None
    ) -> Identity:
        """Spend the code, check the ID token, and ask userinfo for what is missing."""
        found = self.metadata()
        if issuer is not None and issuer != found.issuer:
            raise SocialFailed("another issuer has answered (RFC 9207 §2.4)")
        if issuer is None and found.names_itself:
            raise SocialFailed("the answer lacks the iss that it should have")
        tokens = self._tokens(found.token_endpoint, code, errand)
        claims = self._claims(tokens, errand)
        if "email" not in claims and found.userinfo_endpoint:
            claims |= self._userinfo(found.userinfo_endpoint, tokens, claims)
        return self._identity(claims)

    def _identity(self, claims: Mapping[str, Any]) -> Identity:
        return Identity(
            issuer=self.issuer,
            subject=claims["sub"],
            email=word(claims.get("email")),
            # Some write it as a string (Cognito); whatever else it says is no.
            is_email_verified=claims.get("email_verified") in (True, "true"),
            name=word(claims.get("name")),
            username=word(claims.get("preferred_username")),
            picture=picture(claims.get("picture")),
        )

    def _wishes(self) -> dict[str, str]:
        """Give what else this provider is asked for."""
        return {}

    def _issuers(self) -> tuple[str, ...]:
        """Give what may stand in ``iss`` of an ID token."""
        return (self.issuer,)

    # -- The ID token

    def _claims(self, tokens: Mapping[str, Any], errand: Errand) -> dict[str, Any]:
        """Check an ID token as OIDC Core §3.1.3.7 numbers it."""
        token = tokens.get("id_token")
        claims = self._verified(token)
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        if claims.get("iss") not in self._issuers():
            raise SocialFailed("the ID token is of another issuer")
        if self.app.client_id not in audiences:
            raise SocialFailed("the ID token is for somebody else")
        if claims.get("azp", self.app.client_id) != self.app.client_id:
            raise SocialFailed("the ID token was given to somebody else")
        if len(audiences) > 1 and "azp" not in claims:
            raise SocialFailed("the ID token is for several, and names none")
        nonce = claims.get("nonce")
        if not isinstance(nonce, str) or not opaque.same(nonce, errand.nonce):
            raise SocialFailed("the ID token has another nonce")
        if not word(claims.get("sub")):
            raise SocialFailed("the ID token has no subject")
        self._check_hash(claims, str(token), str(tokens["access_token"]))
        return claims

    def _check_hash(self, claims: Mapping[str, Any], token: str, access: str) -> None:
        given = claims.get("at_hash")
        if given is None:
            return
        try:
            expected = signing.at_hash(access, signing.algorithm_of(token))
        except ValueError:
            raise SocialFailed("an at_hash that cannot be checked") from None
        if not isinstance(given, str) or not opaque.same(given, expected):
            raise SocialFailed("the access token is not the ID token's")

    def _verified(self, token: object) -> dict[str, Any]:
        try:
            return self._verify(token, self.keys())
        except BadToken as fault:
            if not self._may_look_again():
                raise SocialFailed(f"the ID token: {fault}") from None
        try:
            return self._verify(token, self.keys(anew=True))
        except BadToken as fault:
            raise SocialFailed(f"the ID token: {fault}") from None

    def _verify(self, token: object, keys: Keys) -> dict[str, Any]:
        return signing.verify_jwt(
            token,
            keys.by_kid,
            algorithms=self.metadata().algorithms,
            kid_optional=True,
            now=self.clock.now().timestamp(),
            leeway=LEEWAY_SECONDS,
        )

    def _may_look_again(self) -> bool:
        kept = self._keys
        age = time.monotonic() - kept.read_at if kept else KEPT_SECONDS
        return age >= LOOK_AGAIN_SECONDS

    def _userinfo(
        self, endpoint: str, tokens: Mapping[str, Any], claims: Mapping[str, Any]
    ) -> dict[str, Any]:
        told = self._get(endpoint, token=str(tokens["access_token"]))
        if not isinstance(told, dict) or told.get("sub") != claims["sub"]:
            # OIDC Core §5.3.2: then it MUST NOT be used.
            raise SocialFailed("userinfo tells of somebody else")
        return told

    # -- What the provider says of itself

    def metadata(self) -> Metadata:
        """Give the metadata, at most an hour old.

        Raises:
            SocialFailed: It cannot be had, or is not the issuer's.
        """
        kept = self._metadata
        if kept is None or time.monotonic() - kept.read_at > KEPT_SECONDS:
            with self._lock:
                if self._metadata is kept:
                    told = self._get(self.issuer.rstrip("/") + WELL_KNOWN)
                    self._metadata = _metadata(told, self.issuer)
                kept = self._metadata
        assert kept is not None  # noqa: S101 -- set above, and never unset
        return kept

    def keys(self, *, anew: bool = False) -> Keys:
        """Give the keys, at most an hour old.

        Raises:
            SocialFailed: They cannot be had.
        """
        uri = self.metadata().jwks_uri
        kept = self._keys
        if anew or kept is None or time.monotonic() - kept.read_at > KEPT_SECONDS:
            with self._lock:
                if self._keys is kept:
                    self._keys = _keys(self._get(uri))
                kept = self._keys
        assert kept is not None  # noqa: S101 -- set above, and never unset
        return kept


def _metadata(told: Any, issuer: str) -> Metadata:
    if not isinstance(told, dict) or told.get("issuer") != issuer:
        raise SocialFailed("the metadata is of another issuer (OIDC Discovery §4.3)")
    places = {}
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        place = told.get(name)
        if not isinstance(place, str):
            raise SocialFailed(f"the metadata has no {name}")
        places[name] = place
    userinfo = told.get("userinfo_endpoint")
    offered = told.get("id_token_signing_alg_values_supported")
    listed = offered if isinstance(offered, list) else ["RS256"]
    return Metadata(
        issuer=issuer,
        userinfo_endpoint=userinfo if isinstance(userinfo, str) else None,
        algorithms=tuple(alg for alg in ASYMMETRIC if alg in listed),
        names_itself=told.get("authorization_response_iss_parameter_supported") is True,
        read_at=time.monotonic(),
        **places,
    )


def _keys(told: Any) -> Keys:
    listed = told.get("keys") if isinstance(told, dict) else None
    if not isinstance(listed, list):
        raise SocialFailed("the keys are no JWK Set (RFC 7517 §5)")
    found: dict[str, Key] = {}
    for number, one in enumerate(listed[:MOST_KEYS]):
        # RFC 7517 §5: what we cannot read is somebody else's.
        if not isinstance(one, dict) or one.get("kty") not in KEY_TYPES:
            continue
        try:
            key = import_key(one)
        except (JoseError, ValueError, TypeError, KeyError):
            continue
        found[str(one.get("kid", f"#{number}"))] = key
    return Keys(found, time.monotonic())
