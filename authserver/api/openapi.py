"""The OpenAPI document's frame: info, security, shared schemas; smorest fills the rest."""

import json
import threading
from typing import Any

from flask import Flask, Response
from flask_smorest import Api
from marshmallow import Schema, fields

from authserver import __version__
from authserver.api.reading import Group

FRAME: dict[str, Any] = {
    "info": {
        "description": "Accounts, sessions, second factors and administration as JSON. "
        "Every answer has the same envelope; refusals carry a stable `AUTH_nnn` code.",
    },
    "components": {
        "securitySchemes": {
            "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
            "cookie": {"type": "apiKey", "in": "cookie", "name": "__Host-access"},
        }
    },
}


class Fault(Schema):
    """One wrong field."""

    field = fields.String(required=True)
    code = fields.String(required=True)
    message = fields.String(required=True)


class Refusal(Schema):
    """What every refusal looks like."""

    success = fields.Boolean(required=True, metadata={"example": False})
    code = fields.String(required=True, metadata={"example": "AUTH_002"})
    message = fields.String(required=True)
    errors = fields.List(fields.Nested(Fault), required=True)
    data = fields.Raw(allow_none=True)
    traceId = fields.String(required=True)  # noqa: N815 -- the wire's spelling


class QuietApi(Api):  # type: ignore[misc]
    """flask-smorest without its error handler: refusals are rendered in one place."""

    ERROR_SCHEMA = Refusal

    def __init__(self, app: Flask, **options: Any) -> None:
        """Begin with no groups."""
        self._groups: list[Group] = []
        self._lock = threading.Lock()
        self._document = ""
        super().__init__(app, **options)

    def _register_error_handlers(self) -> None:
        """Nothing: see ``http/errors``."""

    def register_group(self, group: Group) -> None:
        """Add a group; in the document it is known by its tag."""
        if not group.url_prefix:
            # The second mount of C28: the same views, told of once.
            self._app.register_blueprint(group)
            return
        known = self._app.extensions["flask-smorest"]["blp_name_to_api"]
        known[group.name] = self
        self._app.register_blueprint(group)
        self._groups.append(group)

    def _openapi_json(self) -> Response:
        """Give the document, written once somebody asks: that takes longer than a start."""
        with self._lock:
            if not self._document:
                for group in self._groups:
                    self._tell_of(group)
                self._document = json.dumps(self.spec.to_dict(), indent=2)
        return Response(self._document, mimetype="application/json")

    def _tell_of(self, group: Group) -> None:
        group.register_views_in_doc(
            self, self._app, self.spec, name=group.name, parameters=None
        )
        self.spec.tag({"name": group.tag, "description": group.description})


def create(app: Flask) -> QuietApi:
    """Set flask-smorest up, with the document at /openapi.json."""
    app.config["API_TITLE"] = "authserver"
    app.config["API_VERSION"] = __version__
    app.config["OPENAPI_VERSION"] = "3.1.0"
    app.config["OPENAPI_URL_PREFIX"] = "/"
    app.config["OPENAPI_JSON_PATH"] = "openapi.json"
    return QuietApi(app, spec_kwargs=FRAME)
