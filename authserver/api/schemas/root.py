"""What the index and the table of refusals give."""

from marshmallow import fields

from authserver.api.schemas.base import Strict


class IndexResponse(Strict):
    """Where things are."""

    name = fields.String(required=True)
    version = fields.String(required=True, metadata={"example": "1.0.0"})
    documentation = fields.Url(required=True, require_tld=False)
    openapi = fields.Url(required=True, require_tld=False)
    errorCodes = fields.Url(required=True, require_tld=False)  # noqa: N815
    discovery = fields.Url(required=True, require_tld=False)


class ErrorCodeResponse(Strict):
    """One refusal."""

    code = fields.String(required=True, metadata={"example": "AUTH_101"})
    word = fields.String(required=True, metadata={"example": "bad_credentials"})
    status = fields.Integer(required=True, metadata={"example": 401})
    message = fields.String(required=True)
    oauth = fields.String(
        required=True, metadata={"description": "The word of OAuth for it."}
    )
