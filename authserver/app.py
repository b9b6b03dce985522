"""create_app: the wiring, read top to bottom like a table of contents."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from flask import Flask

from authserver import api, console, http, oidc, services, web
from authserver.clock import Clock
from authserver.config import Settings
from authserver.http import errors, language
from authserver.models import db
from authserver.models.engines import engine_options, prepare

MAX_BODY_BYTES = 256 * 1024
MAX_FORM_PARTS = 100
PACKAGE = Path(__file__).parent


class Application(Flask):
    """Flask, told that none of our functions is a coroutine."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Give the function itself: to inspect a dozen a request takes its toll."""
        return func


def template_folder() -> str:
    """Find the templates: inside an installed wheel, or beside the package."""
    inside = PACKAGE / "_templates"
    return str(inside if inside.is_dir() else PACKAGE.parent / "templates")


def create_app(
    settings: Settings, *, clock: Clock | None = None, may_create_key: bool = False
) -> Flask:
    """Build the application.

    Args:
        settings: What the operator decided; see ``config.load``.
        clock: A stopped one, in tests.
        may_create_key: See ``services.build``.

    Raises:
        ConfigError: The settings cannot work.
    """
    app = Application(__name__, template_folder=template_folder())
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(
        settings.database_url, pool_size=settings.threads
    )
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.config["MAX_FORM_PARTS"] = MAX_FORM_PARTS
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.json.compact = True  # type: ignore[attr-defined]
    app.jinja_env.policies["json.dumps_function"] = json.dumps
    db.init_app(app)
    with app.app_context():
        prepare(db.engine)
    app.extensions["services"] = services.build(
        settings,
        render=partial(language.render_letter, app),
        clock=clock,
        may_create_key=may_create_key,
    )
    http.init_app(app)
    language.init_app(app)
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
