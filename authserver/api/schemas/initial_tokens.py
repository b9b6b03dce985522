"""What admin/initial-tokens takes and gives (RFC 7591 §3)."""

from marshmallow import fields, validate

from authserver.api.schemas.base import Moment, Strict, Text
from authserver.core.client_metadata import PROFILES
from authserver.core.initial_tokens import MAX_NOTE, MOST_DAYS, MOST_USES


class InitialTokenRequest(Strict):
    """A token to register apps with."""

    uses = fields.Integer(
        strict=True, load_default=1, validate=validate.Range(1, MOST_USES)
    )
    days = fields.Integer(
        strict=True, load_default=7, validate=validate.Range(1, MOST_DAYS)
    )
    note = Text(load_default="", validate=validate.Length(max=MAX_NOTE))
    profile = fields.String(load_default="oidc", validate=validate.OneOf(PROFILES))


class InitialTokenResponse(Strict):
    """Such a token; ``token`` itself is there once, when it was made."""

    id = fields.UUID(required=True)
    token = fields.String()
    note = fields.String()
    profile = fields.String()
    uses = fields.Integer()
    uses_left = fields.Integer()
    created_at = Moment()
    expires_at = Moment()
    last_used_at = Moment(allow_none=True)
    revoked_at = Moment(allow_none=True)
