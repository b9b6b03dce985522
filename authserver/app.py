"""create_app: the wiring, read top to bottom like a table of contents."""

from flask import Flask

from authserver import api, console, http, oidc, web
from authserver.clock import Clock
from authserver.config import Settings
from authserver.http import errors
from authserver.http.application import create_core

MAX_BODY_BYTES = 256 * 1024
MAX_FORM_PARTS = 100


def create_app(
    settings: Settings, *, clock: Clock | None = None, may_create_key: bool = False
) -> Flask:
    """Build the application: the core, and the faces over it.

    Takes and raises what ``create_core`` does.
    """
    app = create_core(settings, clock=clock, may_create_key=may_create_key)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.config["MAX_FORM_PARTS"] = MAX_FORM_PARTS
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.json.compact = True  # type: ignore[attr-defined]
    http.init_app(app)
    oidc.init_app(app)
    api.init_app(app)
    web.init_app(app)
    console.init_app(app)
    errors.init_app(
        app,
        [
            ("oidc", oidc.PATHS, oidc.render_error),
            ("api", api.PATHS, api.render_error),
            ("console", console.PATHS, console.render_error),
            ("web", ("/",), web.render_error),
        ],
    )
    return app
