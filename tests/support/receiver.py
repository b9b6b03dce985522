"""A client that receives security events, and holds each to RFC 8417 and SSF 1.0."""

from __future__ import annotations

import json
from typing import Any

import requests
from joserfc import jws

from tests.support.answer_rules import ID_TOKEN_ALGORITHMS, json_of
from tests.support.relying_party import RelyingParty

PUSH, POLL = "urn:ietf:rfc:8935", "urn:ietf:rfc:8936"
REVOKED = "https://schemas.openid.net/secevent/caep/event-type/session-revoked"
CREDENTIAL = "https://schemas.openid.net/secevent/caep/event-type/credential-change"
VERIFIED = "https://schemas.openid.net/secevent/ssf/event-type/verification"


class Receiver:
    """A client that receives security events."""

    def __init__(self, rp: RelyingParty) -> None:
        self.rp = rp
        well_known = f"{rp.issuer}/.well-known/ssf-configuration"
        self.metadata = json_of(rp.http.get(well_known))
        self.token = self.ask_for("ssf.manage")

    def ask_for(self, scope: str) -> str:
        form = {"grant_type": "client_credentials", "scope": scope}
        given = json_of(self.rp.post("token_endpoint", **form))
        return str(given["access_token"])

    def call(
        self, method: str, url: str, body: Any = None, *, token: str | None = None
    ) -> requests.Response:
        shown = self.token if token is None else token
        headers = {"Authorization": f"Bearer {shown}"} if shown else {}
        return self.rp.http.request(method, url, json=body, headers=headers)

    def stream(self, method: str, body: Any = None, **more: Any) -> requests.Response:
        return self.call(method, self.metadata["configuration_endpoint"], body, **more)

    def named(self, method: str, stream_id: str) -> requests.Response:
        url = f"{self.metadata['configuration_endpoint']}?stream_id={stream_id}"
        return self.call(method, url)

    def make(self, **wishes: Any) -> dict[str, Any]:
        wanted = {"events_requested": [REVOKED, CREDENTIAL]} | wishes
        made: dict[str, Any] = json_of(self.stream("POST", wanted), status=201)
        return made

    def verify(self, stream: dict[str, Any], **more: Any) -> requests.Response:
        asked = {"stream_id": stream["stream_id"]} | more
        return self.call("POST", self.metadata["verification_endpoint"], asked)

    def poll(self, stream: dict[str, Any], **asked: Any) -> dict[str, Any]:
        url = stream["delivery"]["endpoint_url"]
        asked.setdefault("returnImmediately", True)
        found: dict[str, Any] = json_of(self.call("POST", url, asked))
        return found

    def events(self, stream: dict[str, Any], **asked: Any) -> list[dict[str, Any]]:
        """Poll, check every token, and give the claims, by the order they came in."""
        sets = self.poll(stream, **asked)["sets"]
        found = [self.read(token) for token in sets.values()]
        assert [one["jti"] for one in found] == list(sets)
        return found

    def read(self, token: str) -> dict[str, Any]:
        """Check a security event token (RFC 8417 §2, SSF §4.1)."""
        signed = jws.extract_compact(token.encode())
        assert signed.protected["typ"] == "secevent+jwt"
        (key,) = (k for k in self.rp.keys.keys if k.kid == signed.protected["kid"])
        assert jws.deserialize_compact(token, key, algorithms=ID_TOKEN_ALGORITHMS)
        claims: dict[str, Any] = json.loads(signed.payload)
        assert claims["iss"] == self.rp.issuer
        assert claims["aud"] == self.rp.registration.client_id
        assert {"jti", "iat", "sub_id", "events"} <= claims.keys()
        assert not {"sub", "exp"} & claims.keys(), "SSF §4.1.7, §4.1.8"
        assert len(claims["events"]) == 1
        return claims
