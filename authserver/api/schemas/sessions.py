"""What sessions takes and gives."""

from marshmallow import fields, validate

from authserver.api.schemas.base import Moment, Strict
from authserver.api.schemas.tokens import TokensResponse


class SignedInAppResponse(Strict):
    """An app that holds tokens of the session."""

    client_id = fields.String(required=True)
    name = fields.String(required=True)


class SessionResponse(Strict):
    """One device signed in; never a token of it."""

    id = fields.UUID(required=True)
    ip_address = fields.String(
        required=True, allow_none=True, metadata={"example": "203.0.113.7"}
    )
    is_active = fields.Boolean(required=True)
    current = fields.Boolean(
        required=True, metadata={"description": "Whether it is the one that asks."}
    )
    device_name = fields.String(
        required=True, allow_none=True, metadata={"example": "Firefox on Linux"}
    )
    device_type = fields.String(required=True, allow_none=True)
    user_agent = fields.String(required=True, allow_none=True)
    location_country = fields.String(
        required=True, allow_none=True, metadata={"example": "BR"}
    )
    location_city = fields.String(required=True, allow_none=True)
    kind = fields.String(required=True, validate=validate.OneOf(["browser", "api"]))
    amr = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "RFC 8176.", "example": ["pwd"]},
    )
    clients = fields.List(fields.Nested(SignedInAppResponse), required=True)
    created_at = Moment(required=True)
    last_activity_at = Moment(required=True, allow_none=True)
    expires_at = Moment(required=True)
    revoked_at = Moment(required=True, allow_none=True)


class SessionRefreshResponse(TokensResponse):
    """A pair of tokens; or, without a refresh token, the session alone (C34)."""

    tokenType = fields.String(  # noqa: N815
        validate=validate.OneOf(["Bearer", "Cookie"])
    )
    expiresIn = fields.Integer(metadata={"description": "Seconds."})  # noqa: N815
    refreshExpiresIn = fields.Integer()  # noqa: N815
    session = fields.Nested(SessionResponse)
