"""The protocol face: its addresses, and who answers each."""

from flask import Blueprint, Flask, Response, request
from werkzeug.routing import Rule

from authserver.errors import AuthError, MethodNotAllowed
from authserver.oidc import authorize, discovery, errors, logout, par, token, userinfo

PATHS = (
    "/.well-known/",
    "/jwks",
    "/authorize",
    "/par",
    "/token",
    "/userinfo",
    "/introspect",
    "/revoke",
    "/logout",
)
CROSS_ORIGIN = frozenset({"oidc.par", "oidc.token", "oidc.userinfo", "oidc.revoke"})
"""What a page of another origin may call; never /authorize (RFC 9700 §2.6)."""

bp = Blueprint("oidc", __name__)
add = bp.add_url_rule

add("/authorize", "authorize", authorize.start, methods=["GET", "POST"])
add("/authorize/resume", "resume", authorize.resume, methods=["GET"])
add("/par", "par", par.par, methods=["POST"])
add("/token", "token", token.token, methods=["POST"])
add("/userinfo", "userinfo", userinfo.userinfo, methods=["GET", "POST"])
add("/introspect", "introspect", token.introspect, methods=["POST"])
add("/revoke", "revoke", token.revoke, methods=["POST"])
add("/logout", "logout", logout.logout, methods=["GET", "POST"])


@bp.after_request
def allow_origins(response: Response) -> Response:
    """Let browser apps call what needs no cookie (Fetch §3.2)."""
    if request.endpoint in CROSS_ORIGIN:
        headers = response.headers
        headers["Access-Control-Allow-Origin"] = "*"
        headers["Access-Control-Expose-Headers"] = "WWW-Authenticate, X-Trace-Id"
        if request.method == "OPTIONS":
            headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
            headers["Access-Control-Allow-Methods"] = headers.get("Allow", "POST")
            headers["Access-Control-Max-Age"] = "600"
    return response


def only_read() -> Response:
    """Refuse what ``discovery.Prepared`` did not answer: a method other than GET."""
    refusal = MethodNotAllowed(f"{request.method} on a document")
    refusal.headers = {"Allow": "GET, HEAD"}
    raise refusal


def render_error(error: AuthError) -> Response:
    """Answer a refusal in the protocol's own words."""
    return errors.render(error)


def init_app(app: Flask) -> None:
    """Add the protocol to the application."""
    app.register_blueprint(bp)
    app.view_functions["oidc.only_read"] = only_read
    for path in (discovery.OPENID, discovery.OAUTH, discovery.JWKS):
        # Without a list of methods, so that unheard-of ones come here too.
        app.url_map.add(Rule(path, endpoint="oidc.only_read"))
    services = app.extensions["services"]
    app.wsgi_app = discovery.Prepared(app.wsgi_app, services)  # type: ignore[method-assign]
