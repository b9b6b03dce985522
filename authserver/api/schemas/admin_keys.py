"""What admin/keys takes and gives."""

from marshmallow import fields, validate

from authserver.api.schemas.admin_users import ReasonRequest
from authserver.api.schemas.base import Flag, Moment, Strict
from authserver.core.keys import DEFAULT_ALG
from authserver.crypto import opening, signing

ALGORITHMS = (*signing.ALGORITHMS, *opening.ALGORITHMS)


class KeyResponse(Strict):
    """A signing key; its private half is never told."""

    kid = fields.String(required=True)
    alg = fields.String(required=True, metadata={"example": DEFAULT_ALG})
    state = fields.String(validate=validate.OneOf(["next", "active", "retired"]))
    created_at = Moment(metadata={"description": "Published since."})
    activated_at = Moment(allow_none=True)
    retired_at = Moment(allow_none=True)
    ready_at = Moment(
        allow_none=True,
        metadata={
            "description": "From when it may sign (next) or be taken out (retired)."
        },
    )


class RotateRequest(ReasonRequest):
    """Whose turn it is, and whether to wait."""

    alg = fields.String(load_default=DEFAULT_ALG, validate=validate.OneOf(ALGORITHMS))
    now = Flag(
        load_default=False,
        metadata={"description": "Although not everybody may know the next key yet."},
    )


class RetireRequest(ReasonRequest):
    """Whether to wait."""

    now = Flag(
        load_default=False,
        metadata={"description": "Although tokens that it signed may still live."},
    )
