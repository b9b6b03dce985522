"""The Flask application with the core in it, before any face is put on."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Request
from werkzeug.routing import MapAdapter

from authserver import services
from authserver.clock import Clock
from authserver.config import Settings
from authserver.http import language, letters
from authserver.http.answer import Answer
from authserver.models import db
from authserver.models.engines import engine_options, prepare

PACKAGE = Path(__file__).parents[1]


class Application(Flask):
    """Flask, told what all our requests and answers have in common."""

    response_class = Answer

    def __init__(self, *, issuer: str) -> None:
        """Take where we are: settings say it, and no Host header."""
        super().__init__(PACKAGE.name, template_folder=template_folder())
        self.home = urlsplit(issuer)

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Give the function itself: to inspect a dozen a request takes its toll."""
        return func

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Bind the routes to a request; we have one host, and no names below it."""
        if request is None:
            return None
        environ = request.environ
        return MapAdapter(
            self.url_map,
            server_name=self.home.netloc,
            script_name=request.root_path,
            subdomain="",
            url_scheme=self.home.scheme,
            path_info=_utf8(environ.get("PATH_INFO", "")),
            default_method=request.method,
            query_args=_utf8(environ.get("QUERY_STRING", "")),
        )


def _utf8(text: str) -> str:
    """Read a string of WSGI, whose letters are bytes (PEP 3333)."""
    return text.encode("latin-1").decode(errors="replace")


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
    app = Application(issuer=settings.issuer)
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
