"""What admin/mail takes and gives."""

from marshmallow import fields, validate

from authserver.api.schemas.base import Strict, Text
from authserver.core.specimens import NAMES
from authserver.http.language import LANGUAGES


class LetterRequest(Strict):
    """Which letter, in which language."""

    letter = fields.String(
        required=True,
        validate=validate.OneOf(NAMES),
        metadata={"example": "verify_email"},
    )
    language = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.OneOf(list(LANGUAGES)),
        metadata={"description": "That of the call when it is left out."},
    )


class PreviewRequest(LetterRequest):
    """And which of its twins."""

    form = fields.String(load_default="html", validate=validate.OneOf(["html", "text"]))


class PreviewResponse(Strict):
    """A letter as its reader would see it."""

    letter = fields.String(required=True)
    language = fields.String(required=True)
    form = fields.String(required=True)
    subject = fields.String(required=True)
    body = fields.String(
        required=True,
        metadata={"description": "HTML belongs into a sandboxed frame."},
    )


class TrialRequest(LetterRequest):
    """And to whom."""

    email = Text(
        required=True,
        validate=validate.Length(1, 320),
        metadata={"example": "ada@example.com"},
    )


class TrialResponse(Strict):
    """The letter waits to be sent."""

    letter = fields.String(required=True)
    language = fields.String(required=True)
    email = fields.String(required=True)
    queued = fields.Boolean(required=True)
