"""/docs and /api/docs: the reference to read and try, offline (C24).

Swagger UI comes from its package; nothing is fetched from anybody else, and its page
runs under the same policy as all others.
"""

from pathlib import Path

import flask_swagger_ui
from flask import Blueprint, Flask, Response, send_from_directory

from authserver.http.pages import render

ASSETS = Path(flask_swagger_ui.__file__).with_name("dist")
FILES = frozenset(
    {
        "swagger-ui.css",
        "index.css",
        "swagger-ui-bundle.js",
    }
)

bp = Blueprint("api-reference", __name__)


def show() -> Response:
    """Show the reference."""
    return render("api/reference.html")


def asset(name: str) -> Response:
    """Give a file of Swagger UI."""
    return send_from_directory(ASSETS, name, max_age=86400)


bp.add_url_rule("/docs", "docs", show)
bp.add_url_rule("/api/docs", "api_docs", show)
for one in sorted(FILES):
    bp.add_url_rule(
        f"/docs/{one}", one.replace(".", "_"), asset, defaults={"name": one}
    )


def init_app(app: Flask) -> None:
    """Add the pages."""
    app.register_blueprint(bp)
