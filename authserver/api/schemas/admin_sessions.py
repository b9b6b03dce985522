"""What admin/sessions takes and gives."""

from marshmallow import fields, validate

from authserver.api.schemas.base import Moment, Strict, Text
from authserver.api.schemas.paging import PageQuery


class SessionsQuery(PageQuery):
    """What a list of sessions is narrowed to."""

    q = Text(
        load_default=None,
        validate=validate.Length(2, 100),
        metadata={
            "description": "Part of its owner's address, name or number; or an id, of "
            "the owner or of the session."
        },
    )
    ip = fields.IP(load_default=None)
    kind = fields.String(load_default=None, validate=validate.OneOf(["browser", "api"]))
    ended = fields.Boolean(load_default=False)


class SessionRow(Strict):
    """A session of somebody.  Never a handle, a hash or a secret."""

    id = fields.UUID(required=True)
    user_id = fields.UUID(required=True)
    email = fields.String(required=True)
    full_name = fields.String(allow_none=True)
    kind = fields.String()
    device_type = fields.String(allow_none=True)
    device_name = fields.String(allow_none=True)
    user_agent = fields.String(allow_none=True)
    ip_address = fields.String(allow_none=True)
    location_country = fields.String(allow_none=True)
    location_city = fields.String(allow_none=True)
    acr = fields.String()
    amr = fields.List(fields.String())
    is_active = fields.Boolean(
        metadata={"description": "False: ended by somebody, before its time."}
    )
    created_at = Moment(required=True)
    last_activity_at = Moment(allow_none=True)
    expires_at = Moment(required=True)
    revoked_at = Moment(allow_none=True)
    revoked_because = fields.String(allow_none=True)


class SessionPage(Strict):
    """Some sessions, and how to go on."""

    sessions = fields.List(fields.Nested(SessionRow), required=True)
    nextCursor = fields.String(allow_none=True)  # noqa: N815 -- the wire's spelling
