"""/.well-known and /jwks: metadata (OIDC Discovery §3, RFC 8414) and keys (RFC 7517).

The bytes are made once and answered before Flask begins; a client that has them gets
304 by ETag.  The keys are looked at every few seconds, so that a rotation shows.
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from authserver.core import acr, certificates
from authserver.core.client_metadata import AUTH_METHODS, KEY_ALGS, SECRET_ALGS
from authserver.core.scopes import CLAIMS_OF
from authserver.crypto import dpop
from authserver.http import language, trace
from authserver.oidc import mutual_tls
from authserver.oidc.response_modes import RESPONSE_MODES
from authserver.services import Services

METADATA_AGE_SECONDS = 300
JWKS_AGE_SECONDS = 60
OPENID = "/.well-known/openid-configuration"
OAUTH = "/.well-known/oauth-authorization-server"
JWKS = "/jwks"

StartResponse = Callable[..., Any]
WsgiApp = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]


def metadata(services: Services) -> dict[str, Any]:
    """Say what this server can do; nothing is said that a test has not seen work."""
    issuer = services.settings.issuer
    found: dict[str, Any] = _endings(services) | {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "userinfo_endpoint": f"{issuer}/userinfo",
        "jwks_uri": f"{issuer}/jwks",
        "introspection_endpoint": f"{issuer}/introspect",
        "revocation_endpoint": f"{issuer}/revoke",
        "pushed_authorization_request_endpoint": f"{issuer}/par",
        "require_pushed_authorization_requests": services.settings.require_par,
        "device_authorization_endpoint": f"{issuer}/device_authorization",
        "backchannel_authentication_endpoint": f"{issuer}/bc-authorize",
        "backchannel_user_code_parameter_supported": False,
        "end_session_endpoint": f"{issuer}/logout",
        "response_modes_supported": list(RESPONSE_MODES),
        **services.clients.offer().published(),
        **_client_authentication(services),
        "code_challenge_methods_supported": ["S256"],
        "dpop_signing_alg_values_supported": list(dpop.ALGORITHMS),
        "claims_supported": _claims(),
        "claim_types_supported": ["normal"],
        "acr_values_supported": _classes(services),
        "display_values_supported": ["page", "popup"],
        "prompt_values_supported": [
            "none",
            "login",
            "consent",
            "select_account",
            "create",
        ],
        "ui_locales_supported": list(language.LANGUAGES),
        "claims_parameter_supported": True,
        "request_parameter_supported": True,
        "request_uri_parameter_supported": True,
        "require_request_uri_registration": True,
        "require_signed_request_object": services.settings.require_signed_request,
        "authorization_response_iss_parameter_supported": True,
        **_of_apis(services),
    }
    if services.settings.registration != "off":
        found["registration_endpoint"] = f"{issuer}/register"
    if services.settings.client_id_documents:
        found["client_id_metadata_document_supported"] = True
    return found | mutual_tls.metadata(found, services.settings)


def _client_authentication(services: Services) -> dict[str, list[str]]:
    """Tell how clients prove themselves beside the token endpoint (RFC 8414 §2)."""
    without = certificates.unavailable(services.settings)
    ways = [way for way in AUTH_METHODS if way not in without]
    algs = [*KEY_ALGS, *SECRET_ALGS]
    return {
        "introspection_endpoint_auth_methods_supported": [
            way for way in ways if way != "none"
        ],
        "introspection_endpoint_auth_signing_alg_values_supported": algs,
        "revocation_endpoint_auth_methods_supported": ways,
        "revocation_endpoint_auth_signing_alg_values_supported": algs,
    }


def _of_apis(services: Services) -> dict[str, list[str]]:
    """Tell of the registered APIs (RFC 9728 §4, RFC 9396 §10)."""
    apis = services.resources.catalogue().published
    scopes = [scope for owned in apis.values() for scope in owned]
    said = {
        "scopes_supported": [*CLAIMS_OF, *scopes],
        "protected_resources": list(apis),
        "authorization_details_types_supported": list(services.detail_types.known()),
    }
    return {name: values for name, values in said.items() if values}


def _classes(services: Services) -> list[str]:
    """Name the classes that somebody can reach here: passkeys need a host's name."""
    known = list(acr.CLASSES)
    return known if services.passkeys.are_possible else known[:-1]


def _endings(services: Services) -> dict[str, Any]:
    """Say how apps learn that a session has ended."""
    channels = ("backchannel", "frontchannel")
    said: dict[str, Any] = {
        f"{channel}_logout_{what}supported": True
        for channel in channels
        for what in ("", "session_")
    }
    if services.settings.session_management:
        issuer = services.settings.issuer
        said["check_session_iframe"] = f"{issuer}/check-session"
    return said


def _claims() -> list[str]:
    of_scopes = [claim for claims in CLAIMS_OF.values() for claim in claims]
    return [*of_scopes, "iss", "aud", "exp", "iat", "auth_time", "acr", "amr", "sid"]


class Prepared:
    """Answers the three documents from bytes, in front of the application."""

    def __init__(self, app: WsgiApp, services: Services) -> None:
        """Stand in front of ``app``."""
        self.app = app
        self.services = services
        # RFC 8414 §3: with a path in the issuer the well-known part goes before it.
        prefix = urlsplit(services.settings.issuer).path
        self.paths = {
            OPENID: METADATA_AGE_SECONDS,
            OAUTH: METADATA_AGE_SECONDS,
            f"{OAUTH}{prefix}": METADATA_AGE_SECONDS,
            JWKS: JWKS_AGE_SECONDS,
        }
        self.version: object = None
        self.documents: dict[bool, tuple[bytes, str]] = {}

    def __call__(
        self, environ: dict[str, Any], start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer, or hand on."""
        path = environ["PATH_INFO"]
        age = self.paths.get(path)
        method = environ["REQUEST_METHOD"]
        if age is None or method not in ("GET", "HEAD"):
            return self.app(environ, start_response)
        body, tag = self._document(is_jwks=path == JWKS)
        headers = [
            ("Content-Type", "application/json"),
            ("Cache-Control", f"public, max-age={age}"),
            ("ETag", tag),
            ("Access-Control-Allow-Origin", "*"),
            ("X-Content-Type-Options", "nosniff"),
            ("X-Trace-Id", trace.new()),
        ]
        if environ.get("HTTP_IF_NONE_MATCH") == tag:
            start_response("304 Not Modified", headers)
            return [b""]
        headers.append(("Content-Length", str(len(body))))
        start_response("200 OK", headers)
        return [b"" if method == "HEAD" else body]

    def _document(self, *, is_jwks: bool) -> tuple[bytes, str]:
        ring = self.services.keys.ring()
        apis = self.services.resources.catalogue().published
        version = (ring.version, apis, list(self.services.detail_types.known()))
        if version != self.version:
            self.documents = {
                True: _prepare(ring.jwks()),
                False: _prepare(metadata(self.services)),
            }
            self.version = version
        return self.documents[is_jwks]


def _prepare(document: dict[str, Any]) -> tuple[bytes, str]:
    body = json.dumps(document, separators=(",", ":")).encode()
    return body, f'"{hashlib.sha256(body).hexdigest()[:32]}"'
