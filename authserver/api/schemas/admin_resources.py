"""What admin/resources takes and gives."""

from marshmallow import fields, validate

from authserver.api.schemas.base import Flag, Moment, Strict, Text

SENTENCES = fields.Dict(keys=fields.String(), values=Text())


class ResourceRequest(Strict):
    """An API; texts are by language, such as ``{"en": "Notes", "pt-BR": "Notas"}``."""

    identifier = Text(
        required=True,
        validate=validate.Length(1, 2048),
        metadata={"example": "https://notes.example.org"},
    )
    name = Text(required=True, validate=validate.Length(1, 200))
    names = fields.Dict(keys=fields.String(), values=Text(), load_default=dict)
    scopes = fields.Dict(
        keys=fields.String(),
        values=SENTENCES,
        load_default=dict,
        metadata={"example": {"notes:read": {"en": "Read your notes"}}},
    )
    token_ttl = fields.Integer(
        strict=True,
        load_default=None,
        allow_none=True,
        metadata={"description": "Seconds; as `ACCESS_TTL` says when left out."},
    )
    signing_alg = fields.String(load_default=None, allow_none=True)
    token_typ = fields.String(
        load_default=None,
        allow_none=True,
        metadata={
            "description": "`typ` of its tokens; `JWT` for APIs that know no `at+jwt`."
        },
    )
    introspection_clients = fields.List(Text(), load_default=list)
    is_open = Flag(load_default=False)


class ResourceResponse(Strict):
    """An API."""

    id = fields.UUID(required=True)
    identifier = fields.String(required=True)
    name = fields.String(required=True)
    names = fields.Dict(keys=fields.String(), values=fields.String())
    scopes = fields.Dict(keys=fields.String(), values=SENTENCES)
    token_ttl = fields.Integer(allow_none=True)
    signing_alg = fields.String(allow_none=True)
    token_typ = fields.String(allow_none=True)
    introspection_clients = fields.List(fields.String())
    is_open = fields.Boolean()
    created_at = Moment()
    updated_at = Moment()
