"""What the faces share.  ``init_app`` puts the steps of every request in order."""

import time
from typing import cast

from flask import Flask, Response
from flask.ctx import _AppCtxGlobals as Noted
from flask.globals import app_ctx

from authserver.config import Settings
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

    The steps are handed the request and the settings: looked up through Flask's proxies
    by each of them, these would take longer than the steps themselves.
    """

    def settings() -> Settings:
        return cast("Settings", app.extensions["services"].settings)

    @app.before_request
    def begin() -> None:
        came, noted = context.this_request(), app_ctx.g
        _forget(noted)
        noted.began = time.perf_counter()
        trace.begin(came)
        context.note_device(came, settings())

    @app.after_request
    def end(response: Response) -> Response:
        came, chosen, noted = context.this_request(), settings(), app_ctx.g
        # First of all, so that a commit that fails is still an error of ours.
        unit_of_work.settle(response, noted)
        noting.send(noted)
        if fresh := noted.get("new_browser"):
            cookies.set_browser(response, fresh, chosen)
        headers.send(came, response, chosen)
        trace.send(response)
        cors.send(came, response, chosen)
        assets.keep(came, response)
        limits.send(response, noted)
        took = time.perf_counter() - noted.get("began", time.perf_counter())
        metrics.count(came, response, took)
        logs.note(came, response, took)
        return response

    paths.init_app(app)
    metrics.init_app(app)
    health.init_app(app)
    limits.init_app(app)
    assets.init_app(app)
    app.wsgi_app = TrustedProxies(  # type: ignore[method-assign]
        app.wsgi_app,
        settings().trusted_proxies,
        certificate_header=settings().client_cert_header,
    )


def _forget(noted: Noted) -> None:
    """Begin with nothing remembered.

    Flask gives a request the application context that is open, if one is, and with it
    what another request left in ``g``: who was signed in, and whether it was settled.
    """
    for name in list(noted):
        noted.pop(name)
