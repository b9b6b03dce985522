"""What mfa takes and gives."""

from typing import ClassVar

from marshmallow import fields, validate

from authserver.api.schemas.base import Secret, Strict

CODE = {"example": "123456", "description": "Six digits, or a backup code."}


class CodeRequest(Strict):
    """A code of the authenticator app."""

    spellings: ClassVar = {"code": ("token", "twoFactorCode")}

    code = Secret(required=True, validate=validate.Length(1, 64), metadata=CODE)


class DisableRequest(Strict):
    """Password or code: either proves that it is the owner (C14)."""

    spellings: ClassVar = {"code": ("token", "twoFactorCode")}

    password = Secret(load_default=None, validate=validate.Length(1, 1024))
    code = Secret(load_default=None, validate=validate.Length(1, 64), metadata=CODE)


class VerifyRequest(Strict):
    """The second step of a sign-in."""

    spellings: ClassVar = {"code": ("token", "twoFactorCode")}

    mfaToken = Secret(  # noqa: N815 -- the wire's spelling
        required=True,
        validate=validate.Length(1, 256),
        metadata={"description": "From the answer of the first step; 5 minutes."},
    )
    code = Secret(required=True, validate=validate.Length(1, 64), metadata=CODE)


class EnrolmentResponse(Strict):
    """What an authenticator app needs; shown once."""

    secret = fields.String(required=True, metadata={"example": "JBSWY3DPEHPK3PXP"})
    otpauthUrl = fields.String(  # noqa: N815
        required=True, metadata={"example": "otpauth://totp/…"}
    )
    qr = fields.String(required=True, metadata={"description": "Inline SVG."})


class BackupCodesResponse(Strict):
    """Codes that each work once."""

    backupCodes = fields.List(  # noqa: N815
        fields.String(), required=True, metadata={"example": ["k3p9q-7w2xz"]}
    )


class EnabledResponse(BackupCodesResponse):
    """The state after a change."""

    mfaEnabled = fields.Boolean(required=True)  # noqa: N815
