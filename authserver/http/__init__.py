"""What the faces share.  ``init_app`` puts the steps of every request in order."""

from flask import Flask, Response, g

from authserver.http import (
    assets,
    context,
    cookies,
    cors,
    headers,
    health,
    limits,
    logs,
    metrics,
    noting,
    paths,
    trace,
    unit_of_work,
)
from authserver.http.proxies import TrustedProxies


def init_app(app: Flask) -> None:
    """Wire the steps around every view.

    Flask runs after_request functions in reverse: the unit of work, named last, is the
    first to see the answer, so that a commit that fails is still an error of ours.
    """
    settings = app.extensions["services"].settings
    app.before_request(_forget)
    app.before_request(trace.begin)
    app.before_request(context.note_device)
    paths.init_app(app)
    logs.init_app(app)
    metrics.init_app(app)
    health.init_app(app)
    limits.init_app(app)
    assets.init_app(app)
    cors.init_app(app)
    app.after_request(trace.send)
    app.after_request(headers.send)
    app.after_request(_send_browser_cookie)
    app.after_request(noting.send)
    app.after_request(unit_of_work.settle)
    app.wsgi_app = TrustedProxies(  # type: ignore[method-assign]
        app.wsgi_app,
        settings.trusted_proxies,
        certificate_header=settings.client_cert_header,
    )


def _send_browser_cookie(response: Response) -> Response:
    if fresh := g.get("new_browser"):
        cookies.set_browser(response, fresh, context.settings())
    return response


def _forget() -> None:
    """Begin with nothing remembered.

    Flask gives a request the application context that is open, if one is, and with it
    what another request left in ``g``: who was signed in, and whether it was settled.
    """
    for name in list(g):
        g.pop(name)
