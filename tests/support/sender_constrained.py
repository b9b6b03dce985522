"""A relying party that shows a key with whatever it sends: by DPoP or by mutual TLS.

It finds the endpoints for certificates among the aliases (RFC 8705 §5).
"""

from __future__ import annotations

from typing import Any

import requests

from tests.support import answer_rules
from tests.support.proofs import Prover
from tests.support.relying_party import RelyingParty

GOOD = "a good one"
"""A proof to be made: the right one, for this request."""
PROVEN = ("token_endpoint", "pushed_authorization_request_endpoint")


class KeyedParty(RelyingParty):
    """One registered client, with the keys that it holds."""

    def __init__(
        self,
        party: RelyingParty,
        *,
        prover: Prover | None = None,
        certificate: tuple[str, str] | None = None,
    ) -> None:
        super().__init__(party.issuer, party.registration, verify=party.http.verify)
        self.prover = prover
        self.certificate = certificate
        self.http.cert = certificate
        self.token_kind = "DPoP" if prover else "Bearer"

    @classmethod
    def by_dpop(cls, party: RelyingParty, algorithm: str = "ES256") -> KeyedParty:
        return cls(party, prover=Prover(algorithm))

    def at(self, endpoint: str) -> str:
        """Where an endpoint is for a sender like this."""
        own = self.metadata[endpoint]
        if self.certificate is None:
            return own
        return self.metadata.get("mtls_endpoint_aliases", {}).get(endpoint, own)

    def post(self, endpoint: str, **form: str | None) -> requests.Response:
        """A call with a proof, and again with the nonce where one is wanted (§8)."""
        answer = self.post_once(endpoint, **form)
        nonce = answer.headers.get("DPoP-Nonce")
        if self.prover is not None and nonce:
            self.prover.nonce = nonce
            if answer.status_code == 400 and "use_dpop_nonce" in answer.text:
                answer = self.post_once(endpoint, **form)
        return answer

    def post_once(
        self, endpoint: str, *, proof: str | None = GOOD, **form: str | None
    ) -> requests.Response:
        """The same with one proof: a good one, the one given, or None."""
        body = {name: value for name, value in form.items() if value is not None}
        headers, credentials = self.credentials()
        url = self.at(endpoint)
        if proof == GOOD:
            takes = self.prover is not None and endpoint in PROVEN
            proof = self.prover.proof("POST", url) if takes else None
        if proof is not None:
            headers["DPoP"] = proof
        return self.http.post(url, data=credentials | body, headers=headers)

    def own_token(self, **form: str | None) -> dict[str, Any]:
        """RFC 6749 §4.4, held to what a bound token is."""
        answer = self.post(
            "token_endpoint", **({"grant_type": "client_credentials"} | form)
        )
        return answer_rules.token_answer(answer, kind=self.token_kind)

    def userinfo(
        self,
        access_token: str,
        *,
        by: str = "get",
        scheme: str | None = None,
        proof: str | None = GOOD,
        headers: dict[str, str] | None = None,
    ) -> requests.Response:
        """Show the token with its key; keywords change one thing."""
        url = self.at("userinfo_endpoint")
        if proof == GOOD:
            proof = (
                self.prover.proof(by.upper(), url, access_token=access_token)
                if self.prover
                else None
            )
        scheme = scheme or ("DPoP" if self.prover else "Bearer")
        sent = {"Authorization": f"{scheme} {access_token}"} | (headers or {})
        if proof is not None:
            sent["DPoP"] = proof
        return self.http.request(by.upper(), url, headers=sent)
