"""What me takes and gives."""

from typing import Any, ClassVar

from marshmallow import fields, validate

from authserver.api.schemas import spellings
from authserver.api.schemas.base import Moment, Secret, Strict, Text
from authserver.api.schemas.paging import PageQuery

EMAIL = {"format": "email", "example": "user@example.com"}
PHONE = {"description": "ITU-T E.164.", "example": "+5511999999999"}
PICTURE = {"description": "An https URL.", "example": "https://example.com/me.png"}
PROOF = {
    "format": "password",
    "description": "The present password; not needed within ten minutes of a sign-in "
    "or of `POST /auth/reauthenticate`.",
}


class OwnerView(Strict):
    """A user as its owner sees it: these 26 keys, the secrets always null (C16)."""

    id = fields.UUID(required=True)
    email = fields.String(required=True, metadata=EMAIL)
    phone = fields.String(required=True, allow_none=True, metadata=PHONE)
    username = fields.String(required=True, allow_none=True)
    full_name = fields.String(required=True, allow_none=True)
    avatar_url = fields.String(required=True, allow_none=True, metadata=PICTURE)
    date_of_birth = fields.Date(required=True, allow_none=True)
    status = fields.String(required=True, metadata={"example": "active"})
    is_email_verified = fields.Boolean(required=True)
    is_phone_verified = fields.Boolean(required=True)
    email_verified_at = Moment(required=True, allow_none=True)
    phone_verified_at = Moment(required=True, allow_none=True)
    failed_login_attempts = fields.Integer(required=True, metadata={"example": 0})
    locked_until = Moment(required=True, allow_none=True)
    last_password_change = Moment(required=True, allow_none=True)
    mfa_enabled = fields.Boolean(required=True)
    mfa_secret = fields.Constant(None, metadata={"description": "Always null."})
    mfa_backup_codes = fields.Constant(None, metadata={"description": "Always null."})
    language = fields.String(required=True, metadata={"example": "pt-BR"})
    timezone = fields.String(required=True, metadata={"example": "America/Sao_Paulo"})
    metadata = fields.Dict(required=True)
    last_login_at = Moment(required=True, allow_none=True)
    last_seen_at = Moment(required=True, allow_none=True)
    created_at = Moment(required=True)
    updated_at = Moment(required=True)
    deleted_at = Moment(required=True, allow_none=True)


class MeResponse(Strict):
    """An account, and what it may do."""

    user = fields.Nested(OwnerView, required=True)
    roles = fields.List(fields.String(), required=True, metadata={"example": ["user"]})
    permissions = fields.List(
        fields.String(), required=True, metadata={"example": ["profile:read"]}
    )
    institutions = fields.List(
        fields.String(), required=True, metadata={"example": ["default"]}
    )
    cpf = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Masked.", "example": "***.982.247-**"},
    )
    display_name = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The same as `user.full_name`."},
    )
    is_active = fields.Boolean(
        required=True, metadata={"description": "`user.status` is `active`."}
    )
    email_verified = fields.Boolean(
        required=True, metadata={"description": "As `user.is_email_verified`."}
    )


class ProfileRequest(Strict):
    """Changes; what is not named stays, and null takes a value away."""

    spellings: ClassVar = {
        "full_name": spellings.FULL_NAME,
        "phone": spellings.PHONE,
        "avatar_url": ("avatarUrl", "picture"),
    }

    full_name = Text(
        allow_none=True,
        validate=validate.Length(max=1000),
        metadata={"description": "At most 200 characters.", "example": "Ada Lovelace"},
    )
    avatar_url = Text(
        allow_none=True, validate=validate.Length(max=2048), metadata=PICTURE
    )
    phone = Text(allow_none=True, validate=validate.Length(max=40), metadata=PHONE)
    language = Text(validate=validate.Length(2, 35), metadata={"example": "pt-BR"})
    timezone = Text(
        validate=validate.Length(1, 64), metadata={"example": "America/Sao_Paulo"}
    )
    username = Text(
        allow_none=True,
        validate=validate.Length(max=64),
        metadata={"description": "3 to 32 letters, digits, `.`, `_`, `-`."},
    )
    date_of_birth = fields.Date(allow_none=True, metadata={"example": "1990-12-31"})
    cpf = Text(
        allow_none=True,
        validate=validate.Length(max=20),
        metadata={"description": "Check digits must fit.", "example": "529.982.247-25"},
    )


class PasswordRequest(Strict):
    """The present password and another one."""

    spellings: ClassVar = {
        "current_password": (
            *("currentPassword", "old_password", "oldPassword", "senhaAtual"),
        ),
        "password": (*spellings.NEW_PASSWORD, "novaSenha"),
    }

    current_password = Secret(
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, 1024),
        metadata={"format": "password"},
    )
    password = Secret(
        required=True,
        validate=validate.Length(1, 1024),
        metadata={
            "format": "password",
            "description": "At least 8 characters of four kinds, or 15 of any.",
        },
    )


class EmailRequest(Strict):
    """The address that is to be the new one."""

    spellings: ClassVar = {
        "email": ("new_email", "newEmail"),
        "password": ("current_password", *spellings.PASSWORD),
    }

    email = Text(required=True, validate=validate.Length(1, 320), metadata=EMAIL)
    password = Secret(
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, 1024),
        metadata=PROOF,
    )


class EmailResponse(Strict):
    """A change that waits for its proof."""

    email = fields.String(required=True, metadata=EMAIL)
    expires_at = Moment(required=True)


class EmailConfirmRequest(Strict):
    """The six digits of the letter, or the token of its link."""

    spellings: ClassVar = {"code": spellings.CODE_OR_TOKEN}

    code = Secret(
        required=True,
        validate=validate.Length(1, 256),
        metadata={"example": "123456"},
    )


class DeleteRequest(Strict):
    """The proof that it is you."""

    spellings: ClassVar = {"password": ("current_password", *spellings.PASSWORD)}

    password = Secret(
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, 1024),
        metadata=PROOF,
    )


class DeleteResponse(Strict):
    """When it was deleted, and until when it can be had back."""

    deleted_at = Moment(required=True)
    gone_at = Moment(required=True)


class LoginHistoryRow(Strict):
    """One try to sign in to one's own account."""

    id = fields.Integer(required=True)
    action = fields.String(required=True, metadata={"example": "login"})
    status = fields.String(
        required=True, validate=validate.OneOf(["success", "failure"])
    )
    auth_method = fields.String(allow_none=True, metadata={"example": "password"})
    failure_reason = fields.String(allow_none=True)
    ip_address = fields.String(allow_none=True)
    user_agent = fields.String(allow_none=True)
    device_type = fields.String(allow_none=True)
    location_country = fields.String(allow_none=True)
    location_city = fields.String(allow_none=True)
    created_at = Moment(required=True)


class SecurityLogRow(Strict):
    """One thing that happened to one's own account."""

    id = fields.Integer(required=True)
    event = fields.String(required=True, metadata={"example": "user:password:changed"})
    by_you = fields.Method("was_owner", metadata={"type": "boolean"})
    ip_address = fields.String(allow_none=True)
    user_agent = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)
    trace_id = fields.String(allow_none=True)
    created_at = Moment(required=True)

    def was_owner(self, row: Any) -> bool:
        """Say whether nobody else was named as who did it."""
        return row.actor_id is None or row.actor_id == row.user_id


class HistoryQuery(PageQuery):
    """Which page."""


class LoginHistoryPage(Strict):
    """Tries to sign in, the latest first."""

    records = fields.List(fields.Nested(LoginHistoryRow), required=True)
    nextCursor = fields.String(required=True, allow_none=True)  # noqa: N815


class SecurityLogPage(Strict):
    """What happened, the latest first."""

    records = fields.List(fields.Nested(SecurityLogRow), required=True)
    nextCursor = fields.String(required=True, allow_none=True)  # noqa: N815
