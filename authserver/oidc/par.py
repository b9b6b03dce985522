"""POST /par: pushed authorization requests (RFC 9126)."""

from flask import Response, jsonify

from authserver.http.context import services
from authserver.oidc import asking, client_auth, sender, sources
from authserver.oidc.server import read_form

CREDENTIALS = frozenset({"client_secret", "client_assertion", "client_assertion_type"})
"""What proves the client and is no part of its request: never stored."""


def par() -> Response:
    """Check a request as /authorize would, keep it, and give its name.

    The client proves itself as at /token (RFC 9126 §2.1); so whatever is wrong is
    told to it at once, and the browser carries a name that nobody can guess.
    """
    form = read_form()
    seen = sender.shown()
    app = client_auth.authenticate(form).app
    sent = {name: one for name, one in form.form.items() if name not in CREDENTIALS}
    asked = sources.pushed(app, sent | {"client_id": app.client_id})
    params = sender.bind_request(asked.params, seen)
    asking.check(params, app, services().clock.now())
    request_uri, seconds = services().pushed_requests.push(app, params)
    response = jsonify(request_uri=request_uri, expires_in=seconds)
    response.status_code = 201
    response.headers["Cache-Control"] = "no-store"
    return response
