"""What admin/flows takes and gives."""

from marshmallow import fields, validate

from authserver.api.schemas.base import Moment, Strict, Text
from authserver.api.schemas.paging import PageQuery


class FlowQuery(PageQuery):
    """What the list is narrowed to; with ``error`` there are refusals alone."""

    client_id = Text(load_default=None, validate=validate.Length(max=2048))
    error = Text(
        load_default=None,
        validate=validate.Regexp(r"[a-z_]{1,60}\Z"),
        metadata={"example": "invalid_request"},
    )
    trace_id = Text(load_default=None, validate=validate.Regexp(r"[0-9a-f]{32}\Z"))


class FlowRow(Strict):
    """One refusal, or one authorization that waits or has been answered."""

    trace_id = fields.String(allow_none=True)
    client_id = fields.String(allow_none=True)
    endpoint = fields.String(required=True)
    error = fields.String(allow_none=True)
    parameter = fields.String(allow_none=True)
    section = fields.String(allow_none=True, metadata={"example": "RFC 6749 §3.1.2.3"})
    is_finished = fields.Boolean(required=True)
    created_at = Moment(required=True)


class FlowPage(Strict):
    """Some of them, and how to go on."""

    flows = fields.List(fields.Nested(FlowRow), required=True)
    nextCursor = fields.String(allow_none=True)  # noqa: N815 -- the wire's spelling


class FlowStep(Strict):
    """One thing that happened."""

    at = Moment(required=True)
    what = fields.String(required=True, metadata={"example": "refused"})
    trace_id = fields.String(allow_none=True)
    facts = fields.Dict(
        metadata={
            "description": "Of a refusal: endpoint, error, status, description, detail, "
            "parameter, section, section_url, advice, asked."
        }
    )


class FlowResponse(Strict):
    """A flow, step by step."""

    trace_id = fields.String(required=True)
    client_id = fields.String(allow_none=True)
    asked = fields.Dict(
        metadata={"description": "Of each parameter a text, a length, or null."}
    )
    outcome = fields.String(required=True)
    steps = fields.List(fields.Nested(FlowStep), required=True)
