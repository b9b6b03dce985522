"""What admin/streams takes and gives."""

from marshmallow import fields, validate

from authserver.api.schemas.base import Moment, Secret, Strict, Text
from authserver.core.signals import ENABLED, METHODS, POLL
from authserver.core.stream_wishes import STATUSES


class StreamRequest(Strict):
    """How an app is told of what happens to people (OpenID SSF 1.0 §8.1.1)."""

    method = fields.String(load_default=POLL, validate=validate.OneOf(METHODS))
    endpoint_url = Text(load_default=None, allow_none=True)
    authorization_header = Secret(load_default=None, allow_none=True)
    events_requested = fields.List(Text(), load_default=list)
    description = Text(load_default=None, allow_none=True)
    status = fields.String(load_default=ENABLED, validate=validate.OneOf(STATUSES))


class StreamEntry(StreamRequest):
    """The same in a configuration file; without a word of its status, that stays."""

    client_id = fields.String(required=True, validate=validate.Length(min=1))
    status = fields.String(
        load_default=None, allow_none=True, validate=validate.OneOf(STATUSES)
    )


class StreamResponse(Strict):
    """A stream; what we show at its endpoint is not told."""

    client_id = fields.String(required=True)
    method = fields.String(required=True)
    endpoint_url = fields.String(allow_none=True)
    has_authorization = fields.Boolean(required=True)
    events_requested = fields.List(fields.String(), required=True)
    description = fields.String(allow_none=True)
    status = fields.String(required=True)
    reason = fields.String(allow_none=True)
    verified_at = Moment(allow_none=True)
