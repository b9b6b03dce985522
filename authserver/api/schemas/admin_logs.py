"""What admin/logs takes and gives."""

from marshmallow import fields, validate

from authserver.api.schemas.base import Moment, Strict, Text
from authserver.api.schemas.paging import PageQuery


class LogQuery(PageQuery):
    """What a log is narrowed to; ``format=csv`` streams all of it."""

    user_id = fields.UUID(load_default=None)
    ip = fields.IP(load_default=None)
    since = Moment(load_default=None)
    until = Moment(load_default=None)
    trace_id = Text(
        load_default=None,
        validate=validate.Regexp(r"[0-9a-f]{32}\Z"),
        metadata={"description": "The reference that an error page or answer shows."},
    )
    format = fields.String(
        load_default="json", validate=validate.OneOf(["json", "csv", "ndjson"])
    )


class LoginLogQuery(LogQuery):
    """The sign-in log."""

    status = fields.String(
        load_default=None, validate=validate.OneOf(["success", "failure"])
    )


class SecurityLogQuery(LogQuery):
    """The security log."""

    event = Text(
        load_default=None,
        validate=validate.Regexp(r"[a-z:-]{1,60}\Z"),
        metadata={"example": "user:mfa"},
    )
    actor_id = fields.UUID(
        load_default=None, metadata={"description": "Who did it, for somebody else."}
    )


class LoginRow(Strict):
    """One try to sign in."""

    id = fields.Integer(required=True)
    user_id = fields.UUID(allow_none=True)
    action = fields.String()
    status = fields.String(required=True)
    auth_method = fields.String(allow_none=True)
    failure_reason = fields.String(allow_none=True)
    ip_address = fields.String(allow_none=True)
    user_agent = fields.String(allow_none=True)
    device_type = fields.String(allow_none=True)
    location_country = fields.String(allow_none=True)
    location_city = fields.String(allow_none=True)
    attempted_email = fields.String(allow_none=True)
    trace_id = fields.String(allow_none=True)
    created_at = Moment(required=True)


class SecurityRow(Strict):
    """One security event."""

    id = fields.Integer(required=True)
    event = fields.String(required=True)
    user_id = fields.UUID(allow_none=True)
    actor_id = fields.UUID(allow_none=True)
    client_id = fields.UUID(allow_none=True)
    ip_address = fields.String(allow_none=True)
    user_agent = fields.String(allow_none=True)
    trace_id = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)
    facts = fields.Dict()
    created_at = Moment(required=True)


class LoginPage(Strict):
    """Some tries, and how to go on."""

    records = fields.List(fields.Nested(LoginRow), required=True)
    nextCursor = fields.String(allow_none=True)  # noqa: N815 -- the wire's spelling


class SecurityPage(Strict):
    """Some events, and how to go on."""

    records = fields.List(fields.Nested(SecurityRow), required=True)
    nextCursor = fields.String(allow_none=True)  # noqa: N815


class ChainFault(Strict):
    """The first thing that is wrong with the chain."""

    what = fields.String(required=True)
    position = fields.Integer(allow_none=True)
    id = fields.Integer(allow_none=True)


class VerdictResponse(Strict):
    """Whether the security log is what was written."""

    whole = fields.Boolean(required=True)
    fault = fields.Nested(ChainFault, allow_none=True)
    checked = fields.Integer(metadata={"description": "Lines that were found good."})
    waiting = fields.Integer(metadata={"description": "Lines not sealed yet."})
    known = fields.String(metadata={"description": "Keep it somewhere else."})
