"""What admin/roles and admin/institutions take and give."""

from marshmallow import fields, validate

from authserver.api.schemas.base import Flag, Moment, Strict, Text


class RoleRequest(Strict):
    """A role; ``is_system_role`` is accepted as the seeds send it, and stays false."""

    name = Text(required=True, validate=validate.Length(2, 50))
    description = Text(load_default=None, allow_none=True)
    permissions = fields.List(
        fields.String(), load_default=list, metadata={"example": ["users:read"]}
    )
    is_system_role = Flag(load_default=False)


class RoleResponse(Strict):
    """A role."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    description = fields.String(allow_none=True)
    permissions = fields.List(fields.String())
    is_system_role = fields.Boolean()
    created_at = Moment()
    updated_at = Moment()


class PermissionResponse(Strict):
    """What may be permitted."""

    name = fields.String(required=True, metadata={"example": "users:read"})
    meaning = fields.String(required=True)
    roles = fields.List(fields.String())


class InstitutionRequest(Strict):
    """An institution."""

    code = Text(required=True, validate=validate.Length(1, 64))
    name = Text(required=True, validate=validate.Length(1, 200))


class InstitutionResponse(Strict):
    """An institution."""

    id = fields.Integer(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)
    created_at = Moment()
    updated_at = Moment()
