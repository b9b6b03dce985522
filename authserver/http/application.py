"""The Flask application with the core in it, before any face is put on."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from flask import Flask

from authserver import services
from authserver.clock import Clock
from authserver.config import Settings
from authserver.http import language, letters
from authserver.models import db
from authserver.models.engines import engine_options, prepare

PACKAGE = Path(__file__).parents[1]


class Application(Flask):
    """Flask, told that none of our functions is a coroutine."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Give the function itself: to inspect a dozen a request takes its toll."""
        return func


def template_folder() -> str:
    """Find the templates: inside an installed wheel, or beside the package."""
    inside = PACKAGE / "_templates"
    return str(inside if inside.is_dir() else PACKAGE.parent / "templates")


def create_core(
    settings: Settings, *, clock: Clock | None = None, may_create_key: bool = False
) -> Flask:
    """Build what commands need: the core on its database, and its letters.

    Args:
        settings: What the operator decided; see ``config.load``.
        clock: A stopped one, in tests.
        may_create_key: See ``services.build``.

    Raises:
        ConfigError: The settings cannot work.
    """
    app = Application(PACKAGE.name, template_folder=template_folder())
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(
        settings.database_url, pool_size=settings.threads
    )
    app.jinja_env.policies["json.dumps_function"] = json.dumps
    db.init_app(app)
    with app.app_context():
        prepare(db.engine)
    app.extensions["services"] = services.build(
        settings,
        render=partial(letters.render, app),
        clock=clock,
        may_create_key=may_create_key,
    )
    language.init_app(app)
    return app
