"""The JSON face: everything under /v1."""

from flask import Flask, Response, jsonify

from authserver.errors import AuthError
from authserver.http import trace

PATHS = ("/v1/",)


def render_error(error: AuthError) -> Response:
    """Answer a refusal as the envelope (C2)."""
    body = {
        "success": False,
        "code": error.number,
        "message": error.public,
        "errors": [
            {"field": name, "code": error.code, "message": text}
            for name, said in error.fields.items()
            for text in said
        ],
        "traceId": trace.current(),
    }
    response = jsonify(body)
    response.status_code = error.status
    return response


def init_app(app: Flask) -> None:
    """Add the endpoints."""
