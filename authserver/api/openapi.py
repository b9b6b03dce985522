"""The OpenAPI document's frame: info, security, shared schemas; smorest fills the rest."""

from typing import Any

from flask import Flask
from flask_smorest import Api
from marshmallow import Schema, fields

from authserver import __version__

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

    def _register_error_handlers(self) -> None:
        """Nothing: see ``http/errors``."""


def create(app: Flask) -> Api:
    """Set flask-smorest up, with the document at /openapi.json."""
    app.config["API_TITLE"] = "authserver"
    app.config["API_VERSION"] = __version__
    app.config["OPENAPI_VERSION"] = "3.1.0"
    app.config["OPENAPI_URL_PREFIX"] = "/"
    app.config["OPENAPI_JSON_PATH"] = "openapi.json"
    api = QuietApi(app, spec_kwargs=FRAME)
    api.spec.components.schema("Refusal", schema=Refusal)
    return api
