"""What recovery takes and gives."""

from typing import ClassVar

from marshmallow import fields, validate

from authserver.api.schemas import spellings
from authserver.api.schemas.auth import PASSWORD
from authserver.api.schemas.base import Secret, Strict
from authserver.api.schemas.tokens import EXAMPLE


class ResetRequest(Strict):
    """The token of the letter, and the new password."""

    spellings: ClassVar = {"password": spellings.NEW_PASSWORD}

    token = Secret(
        required=True, validate=validate.Length(1, 256), metadata={"example": EXAMPLE}
    )
    password = Secret(
        required=True, validate=validate.Length(1, 1024), metadata=PASSWORD
    )


class ResetResponse(Strict):
    """What happened to the account."""

    passwordChanged = fields.Boolean(required=True)  # noqa: N815 -- the wire's spelling
    sessionsRevoked = fields.Boolean(required=True)  # noqa: N815
