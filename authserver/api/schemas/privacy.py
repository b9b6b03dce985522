"""What privacy takes and gives."""

from typing import ClassVar

from marshmallow import fields, validate

from authserver.api.schemas.base import Flag, Moment, Strict, Text

DOCUMENT = {"example": "terms", "description": "Which text: `terms`, `privacy`, …"}
VERSION = {"example": "2026-11", "description": "Of the text that was shown."}


class ConsentRequest(Strict):
    """What somebody says to a document."""

    spellings: ClassVar = {
        "document": ("type", "consent_type", "consentType"),
        "version": ("terms_version", "termsVersion", "consent_version"),
        "accepted": ("accept", "granted", "consent"),
    }

    document = Text(
        load_default="terms",
        validate=validate.Regexp(r"[a-z][a-z0-9_-]{0,63}\Z"),
        metadata=DOCUMENT,
    )
    version = Text(
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, 64),
        metadata=VERSION,
    )
    accepted = Flag(load_default=True, metadata={"description": "False takes it back."})


class ConsentResponse(Strict):
    """An answer, with its proof."""

    id = fields.UUID(required=True)
    document = fields.String(required=True, metadata=DOCUMENT)
    version = fields.String(required=True, metadata=VERSION)
    accepted = fields.Boolean(required=True)
    in_force = fields.Boolean(
        required=True,
        metadata={"description": "The last answer, to the version of today, is yes."},
    )
    ip_address = fields.String(required=True, allow_none=True)
    user_agent = fields.String(required=True, allow_none=True)
    created_at = Moment(required=True)


class DocumentResponse(Strict):
    """A document that waits for an answer."""

    document = fields.String(required=True, metadata=DOCUMENT)
    version = fields.String(required=True, metadata=VERSION)


class ConsentsResponse(Strict):
    """Every answer, and what waits for one."""

    consents = fields.List(fields.Nested(ConsentResponse), required=True)
    outstanding = fields.List(fields.Nested(DocumentResponse), required=True)


class GrantResponse(Strict):
    """An app, and what it may read."""

    client_id = fields.String(required=True)
    name = fields.String(required=True)
    client_uri = fields.String(required=True, allow_none=True)
    policy_uri = fields.String(required=True, allow_none=True)
    tos_uri = fields.String(required=True, allow_none=True)
    scopes = fields.List(
        fields.String(), required=True, metadata={"example": ["openid", "email"]}
    )
    is_active = fields.Boolean(
        required=True, metadata={"description": "Whether it holds living tokens."}
    )
    granted_at = Moment(required=True, allow_none=True)
    last_signin_at = Moment(required=True, allow_none=True)


class ExportQuery(Strict):
    """In which form."""

    form = fields.String(
        data_key="format",
        load_default="json",
        validate=validate.OneOf(["json", "html"]),
        metadata={"description": "`html` is for reading, and comes without envelope."},
    )
