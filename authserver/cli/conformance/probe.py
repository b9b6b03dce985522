"""Asks a deployment over HTTP, as an app would: with redirects unfollowed."""

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jws

from authserver.adapters.exchange import Answer
from authserver.adapters.fetcher import Fetcher
from authserver.clock import Clock
from authserver.crypto import signing
from authserver.crypto.signing import SigningKey

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_LIFE_SECONDS = 60
VERIFIER = "conformance-verifier-conformance-verifier-0"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest())
REDIRECT_URI = "https://conformance.invalid/callback"
"""Nobody is there (RFC 6761 §6.4): an answer is read and not followed."""


@dataclass(frozen=True)
class Credentials:
    """A client of the examination; its secret, where it has one."""

    client_id: str
    secret: str | None = None


@dataclass(frozen=True)
class Probe:
    """One deployment, and the clients that it is examined with."""

    issuer: str
    fetcher: Fetcher
    clock: Clock
    plain: Credentials
    """By secret, with the ``oidc`` profile."""
    public: Credentials
    """A browser's or a phone's: no secret."""
    strong: Credentials
    """By key, with the ``fapi2`` profile."""
    key: SigningKey
    proof_key: SigningKey = field(
        default_factory=lambda: signing.import_pem(signing.generate("ES256"))
    )

    @cached_property
    def metadata(self) -> dict[str, Any]:
        """The discovery document."""
        where = f"{self.issuer}/.well-known/openid-configuration"
        found = self.fetcher.get_json(where)
        return found if isinstance(found, dict) else {}

    def endpoint(self, name: str) -> str:
        """Give the address of an endpoint, by its name in the document."""
        return str(self.metadata[f"{name}_endpoint"])

    # -- Asking

    def get(self, url: str, **headers: str) -> Answer:
        """GET, with header names in Python's spelling."""
        return self.fetcher.get(url, headers=_spelled(headers), most_redirects=0)

    def post(self, name: str, form: Mapping[str, str], **headers: str) -> Answer:
        """POST a form to an endpoint."""
        url = name if "://" in name else self.endpoint(name)
        return self.fetcher.post_form(url, form, headers=_spelled(headers))

    def authorize(self, **params: str) -> Answer:
        """Send an authorization request, of the public client where nothing is said."""
        asked = {
            "client_id": self.public.client_id,
            "redirect_uri": REDIRECT_URI,
            "response_type": "code",
            "scope": "openid",
            "state": secrets.token_urlsafe(16),
            "code_challenge": CHALLENGE.rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        } | params
        kept = {name: value for name, value in asked.items() if value}
        return self.get(f"{self.endpoint('authorization')}?{urlencode(kept)}")

    def token(self, **form: str) -> Answer:
        """Ask for tokens as the client with a secret."""
        return self.post("token", form, Authorization=self.basic())

    # -- Proving

    def basic(self) -> str:
        """Give the Authorization header of the client with a secret."""
        joined = f"{self.plain.client_id}:{self.plain.secret}"
        return f"Basic {base64.b64encode(joined.encode()).decode()}"

    def assertion(self, *, aud: Any = None, **changed: Any) -> dict[str, str]:
        """Give the form members by which the client with a key proves itself."""
        now, who = int(self.clock.now().timestamp()), self.strong.client_id
        claims = {
            "iss": who,
            "sub": who,
            "aud": aud or self.issuer,
            "iat": now,
            "exp": now + ASSERTION_LIFE_SECONDS,
            "jti": secrets.token_urlsafe(16),
        } | changed
        signed = signing.sign_jwt(self.key, claims, "JWT")
        return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": signed}

    def proof(self, url: str, method: str = "POST", **changed: Any) -> str:
        """Give a DPoP proof for a request (RFC 9449 §4.2)."""
        claims = {
            "jti": secrets.token_urlsafe(16),
            "htm": method,
            "htu": url,
            "iat": int(self.clock.now().timestamp()),
        } | changed
        key = self.proof_key
        public = {name: key.public_jwk()[name] for name in ("kty", "crv", "x", "y")}
        header = {"alg": key.alg, "typ": "dpop+jwt", "jwk": public}
        registry = signing.Registry((key.alg,))
        body = json.dumps(claims)
        return jws.serialize_compact(header, body, key.key, registry=registry)


def _spelled(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def answered(answer: Answer) -> dict[str, str]:
    """Read the parameters of an answer that went to the redirect URI."""
    parts = urlsplit(answer.headers.get("location", ""))
    return {name: values[0] for name, values in parse_qs(parts.query).items()}


def claims_of(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give header and claims of a JWT, unverified."""
    header, body = (
        json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        for part in token.split(".")[:2]
    )
    return header, body
