"""Guard a Flask application.

guard = ResourceServer(...)
protect = FlaskGuard(guard)
protect.init_app(app)

@app.get("/notes")
@protect("notes:read")
def notes():
return {"owner": access().subject}
"""

import functools
from collections.abc import Callable, Sequence
from typing import Any, cast

from flask import Flask, Response, g, jsonify, request

from authserver_rs.errors import Denied, Unreachable
from authserver_rs.guard import Access, Need, Request, ResourceServer

View = Callable[..., Any]


def access() -> Access:
    """Give whose token this request has, within a guarded view."""
    return cast("Access", g.access)


class FlaskGuard:
    """Decorates views, and serves the metadata of the resource."""

    def __init__(self, guard: ResourceServer) -> None:
        """Take what does the checks."""
        self.guard = guard

    def init_app(self, app: Flask) -> None:
        """Serve RFC 9728 metadata, and answer refusals."""
        metadata = self.guard.metadata
        app.add_url_rule(
            metadata.path, "protected_resource", lambda: jsonify(metadata.document())
        )
        app.register_error_handler(Denied, refuse)
        app.register_error_handler(Unreachable, unreachable)

    def __call__(
        self, *scopes: str, acr: Sequence[str] = (), max_age: int | None = None
    ) -> Callable[[View], View]:
        """Let only requests in that bring what is needed.

        Args:
            scopes: All of these.
            acr: One of these classes of authentication (RFC 9470).
            max_age: Seconds since the person last signed in.
        """
        need = Need(scopes, acr, max_age)

        def decorate(view: View) -> View:
            @functools.wraps(view)
            def guarded(*args: Any, **kwargs: Any) -> Any:
                g.access = self.guard.check(asked(), need)
                return view(*args, **kwargs)

            return guarded

        return decorate


def asked() -> Request:
    """Give the request at hand as the guard looks at it."""
    return Request(request.method, request.url, list(request.headers.items()))


def refuse(denied: Denied) -> Response:
    """Answer a refusal with its challenge."""
    response = jsonify(denied.body)
    response.status_code = denied.status
    for name, value in denied.headers:
        response.headers.add(name, value)
    return response


def unreachable(_: Unreachable) -> Response:
    """Answer that nothing can be said of the token now."""
    response = jsonify(error="temporarily_unavailable")
    response.status_code = 503
    response.headers["Retry-After"] = "5"
    return response
