"""The protocol face: its addresses, and who answers each."""

from flask import Blueprint, Flask, Response, request
from werkzeug.routing import Rule

from authserver.errors import AuthError, MethodNotAllowed
from authserver.http.answer import put_beside
from authserver.http.context import services, settings, this_request
from authserver.oidc import (
    authorize,
    backchannel,
    device,
    discovery,
    errors,
    logout,
    par,
    registration,
    session_state,
    ssf,
    token,
    userinfo,
)

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
    "/register",
    "/device_authorization",
    "/check-session",
    "/ssf",
    "/bc-authorize",
)
CROSS_ORIGIN = frozenset(
    {
        "oidc.par",
        "oidc.token",
        "oidc.userinfo",
        "oidc.revoke",
        "oidc.register",
        "oidc.read_client",
        "oidc.replace_client",
        "oidc.delete_client",
    }
)
"""What a page of another origin may call; never /authorize (RFC 9700 §2.6)."""

MAY_SEND = "Authorization, Content-Type, DPoP"
ANYBODY = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "DPoP-Nonce, WWW-Authenticate, X-Trace-Id"),
)
TAKES_PROOFS = frozenset({"oidc.par", "oidc.token", "oidc.userinfo"})

bp = Blueprint("oidc", __name__)
add = bp.add_url_rule

add("/authorize", "authorize", authorize.start, methods=["GET", "POST"])
add("/authorize/resume", "resume", authorize.resume, methods=["GET"])
add("/par", "par", par.par, methods=["POST"])
add("/token", "token", token.token, methods=["POST"])
add("/userinfo", "userinfo", userinfo.userinfo, methods=["GET", "POST"])
add("/introspect", "introspect", token.introspect, methods=["POST"])
add("/revoke", "revoke", token.revoke, methods=["POST"])
add(
    "/device_authorization",
    "device_authorization",
    device.device_authorization,
    methods=["POST"],
)
add("/bc-authorize", "bc_authorize", backchannel.bc_authorize, methods=["POST"])
add("/logout", "logout", logout.logout, methods=["GET", "POST"])
add("/register", "register", registration.register, methods=["POST"])
add("/register/<client_id>", "read_client", registration.read, methods=["GET"])
add("/register/<client_id>", "replace_client", registration.replace, methods=["PUT"])
add("/register/<client_id>", "delete_client", registration.delete, methods=["DELETE"])
add("/check-session", "check_session", session_state.check_session, methods=["GET"])

for _path in ssf.configuration_paths():
    add(_path, "ssf_configuration", ssf.configuration, methods=["GET"])
for _method, _path, _view in ssf.ROUTES:
    add(_path, f"ssf_{_view.__name__}", _view, methods=[_method])


@bp.after_request
def allow_origins(response: Response) -> Response:
    """Let browser apps call what needs no cookie (Fetch §3.2)."""
    came = this_request()
    if came.endpoint in CROSS_ORIGIN:
        put_beside(response, ANYBODY)
        if came.method == "OPTIONS":
            headers = response.headers
            headers["Access-Control-Allow-Headers"] = MAY_SEND
            headers["Access-Control-Allow-Methods"] = headers.get("Allow", "POST")
            headers["Access-Control-Max-Age"] = "600"
    return response


@bp.after_request
def give_nonce(response: Response) -> Response:
    """Give the nonce that the next proof must carry, where one must (RFC 9449 §8.2)."""
    if this_request().endpoint in TAKES_PROOFS and settings().dpop_nonce:
        response.headers["DPoP-Nonce"] = services().proofs.nonce()
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
    core = app.extensions["services"]
    app.wsgi_app = discovery.Prepared(app.wsgi_app, core)  # type: ignore[method-assign]
