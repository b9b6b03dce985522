"""GET and POST /userinfo (OIDC Core §5.3)."""

from flask import Response, jsonify

from authserver.http.context import services
from authserver.oidc import bearer


def userinfo() -> Response:
    """Give the claims that the access token opens, in the form the client registered."""
    came = bearer.read()
    told = services().userinfo.answer(came.token, shown=came.shown)
    if isinstance(told, str):
        return Response(told, mimetype="application/jwt")
    return jsonify(told)
