"""The index of the API, and the table of its refusals."""

from typing import Any

from flask_babel import gettext

from authserver import __version__
from authserver.api.endpoint import ANYONE, endpoint
from authserver.api.schemas.root import ErrorCodeResponse, IndexResponse
from authserver.errors import registry
from authserver.http.context import services, settings


@endpoint(gives=IndexResponse, who=ANYONE)
def index() -> dict[str, Any]:
    """Say what this is, and where its documents are."""
    issuer = settings().issuer
    return {
        "name": services().brands.current().name,
        "version": __version__,
        "documentation": f"{issuer}/docs",
        "openapi": f"{issuer}/openapi.json",
        "errorCodes": f"{issuer}/v1/error-codes",
        "discovery": f"{issuer}/.well-known/openid-configuration",
    }


@endpoint(gives=ErrorCodeResponse, many=True, who=ANYONE)
def error_codes() -> list[dict[str, Any]]:
    """List every refusal: its stable code, its status, and what it says.

    Front ends match on `code`; `message` is in the language of the call.
    """
    return [
        {
            "code": number,
            "word": refusal.code,
            "status": refusal.status,
            "message": gettext(refusal.message),
            "oauth": refusal.oauth,
        }
        for number, refusal in sorted(registry.items())
    ]


ROUTES = (
    ("GET", "/", index),
    ("GET", "/error-codes", error_codes),
)
