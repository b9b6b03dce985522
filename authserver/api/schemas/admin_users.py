"""What admin/users takes and gives."""

from typing import Any

from marshmallow import fields, validate

from authserver.api.schemas.base import Moment, Strict, Text
from authserver.api.schemas.paging import PageQuery

STATUSES = ("pending_verification", "active", "locked", "disabled")
REASON = {"description": "Why; written to the security log."}


class PeopleQuery(PageQuery):
    """What a list of people is narrowed to."""

    q = Text(
        load_default=None,
        validate=validate.Length(2, 100),
        metadata={"description": "Part of an address, name or number; or an id."},
    )
    status = fields.String(
        load_default=None, validate=validate.OneOf([*STATUSES, "deleted"])
    )
    role = Text(load_default=None, validate=validate.Length(1, 50))
    institution = Text(load_default=None, validate=validate.Length(1, 64))


class UserFields(Strict):
    """The fields of a person that operators set."""

    full_name = Text(allow_none=True, validate=validate.Length(max=200))
    avatar_url = Text(allow_none=True, validate=validate.Length(max=2048))
    phone = Text(allow_none=True, metadata={"example": "+5511999999999"})
    username = Text(allow_none=True, validate=validate.Length(max=32))
    date_of_birth = fields.Date(allow_none=True, metadata={"example": "1990-01-01"})
    status = fields.String(validate=validate.OneOf(STATUSES))
    language = Text(validate=validate.Length(2, 35), metadata={"example": "pt-BR"})
    timezone = Text(validate=validate.Length(1, 64))
    metadata = fields.Dict(keys=fields.String(validate=validate.Length(max=64)))


class CreateUserRequest(UserFields):
    """A new person."""

    email = Text(required=True, validate=validate.Length(3, 320))


class EditUserRequest(UserFields):
    """Changes; what is not named stays."""

    reason = Text(load_default=None, validate=validate.Length(max=500), metadata=REASON)


class ReasonRequest(Strict):
    """Why it is done."""

    reason = Text(load_default=None, validate=validate.Length(max=500), metadata=REASON)


class UserRow(Strict):
    """A person in a list."""

    id = fields.UUID(required=True)
    email = fields.String(required=True)
    username = fields.String(allow_none=True)
    full_name = fields.String(allow_none=True)
    status = fields.String(required=True)
    is_active = fields.Method("active")
    email_verified = fields.Boolean(attribute="is_email_verified")
    roles = fields.List(fields.String())
    institutions = fields.List(fields.String())
    created_at = Moment(required=True)
    last_login_at = Moment(allow_none=True)

    def active(self, row: Any) -> bool:
        """S4's name for a status."""
        return bool(row["status"] == "active")


class UserPage(Strict):
    """Some people, and how to go on."""

    users = fields.List(fields.Nested(UserRow), required=True)
    nextCursor = fields.String(allow_none=True)  # noqa: N815 -- the wire's spelling


class PasskeyRow(Strict):
    """A passkey, by the name that its owner gave it."""

    name = fields.String()
    created_at = Moment()
    last_used_at = Moment(allow_none=True)


class FactorsRow(Strict):
    """How a person can prove to be there."""

    has_password = fields.Boolean()
    password_changed_at = Moment(allow_none=True)
    has_totp = fields.Boolean()
    backup_codes_left = fields.Integer(allow_none=True)
    passkeys = fields.List(fields.Nested(PasskeyRow))
    connections = fields.List(
        fields.String(), metadata={"description": "Other services that let them in."}
    )


class AppRow(Strict):
    """An app that a person has let in."""

    client_id = fields.String(required=True)
    name = fields.String(required=True)
    scopes = fields.List(fields.String())
    granted_at = Moment(allow_none=True)
    last_signin_at = Moment(allow_none=True)
    is_active = fields.Boolean(metadata={"description": "It holds tokens now."})


class TogetherRequest(ReasonRequest):
    """Whom it is done to."""

    ids = fields.List(
        fields.UUID(),
        required=True,
        validate=validate.Length(1, 200),
        metadata={"description": "People; all of them, or nobody."},
    )


class TogetherResponse(Strict):
    """How many it was done to."""

    count = fields.Integer(required=True)


class UserDetails(Strict):
    """All that an operator may see of a person; never a secret (C36)."""

    user = fields.Dict(required=True)
    roles = fields.List(fields.Dict())
    institutions = fields.List(fields.Dict())
    factors = fields.Nested(FactorsRow)
    sessions = fields.Integer(metadata={"description": "How many are active."})
    version = fields.String(metadata={"description": "For If-Match."})


class AssignRequest(Strict):
    """A role to give; the id may come as text (C33)."""

    roleId = fields.Integer(  # noqa: N815
        required=True, strict=False, metadata={"example": 1}
    )
    expires_at = Moment(load_default=None)
    reason = Text(load_default=None, validate=validate.Length(max=500), metadata=REASON)


class MembershipRequest(Strict):
    """An institution to belong to."""

    institutionId = fields.Integer(required=True, strict=False)  # noqa: N815
