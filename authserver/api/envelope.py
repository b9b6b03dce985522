"""The one shape of every /v1 answer (C2): success, code, message, data, traceId.

A front end of either seed reads it unchanged.  ``Accept: application/problem+json``
gives refusals as RFC 9457 instead.
"""

from functools import lru_cache
from typing import Any

from flask import Response, jsonify, request
from flask_babel import gettext
from marshmallow import Schema, fields

from authserver.errors import AuthError
from authserver.http import trace

PROBLEM = "application/problem+json"
OK = "OK"
CHALLENGE = 'Bearer realm="authserver"'
"""What a 401 must name (RFC 9110 §15.5.2)."""


def wrap(data: Any, *, message: str = "") -> dict[str, Any]:
    """Put a result into the envelope."""
    return {
        "success": True,
        "code": OK,
        "message": message or gettext("Done."),
        "data": data,
        "traceId": trace.current(),
    }


@lru_cache(maxsize=256)
def schema_of(gives: type[Schema] | None, *, many: bool = False) -> type[Schema]:
    """Give the schema of an envelope around a result, for the answer and the docs."""
    data = fields.Nested(gives, many=many) if gives else fields.Raw(allow_none=True)
    parts = {
        "success": fields.Boolean(required=True, metadata={"example": True}),
        "code": fields.String(required=True, metadata={"example": OK}),
        "message": fields.String(required=True),
        "data": data,
        "traceId": fields.String(required=True),
    }
    name = f"{gives.__name__ if gives else 'Nothing'}{'List' if many else ''}Envelope"
    return Schema.from_dict(parts, name=name)  # type: ignore[arg-type]


def render_error(error: AuthError) -> Response:
    """Answer a refusal as the envelope, or as RFC 9457 when that is asked for."""
    faults = [
        {"field": name, "code": error.code, "message": gettext(text)}
        for name, said in error.fields.items()
        for text in said
    ]
    message = gettext(error.public)
    if request.accept_mimetypes.best_match(["application/json", PROBLEM]) == PROBLEM:
        response = jsonify(
            type=f"/v1/error-codes#{error.number}",
            title=message,
            status=error.status,
            code=error.number,
            errors=faults,
            traceId=trace.current(),
        )
        response.mimetype = PROBLEM
    else:
        response = jsonify(
            success=False,
            code=error.number,
            message=message,
            errors=faults,
            data=None,
            traceId=trace.current(),
        )
    response.status_code = error.status
    if error.status == 401:
        response.headers["WWW-Authenticate"] = CHALLENGE
    return response
