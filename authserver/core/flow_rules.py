"""Which parameter a refusal is about, and which section of which document says so."""

import re
from collections.abc import Mapping

AUTHORIZATION, TOKEN = "RFC 6749 §4.1.1", "RFC 6749 §4.1.3"

SECTIONS: Mapping[str, str] = {
    "client_id": "RFC 6749 §2.2",
    "client_secret": "RFC 6749 §2.3.1",
    "Authorization": "RFC 6749 §2.3.1",
    "client_assertion": "RFC 7523 §3",
    "client_assertion_type": "RFC 7523 §2.2",
    "client certificate": "RFC 8705 §2",
    "response_type": "RFC 6749 §3.1.1",
    "response_mode": "OAuth 2.0 Multiple Response Types §2.1",
    "redirect_uri": "RFC 6749 §3.1.2.3",
    "post_logout_redirect_uri": "OpenID Connect RP-Initiated Logout §3",
    "scope": "RFC 6749 §3.3",
    "state": AUTHORIZATION,
    "nonce": "OpenID Connect Core §3.2.2.1",
    "code_challenge": "RFC 7636 §4.3",
    "code_challenge_method": "RFC 7636 §4.3",
    "code_verifier": "RFC 7636 §4.6",
    "prompt": "OpenID Connect Core §3.1.2.1",
    "max_age": "OpenID Connect Core §3.1.2.1",
    "id_token_hint": "OpenID Connect Core §3.1.2.1",
    "acr_values": "OpenID Connect Core §5.5.1.1",
    "claims": "OpenID Connect Core §5.5",
    "request": "RFC 9101 §6",
    "request_uri": "RFC 9126 §4",
    "resource": "RFC 8707 §2",
    "audience": "RFC 8693 §2.1",
    "authorization_details": "RFC 9396 §5",
    "dpop_jkt": "RFC 9449 §10",
    "DPoP": "RFC 9449 §4.3",
    "grant_type": "RFC 6749 §5.2",
    "code": TOKEN,
    "refresh_token": "RFC 6749 §6",
    "device_code": "RFC 8628 §3.4",
    "auth_req_id": "OpenID CIBA §10.1",
    "binding_message": "OpenID CIBA §7.1",
    "user_code": "OpenID CIBA §7.1",
    "requested_expiry": "OpenID CIBA §7.1",
    "client_notification_token": "OpenID CIBA §7.1",
    "login_hint_token": "OpenID CIBA §7.1",
    "hints": "OpenID CIBA §7.1",
    "subject_token": "RFC 8693 §2.1",
    "subject_token_type": "RFC 8693 §2.1",
    "actor_token": "RFC 8693 §2.1",
    "actor_token_type": "RFC 8693 §2.1",
    "requested_token_type": "RFC 8693 §2.1",
    "token": "RFC 7009 §2.1",
}
"""Where each parameter is written down; what a refusal is about is one of these."""

AT_TOKEN: Mapping[str, str] = {"redirect_uri": TOKEN, "scope": "RFC 6749 §6"}
"""What is written elsewhere of a parameter at the token endpoint."""

OF_ERRORS: Mapping[str, tuple[str | None, str]] = {
    "invalid_client": ("client_id", "RFC 6749 §5.2"),
    "invalid_scope": ("scope", "RFC 6749 §3.3"),
    "unauthorized_client": ("client_id", "RFC 6749 §5.2"),
    "unsupported_grant_type": ("grant_type", "RFC 6749 §5.2"),
    "unsupported_response_type": ("response_type", "RFC 6749 §4.1.2.1"),
    "invalid_target": ("resource", "RFC 8707 §2"),
    "invalid_authorization_details": ("authorization_details", "RFC 9396 §5"),
    "invalid_dpop_proof": ("DPoP", "RFC 9449 §5"),
    "invalid_request_uri": ("request_uri", "RFC 9101 §7"),
    "invalid_request_object": ("request", "RFC 9101 §7"),
    "request_not_supported": ("request", "OpenID Connect Core §3.1.2.6"),
    "request_uri_not_supported": ("request_uri", "OpenID Connect Core §3.1.2.6"),
    "login_required": ("prompt", "OpenID Connect Core §3.1.2.6"),
    "consent_required": ("prompt", "OpenID Connect Core §3.1.2.6"),
    "interaction_required": ("prompt", "OpenID Connect Core §3.1.2.6"),
    "account_selection_required": ("prompt", "OpenID Connect Core §3.1.2.6"),
    "unmet_authentication_requirements": ("acr_values", "RFC 9470 §5"),
    "access_denied": (None, "RFC 6749 §4.1.2.1"),
    "expired_token": ("device_code", "RFC 8628 §3.5"),
    "unknown_user_id": ("hints", "OpenID CIBA §13"),
    "unsupported_token_type": ("token", "RFC 7009 §2.2.1"),
    "server_error": (None, "RFC 6749 §4.1.2.1"),
    "temporarily_unavailable": (None, "RFC 6749 §4.1.2.1"),
}
"""By the word that was sent, where its text names nothing: parameter and section."""

ALIASES: Mapping[str, str] = {
    "client_secret_basic": "Authorization",
    "client_secret_post": "client_secret",
    "refresh token": "refresh_token",
    "request object": "request",
    "signed request": "request",
    "assertion": "client_assertion",
    "certificate": "client certificate",
    "proof": "DPoP",
    "DPoP key": "DPoP",
    "grant type": "grant_type",
    "such code": "code",
    "code expired": "code",
    "acr": "acr_values",
}
"""What our own words call a parameter."""

_NAMES = {**{name: name for name in SECTIONS}, **ALIASES}
_ORDERED = sorted(_NAMES, key=len, reverse=True)
_NAMED = re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, _ORDERED))})(?![\w-])")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
DOCUMENTS: Mapping[str, str] = {
    "OpenID Connect Core": "openid-connect-core-1_0.html",
    "OpenID Connect RP-Initiated Logout": "openid-connect-rpinitiated-1_0.html",
    "OpenID CIBA": "openid-client-initiated-backchannel-authentication-core-1_0.html",
    "OAuth 2.0 Multiple Response Types": "oauth-v2-multiple-response-types-1_0.html",
}


def locate(
    detail: str, public: str, error: str, endpoint: str
) -> tuple[str | None, str]:
    """Say which parameter a refusal is about, and which section has it.

    Our own words name it: the private ones first, then the public ones.  What is quoted
    in them came from the caller, and names nothing.

    Args:
        detail: Why, for the log.
        public: What was told.
        error: The registered word.
        endpoint: Where it happened.
    """
    usual, section = OF_ERRORS.get(error, (None, ""))
    if error.endswith("_required"):
        return usual, section  # what prompt=none is answered with
    for text in (detail, public):
        if found := _NAMED.search(_QUOTED.sub("", text)):
            name = _NAMES[found[1]]
            there = AT_TOKEN.get(name) if endpoint == "/token" else None
            return name, there or SECTIONS[name]
    return usual, section or _of_endpoint(endpoint)


def _of_endpoint(endpoint: str) -> str:
    at_authorization = endpoint.startswith("/authorize")
    return "RFC 6749 §4.1.2.1" if at_authorization else "RFC 6749 §5.2"


def link(section: str) -> str | None:
    """Give the address of a section, as ``SECTIONS`` writes one."""
    document, _, number = section.partition(" §")
    if document.startswith("RFC "):
        return f"https://www.rfc-editor.org/rfc/rfc{document[4:]}#section-{number}"
    page = DOCUMENTS.get(document)
    return f"https://openid.net/specs/{page}#rfc.section.{number}" if page else None
