"""What admin/detail-types takes and gives."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates

from authserver.api.schemas.base import Flag, Moment, Strict, Text

AMOUNT = {"type": "object", "properties": {"value": {"type": "string"}}}


class DetailTypeRequest(Strict):
    """A type of authorization details."""

    type = Text(
        required=True,
        validate=validate.Length(1, 200),
        metadata={"example": "payment_initiation"},
    )
    fields_ = fields.Dict(
        keys=fields.String(),
        values=fields.Dict(),
        data_key="fields",
        attribute="fields",
        load_default=dict,
        metadata={"example": {"amount": AMOUNT, "payee": {"type": "string"}}},
    )
    required = fields.List(Text(), load_default=list)
    texts = fields.Dict(
        keys=fields.String(),
        values=Text(),
        required=True,
        metadata={"example": {"en": "Pay {amount.value} to {payee}"}},
    )
    resources = fields.List(Text(), load_default=list)
    is_remembered = Flag(load_default=False)

    @validates("fields_")
    def are_text(self, value: Any, data_key: str) -> None:
        """Refuse what no table can keep: NUL, or half of a surrogate pair."""
        del data_key
        if not _is_clean(value):
            raise ValidationError("Not valid text.")


def _is_clean(value: Any) -> bool:
    if isinstance(value, str):
        return "\x00" not in value and not any(
            "\ud800" <= ch <= "\udfff" for ch in value
        )
    if isinstance(value, dict):
        return all(_is_clean(name) and _is_clean(one) for name, one in value.items())
    return all(map(_is_clean, value)) if isinstance(value, list) else True


class DetailTypeResponse(Strict):
    """A type of authorization details."""

    id = fields.UUID(required=True)
    type = fields.String(required=True)
    fields_ = fields.Dict(
        keys=fields.String(),
        values=fields.Dict(),
        data_key="fields",
        attribute="fields",
    )
    required = fields.List(fields.String())
    texts = fields.Dict(keys=fields.String(), values=fields.String())
    resources = fields.List(fields.String())
    is_remembered = fields.Boolean()
    created_at = Moment()
    updated_at = Moment()
