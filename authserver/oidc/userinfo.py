"""GET and POST /userinfo (OIDC Core §5.3)."""

from flask import Response, jsonify

from authserver.http.context import services
from authserver.oidc import bearer


def userinfo() -> Response:
    """Give the claims that the access token opens."""
    came = bearer.read()
    return jsonify(services().checks.userinfo(came.token, shown=came.shown))
