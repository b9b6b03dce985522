"""A refusal as RFC 6749 §5.2 JSON or as RFC 6750 §3 header; Authlib's errors as ours."""

from authlib.oauth2 import OAuth2Error
from flask import Response, jsonify, request

from authserver.errors import (
    AuthError,
    Gone,
    InvalidClient,
    InvalidGrant,
    InvalidProof,
    InvalidRedirect,
    InvalidScope,
    InvalidToken,
    UnauthorizedClient,
    UnsupportedGrant,
    UnsupportedResponseType,
)
from authserver.http.pages import error_page
from authserver.oidc import bearer

PAGES = ("/authorize", "/logout")
"""What a browser shows: here a refusal without a trusted redirect is a page."""

RESOURCES = ("/userinfo", "/ssf/")
"""What is called with an access token."""

FROM_AUTHLIB: dict[str, type[AuthError]] = {
    "invalid_client": InvalidClient,
    "invalid_grant": InvalidGrant,
    "invalid_scope": InvalidScope,
    "unauthorized_client": UnauthorizedClient,
    "unsupported_grant_type": UnsupportedGrant,
    "unsupported_response_type": UnsupportedResponseType,
}


def from_authlib(error: OAuth2Error) -> AuthError:
    """Give the refusal of our tree; the library's text goes to the log alone."""
    return FROM_AUTHLIB.get(error.error, AuthError)(str(error.description))


def render(error: AuthError) -> Response:
    """Answer a refusal at a protocol address."""
    is_page = request.path.startswith(PAGES)
    if isinstance(error, Gone):
        # A client that has just been deleted hears what one hears that never was.
        error = (InvalidRedirect if is_page else InvalidClient)(error.detail)
    if is_page:
        return error_page(error, is_technical=True)
    return as_json(error)


def as_json(error: AuthError) -> Response:
    """RFC 6749 §5.2: 400 or 401, a registered word, one safe sentence."""
    body = {"error": error.oauth, "error_description": error.public}
    response = jsonify(body)
    response.status_code = 400 if error.status == 422 else error.status
    response.headers["Cache-Control"] = "no-store"
    is_resource = request.path.startswith(RESOURCES) or isinstance(error, InvalidToken)
    if is_resource and isinstance(error, InvalidProof):
        response.status_code = 401  # RFC 9449 §7.1; 400 at the token endpoint (§5)
    if is_resource and response.status_code in (400, 401, 403):
        for challenge in bearer.challenges(error):
            response.headers.add("WWW-Authenticate", challenge)
    return response
