"""A relying party that trusts nothing: the black box's other side.

It finds everything by discovery, keeps state, nonce and PKCE verifier of each
request, and holds every answer to the rules of `answer_rules`.  It shares no code
with the server and none with Authlib.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from urllib.parse import quote_plus, urlencode

import requests
from joserfc.jwk import KeySet

from tests.support import answer_rules, reception
from tests.support.browser import Browser, Departure
from tests.support.person import Person, Walk
from tests.support.sender import Ask, Sender, sign

JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass(frozen=True)
class Registration:
    """What the server said when the client was registered, and what we asked."""

    client_id: str
    client_secret: str | None = None
    auth_method: str = "client_secret_basic"
    redirect_uri: str = "https://rp.example/callback"
    post_logout_redirect_uri: str = "https://rp.example/signed-out"
    key: Any = None
    key_algorithm: str = "RS256"
    told: dict[str, Any] = field(default_factory=dict)
    decryption_key: Any = None
    response_algorithm: str = "RS256"


@dataclass(frozen=True)
class SignedIn:
    """The end of one whole code flow."""

    ask: Ask
    walk: Walk
    reply: dict[str, str]
    tokens: dict[str, Any]
    claims: dict[str, Any] = field(default_factory=dict)

    @property
    def pages(self) -> tuple[str, ...]:
        return self.walk.pages


class RelyingParty(Sender):
    """One registered client."""

    token_kind = "Bearer"

    def __init__(
        self,
        issuer: str,
        registration: Registration,
        *,
        response_mode: str | None = None,
        verify: str | bool = True,
    ):
        self.issuer = issuer
        self.registration = registration
        self.response_mode = response_mode
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.verify = verify

    def speaking(self, response_mode: str | None) -> RelyingParty:
        """The same client, answered in another way."""
        return RelyingParty(
            self.issuer,
            self.registration,
            response_mode=response_mode,
            verify=self.http.verify,
        )

    # --- what is published -------------------------------------------------

    @cached_property
    def metadata(self) -> dict[str, Any]:
        """OIDC Discovery §4."""
        answer = self.http.get(f"{self.issuer}/.well-known/openid-configuration")
        found: dict[str, Any] = answer_rules.json_of(answer)
        assert found["issuer"] == self.issuer, found["issuer"]
        for name, value in found.items():
            if name.endswith("_endpoint") or name == "jwks_uri":
                assert answer_rules.is_safe_url(value), f"G2: {name} is {value}"
        return found

    @property
    def keys(self) -> KeySet:
        answer = self.http.get(self.metadata["jwks_uri"])
        kinds = (answer_rules.JSON, answer_rules.JWK_SET)
        return answer_rules.key_set(answer_rules.json_of(answer, kinds=kinds))

    # --- the authorization request -----------------------------------------

    def ask(self, *, pkce: bool | None = None, **changes: str | None) -> Ask:
        """A good request; keywords change one thing, None leaves it out."""
        params: dict[str, str | None] = {
            "client_id": self.registration.client_id,
            "response_type": "code",
            "redirect_uri": self.registration.redirect_uri,
            "scope": "openid",
            "state": secrets.token_urlsafe(24),
            "nonce": secrets.token_urlsafe(24),
            "response_mode": self.response_mode,
        }
        verifier = None
        if pkce if pkce is not None else self.registration.auth_method == "none":
            verifier = secrets.token_urlsafe(48)
            params["code_challenge"] = s256(verifier)
            params["code_challenge_method"] = "S256"
        params |= changes
        kept = {name: value for name, value in params.items() if value is not None}
        return Ask(self.metadata["authorization_endpoint"], kept, verifier)

    def receive(self, ask: Ask, departure: Departure) -> dict[str, str]:
        """What arrives at the redirect URI, held to G3, G4 and RFC 9207."""
        return reception.receive(self, ask, departure)

    def refused(self, ask: Ask, departure: Departure, *errors: str) -> dict[str, str]:
        """The client is told no, in one of these words."""
        params = self.receive(ask, departure)
        assert params.get("error") in errors, f"{params}, expected one of {errors}"
        return params

    def sign_in(
        self,
        browser: Browser,
        person: Person,
        *,
        pkce: bool | None = None,
        **changes: str | None,
    ) -> SignedIn:
        """The whole flow, as a person and a good client walk it."""
        ask = self.ask(pkce=pkce, **changes)
        return self.finish(ask, person.walk(browser, browser.open(ask.url)))

    def finish(self, ask: Ask, walk: Walk) -> SignedIn:
        """From the way back to the tokens."""
        reply = self.receive(ask, walk.departure)
        assert "code" in reply, reply
        answer = self.redeem(ask, reply["code"])
        tokens = answer_rules.token_answer(answer, kind=self.token_kind)
        done = SignedIn(ask, walk, reply, tokens)
        if "openid" not in ask.params.get("scope", "").split():
            assert "id_token" not in tokens, "OIDC Core §3.1.2.1: plain OAuth"
            return done
        return replace(done, claims=self.check_id_token(ask, tokens))

    def check_id_token(
        self, ask: Ask, tokens: dict[str, Any], *, asked: frozenset[str] = frozenset()
    ) -> dict[str, Any]:
        return answer_rules.id_token(
            tokens["id_token"],
            self.keys,
            issuer=self.issuer,
            client_id=self.registration.client_id,
            nonce=ask.params.get("nonce"),
            access_token=tokens["access_token"],
            asked=asked,
        )

    # --- the back channel ----------------------------------------------------

    def redeem(self, ask: Ask, code: str, **changes: str | None) -> requests.Response:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": ask.params.get("redirect_uri"),
            "code_verifier": ask.verifier,
        }
        return self.post("token_endpoint", **(form | changes))

    def refresh(self, token: str, **changes: str | None) -> requests.Response:
        form = {"grant_type": "refresh_token", "refresh_token": token}
        return self.post("token_endpoint", **(form | changes))

    def introspect(self, token: str, **changes: str | None) -> requests.Response:
        return self.post("introspection_endpoint", **({"token": token} | changes))

    def revoke(self, token: str, **changes: str | None) -> requests.Response:
        return self.post("revocation_endpoint", **({"token": token} | changes))

    def userinfo(self, access_token: str, *, by: str = "get") -> requests.Response:
        """The three ways of RFC 6750 §2 that userinfo takes: get, post, body."""
        url = self.metadata["userinfo_endpoint"]
        if by == "body":
            return self.http.post(url, data={"access_token": access_token})
        header = {"Authorization": f"Bearer {access_token}"}
        return self.http.request(by.upper(), url, headers=header)

    def post(self, endpoint: str, **form: str | None) -> requests.Response:
        """An authenticated call, by the method the client is registered for."""
        body = {name: value for name, value in form.items() if value is not None}
        headers, credentials = self.credentials()
        return self.http.post(
            self.metadata[endpoint], data=credentials | body, headers=headers
        )

    def credentials(self) -> tuple[dict[str, str], dict[str, str]]:
        """Headers and body members that prove who we are (OIDC Core §9)."""
        me = self.registration
        match me.auth_method:
            case "client_secret_basic":
                return {"Authorization": basic(me.client_id, me.client_secret)}, {}
            case "client_secret_post":
                assert me.client_secret is not None
                return {}, {
                    "client_id": me.client_id,
                    "client_secret": me.client_secret,
                }
            case "private_key_jwt" | "client_secret_jwt":
                assertion = self.assertion()
                return {}, {
                    "client_id": me.client_id,
                    "client_assertion_type": JWT_BEARER,
                    "client_assertion": assertion,
                }
            case _:
                return {}, {"client_id": me.client_id}

    def assertion(self, **changes: Any) -> str:
        """RFC 7523 §3; keywords change a claim, `header` the header."""
        me, now = self.registration, int(time.time())
        header = {"alg": me.key_algorithm} | changes.pop("header", {})
        if me.auth_method == "private_key_jwt":
            header.setdefault("kid", me.key.kid)
        claims = {
            "iss": me.client_id,
            "sub": me.client_id,
            "aud": self.issuer,
            "jti": secrets.token_urlsafe(16),
            "iat": now,
            "exp": now + 60,
        } | changes
        return sign(header, claims, me.key)

    # --- the end --------------------------------------------------------------

    def logout_url(self, **params: str | None) -> str:
        kept = {name: value for name, value in params.items() if value is not None}
        query = f"?{urlencode(kept)}" if kept else ""
        return self.metadata["end_session_endpoint"] + query


def s256(verifier: str) -> str:
    """RFC 7636 §4.2."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def basic(client_id: str, client_secret: str | None) -> str:
    """RFC 6749 §2.3.1: both halves are form-encoded before they are joined."""
    pair = f"{quote_plus(client_id)}:{quote_plus(client_secret or '')}"
    return "Basic " + base64.b64encode(pair.encode()).decode()
