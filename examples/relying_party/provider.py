"""OpenID Connect as a relying party speaks it; knows nothing of Flask.

Discovery, the code flow with PKCE, state and nonce (OpenID Connect Core §3.1,
RFC 7636), refresh (RFC 6749 §6) and RP-Initiated Logout, over the standard
library's HTTP and joserfc's signatures.
"""

import base64
import hashlib
import json
import time
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.parse import quote_plus, urlencode, urlsplit
from urllib.request import ProxyHandler, Request, build_opener

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]  # never "none", never a shared key
SCOPE = "openid profile email offline_access"
LEEWAY = 60  # seconds by which two clocks may differ


class SigninFailed(Exception):
    """The provider refused, could not be reached, or said what we do not believe."""


class Provider:
    """The authorization server, as this client sees it."""

    def __init__(self, *, issuer, client_id, client_secret, base_url):
        self.issuer, self.base_url = issuer, base_url
        self.client_id, self.client_secret = client_id, client_secret
        # A loopback issuer is never behind the proxy that the environment names.
        loopback = urlsplit(issuer).hostname in {"127.0.0.1", "::1", "localhost"}
        self._http = build_opener(*([ProxyHandler({})] if loopback else []))
        self._metadata, self._keys = None, None

    @property
    def metadata(self):
        """What the server says of itself (OpenID Connect Discovery §4)."""
        if self._metadata is None:
            found = self._call(f"{self.issuer}/.well-known/openid-configuration")
            if found.get("issuer") != self.issuer:
                raise SigninFailed("the discovery document names another issuer")
            self._metadata = found
        return self._metadata

    def authorization_url(self, *, state, nonce, verifier):
        """Where to send the browser (Core §3.1.2.1, RFC 7636 §4.3)."""
        digest = hashlib.sha256(verifier.encode()).digest()
        ask = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": f"{self.base_url}/callback",
            "scope": SCOPE,
            "state": state,
            "nonce": nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        return f"{self.metadata['authorization_endpoint']}?{urlencode(ask)}"

    def speaks_as(self, iss):
        """Is the `iss` of an answer this server's (RFC 9207 §2.4)?"""
        promised = self.metadata.get("authorization_response_iss_parameter_supported")
        return iss == self.issuer or (iss is None and not promised)

    def redeem(self, code, *, nonce, verifier):
        """Trade the code for tokens, and ask who this is (Core §3.1.3, §5.3)."""
        tokens = self._token(
            grant_type="authorization_code",
            code=code,
            redirect_uri=f"{self.base_url}/callback",
            code_verifier=verifier,
        )
        claims = self._believe(tokens.get("id_token", ""))
        if claims.get("nonce") != nonce:
            raise SigninFailed("the ID token answers another sign-in")
        return self._signed_in(tokens, claims)

    def refresh(self, signed_in):
        """New tokens for the refresh token; the old one is spent (RFC 6749 §6)."""
        tokens = self._token(
            grant_type="refresh_token", refresh_token=signed_in["refresh_token"]
        )
        claims = signed_in["id_claims"]
        if "id_token" in tokens:  # need not come again (Core §12.2)
            claims = self._believe(tokens["id_token"])
            if claims["sub"] != signed_in["id_claims"]["sub"]:
                raise SigninFailed("the refreshed ID token is about somebody else")
        return self._signed_in({**signed_in, **tokens}, claims)

    def logout_url(self, signed_in, *, state):
        """Where to end the session at the provider too (RP-Initiated Logout §2)."""
        end = self.metadata.get("end_session_endpoint")
        if end is None:
            return f"{self.base_url}/signed-out"
        ask = {
            "id_token_hint": signed_in["id_token"],
            "client_id": self.client_id,
            "post_logout_redirect_uri": f"{self.base_url}/signed-out",
            "state": state,
        }
        return f"{end}?{urlencode(ask)}"

    def _signed_in(self, tokens, claims):
        bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
        info = self._call(self.metadata["userinfo_endpoint"], headers=bearer)
        if info.get("sub") != claims["sub"]:  # Core §5.3.2
            raise SigninFailed("userinfo is about somebody else")
        kept = ("access_token", "refresh_token", "id_token", "scope")
        return {
            **{name: tokens[name] for name in kept if name in tokens},
            "id_claims": claims,
            "claims": info,
            "expires_at": time.time() + int(tokens.get("expires_in", 0)),
        }

    def _believe(self, id_token):
        """Check an ID token as Core §3.1.3.7 says, line by line."""
        token = self._verified(id_token) or self._verified(id_token, look_again=True)
        if token is None:
            raise SigninFailed("the ID token is not signed by the issuer")
        expected = {
            "iss": {"essential": True, "value": self.issuer},
            "aud": {"essential": True, "value": self.client_id},
            "sub": {"essential": True},
            "exp": {"essential": True},
            "iat": {"essential": True},
        }
        try:
            jwt.JWTClaimsRegistry(leeway=LEEWAY, **expected).validate(token.claims)
        except JoseError as fault:
            raise SigninFailed(f"the ID token is not for us: {fault}") from fault
        if token.claims.get("azp", self.client_id) != self.client_id:
            raise SigninFailed("the ID token was issued to another client")
        return token.claims

    def _verified(self, id_token, *, look_again=False):
        """Check the signature; the server may have a new key since we last looked."""
        if self._keys is None or look_again:
            self._keys = KeySet.import_key_set(self._call(self.metadata["jwks_uri"]))
        try:
            return jwt.decode(id_token, self._keys, algorithms=ALGORITHMS)
        except (JoseError, ValueError):
            return None

    def _token(self, **form):
        """Ask the token endpoint, as ourselves (RFC 6749 §2.3.1)."""
        headers = {}
        if self.client_secret:
            pair = f"{quote_plus(self.client_id)}:{quote_plus(self.client_secret)}"
            headers["Authorization"] = (
                f"Basic {base64.b64encode(pair.encode()).decode()}"
            )
        else:
            form["client_id"] = self.client_id
        return self._call(self.metadata["token_endpoint"], form=form, headers=headers)

    def _call(self, url, *, form=None, headers=None):
        body = urlencode(form).encode() if form else None
        ask = Request(
            url, data=body, headers={"Accept": "application/json", **(headers or {})}
        )
        try:
            with self._http.open(ask, timeout=10) as answer:
                return json.load(answer)
        except HTTPError as refusal:
            with refusal:
                words = refusal.read(4096).decode(errors="replace")
            raise SigninFailed(
                f"the server answered {refusal.code}: {words}"
            ) from refusal
        except (OSError, HTTPException, ValueError) as fault:
            raise SigninFailed(f"{self.issuer} does not answer as expected") from fault
