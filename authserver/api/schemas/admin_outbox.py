"""What admin/outbox takes and gives."""

from marshmallow import fields, validate

from authserver.api.schemas.admin_users import ReasonRequest
from authserver.api.schemas.base import Moment, Strict, Text
from authserver.api.schemas.paging import PageQuery
from authserver.core.outbox_search import STATES
from authserver.core.specimens import NAMES


class OutboxQuery(PageQuery):
    """What a list of letters is narrowed to."""

    state = fields.String(load_default=None, validate=validate.OneOf(STATES))
    letter = fields.String(load_default=None, validate=validate.OneOf(NAMES))
    recipient = Text(
        load_default=None,
        validate=validate.Length(3, 320),
        metadata={"description": "A whole address; needs `users:read` too."},
    )


class QueuedLetterResponse(Strict):
    """A letter in the outbox; never what it says."""

    id = fields.UUID(required=True)
    letter = fields.String(required=True, metadata={"example": "verify_email"})
    recipient = fields.String(
        required=True, metadata={"description": "Masked without `users:read`."}
    )
    user_id = fields.UUID(allow_none=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    attempts = fields.Integer(required=True)
    created_at = Moment(required=True)
    next_try_at = Moment(allow_none=True)
    sent_at = Moment(allow_none=True)
    fault = fields.String(
        allow_none=True,
        metadata={"description": "What came of the last try."},
    )


class OutboxPage(Strict):
    """Some letters, and how to go on."""

    letters = fields.List(fields.Nested(QueuedLetterResponse), required=True)
    nextCursor = fields.String(allow_none=True)  # noqa: N815 -- the wire's spelling


class RetryAllRequest(ReasonRequest):
    """Typed, so that nobody does it by accident."""

    confirm = Text(
        required=True, validate=validate.Equal("failed"), metadata={"example": "failed"}
    )


class RetryAllResponse(Strict):
    """How many letters go again."""

    letters = fields.Integer(required=True)
