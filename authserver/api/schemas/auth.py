"""What auth takes and gives."""

from typing import ClassVar

from marshmallow import fields, validate

from authserver.api.schemas import spellings
from authserver.api.schemas.base import Flag, Moment, Secret, Strict, Text
from authserver.api.schemas.tokens import TokensResponse

EMAIL = {"format": "email", "example": "user@example.com"}
PASSWORD = {
    "format": "password",
    "description": "At least 8 characters with upper and lower case, a digit and a "
    "special character; or 15 of any. Never one that is known from leaks.",
    "example": "Quatro-Faróis-47",
}
REMEMBER = {"description": "Seven days of idle life instead of one.", "example": True}
CODE = {
    "description": "The six digits of the letter, or the token of its link.",
    "example": "123456",
}


class SignupRequest(Strict):
    """Who wants an account."""

    spellings: ClassVar = {
        "full_name": spellings.FULL_NAME,
        "phone": spellings.PHONE,
        "password": spellings.PASSWORD,
    }

    email = Text(required=True, validate=validate.Length(1, 320), metadata=EMAIL)
    password = Secret(
        required=True, validate=validate.Length(1, 1024), metadata=PASSWORD
    )
    full_name = Text(
        load_default=None,
        allow_none=True,
        validate=validate.Length(max=1000),
        metadata={"description": "At most 200 characters.", "example": "Ada Lovelace"},
    )
    username = Text(
        load_default=None,
        allow_none=True,
        validate=validate.Length(max=64),
        metadata={"description": "3 to 32 letters, digits, `.`, `_`, `-`."},
    )
    phone = Text(
        load_default=None,
        allow_none=True,
        validate=validate.Length(max=40),
        metadata={"description": "ITU-T E.164.", "example": "+5511999999999"},
    )
    cpf = Text(
        load_default=None,
        allow_none=True,
        validate=validate.Length(max=20),
        metadata={"description": "Check digits must fit.", "example": "529.982.247-25"},
    )


class RegisterRequest(SignupRequest):
    """The same, where tokens come back at once."""

    remember = Flag(load_default=True, metadata=REMEMBER)


class ApplicantResponse(Strict):
    """What was typed, as it will be kept; never what the server knows."""

    id = fields.UUID(required=True)
    email = fields.String(required=True, metadata=EMAIL)
    full_name = fields.String(required=True, allow_none=True)
    username = fields.String(required=True, allow_none=True)
    phone = fields.String(required=True, allow_none=True)
    language = fields.String(required=True, metadata={"example": "pt-BR"})
    status = fields.String(required=True, metadata={"example": "pending_verification"})
    is_email_verified = fields.Boolean(required=True)
    created_at = Moment(required=True)


class SignupResponse(Strict):
    """The same for every address."""

    user_id = fields.UUID(required=True)
    user = fields.Nested(ApplicantResponse, required=True)
    verificationRequired = fields.Boolean(required=True)  # noqa: N815 -- the wire's


class RegisterResponse(TokensResponse, SignupResponse):
    """An account and its first tokens, which do not reach far before verification."""


class SigninRequest(Strict):
    """Address or user name, and password; a code may come along."""

    spellings: ClassVar = {
        "identifier": spellings.IDENTIFIER,
        "password": spellings.PASSWORD,
        "twoFactorCode": spellings.SECOND_FACTOR,
    }

    identifier = Text(required=True, validate=validate.Length(1, 320), metadata=EMAIL)
    password = Secret(
        required=True,
        validate=validate.Length(1, 1024),
        metadata={"format": "password"},
    )
    twoFactorCode = Secret(  # noqa: N815
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, 64),
        metadata={"description": "Of the authenticator app, or a backup code."},
    )
    remember = Flag(load_default=True, metadata=REMEMBER)


class SigninResponse(TokensResponse):
    """Tokens; or what is due before there are any."""

    mfaRequired = fields.Boolean(  # noqa: N815
        metadata={"description": "Go on with `POST /v1/auth/mfa/verify`."}
    )
    mfaToken = fields.String(  # noqa: N815
        metadata={"description": "The ticket of this sign-in, for 5 minutes."}
    )
    methods = fields.List(fields.String(), metadata={"example": ["totp"]})
    passwordChangeRequired = fields.Boolean(  # noqa: N815
        metadata={"description": "Go on with `POST /v1/auth/reset-password`."}
    )
    resetToken = fields.String(  # noqa: N815
        metadata={"description": "What sets another password, for 5 minutes."}
    )


class VerifyEmailRequest(Strict):
    """A code with its address, or the token of the link alone."""

    spellings: ClassVar = {"code": spellings.CODE_OR_TOKEN}

    email = Text(load_default=None, validate=validate.Length(1, 320), metadata=EMAIL)
    code = Secret(required=True, validate=validate.Length(1, 256), metadata=CODE)


class VerifiedResponse(Strict):
    """The address is proved."""

    verified = fields.Boolean(required=True)
    passwordResetRequired = fields.Boolean(  # noqa: N815
        required=True,
        metadata={"description": "No password is set: ask for one by mail."},
    )


class AddressRequest(Strict):
    """An address; the answer does not say whether it is known."""

    email = Text(required=True, validate=validate.Length(1, 320), metadata=EMAIL)


class MagicLinkVerifyRequest(VerifyEmailRequest):
    """The token of a sign-in link; or the code of its letter with the address."""

    remember = Flag(load_default=True, metadata=REMEMBER)


class AvailabilityQuery(Strict):
    """One of the two, or both."""

    email = Text(load_default=None, validate=validate.Length(1, 320), metadata=EMAIL)
    username = Text(load_default=None, validate=validate.Length(1, 64))


class AvailabilityResponse(Strict):
    """An answer for each that was asked."""

    emailAvailable = fields.Boolean()  # noqa: N815
    usernameAvailable = fields.Boolean()  # noqa: N815


class ReauthenticateRequest(Strict):
    """Password or code: one of them."""

    spellings: ClassVar = {
        "password": spellings.PASSWORD,
        "code": ("twoFactorCode", "two_factor_code"),
    }

    password = Secret(load_default=None, validate=validate.Length(1, 1024))
    code = Secret(load_default=None, validate=validate.Length(1, 64))


class ReauthenticateResponse(Strict):
    """Until when what is sensitive may be done."""

    confirmedUntil = Moment(required=True)  # noqa: N815


class CsrfResponse(Strict):
    """What a front end in cookie mode sends as ``X-CSRF-Token``."""

    csrfToken = fields.String(required=True)  # noqa: N815
