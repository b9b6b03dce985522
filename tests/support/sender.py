"""How a relying party sends its authorization request: plain, pushed, or signed."""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import requests
from joserfc import jws

from tests.support import answer_rules


@dataclass(frozen=True)
class Ask:
    """An authorization request, and what the client remembers of it."""

    endpoint: str
    params: dict[str, str]
    verifier: str | None = None
    carried: dict[str, str] | None = None
    """What the browser carries, where the rest was pushed or signed."""

    @property
    def url(self) -> str:
        carried = self.params if self.carried is None else self.carried
        return f"{self.endpoint}?{urlencode(carried, doseq=True)}"


class Sender:
    """The part of a relying party that sends requests in other ways than the query."""

    issuer: str
    registration: Any

    def post(self, endpoint: str, **form: str | None) -> requests.Response:
        """An authenticated call; the relying party has it."""
        raise AssertionError(f"nobody posts {sorted(form)} to {endpoint}")

    def push(self, ask: Ask, **changes: str | None) -> requests.Response:
        """RFC 9126 §2.1; keywords change a parameter on the way."""
        form = {**ask.params, **changes}
        return self.post("pushed_authorization_request_endpoint", **form)

    def pushed(self, ask: Ask, **beside: str | None) -> Ask:
        """The same request sent ahead; the browser carries two parameters."""
        told = answer_rules.json_of(self.push(ask), status=201)
        carried = {
            "client_id": self.registration.client_id,
            "request_uri": told["request_uri"],
            **beside,
        }
        kept = {name: value for name, value in carried.items() if value is not None}
        return replace(ask, carried=kept)

    def request_object(self, ask: Ask, **changes: Any) -> str:
        """RFC 9101 §4; keywords change a claim, `header` the header."""
        me, now = self.registration, int(time.time())
        header = {"alg": me.key_algorithm, "kid": me.key.kid}
        header |= {"typ": "oauth-authz-req+jwt"} | changes.pop("header", {})
        claims = {
            **ask.params,
            "iss": me.client_id,
            "aud": self.issuer,
            "jti": secrets.token_urlsafe(16),
            "iat": now,
            "nbf": now,
            "exp": now + 300,
        } | changes
        kept = {name: value for name, value in header.items() if value is not None}
        return sign(kept, claims, me.key)

    def signed(
        self, ask: Ask, *, beside: dict[str, str] | None = None, **changes: Any
    ) -> Ask:
        """The same request as a request object, by value."""
        carried = {
            "client_id": self.registration.client_id,
            "request": self.request_object(ask, **changes),
        }
        return replace(ask, carried=carried | (beside or {}))


def sign(header: dict[str, Any], claims: dict[str, Any], key: Any) -> str:
    kept = {name: value for name, value in claims.items() if value is not None}
    payload = json.dumps(kept)  # ASCII, so that half a surrogate pair passes too
    registry = jws.JWSRegistry(algorithms=[header["alg"]], strict_check_header=False)
    return jws.serialize_compact(header, payload, key, registry=registry)
