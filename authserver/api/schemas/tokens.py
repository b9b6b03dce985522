"""What every answer with a pair of tokens gives, and what comes in their place."""

from typing import ClassVar

from marshmallow import fields, validate

from authserver.api.schemas import spellings
from authserver.api.schemas.base import Secret, Strict, Text

EXAMPLE = "6f1c8b1e-1d5c-4f0e-8d7a-2f6f0a4f0b1d.Zm9yIGV4YW1wbGUgb25seSwgbm90IGEga2V5"


class TokensResponse(Strict):
    """A pair of tokens; in cookie mode the two stand in cookies and not here."""

    accessToken = fields.String(  # noqa: N815 -- the wire's spelling
        metadata={"description": "JWT for `Authorization: Bearer`.", "example": "eyJ…"}
    )
    refreshToken = fields.String(  # noqa: N815
        metadata={"description": "Works once, for the next pair.", "example": EXAMPLE}
    )
    tokenType = fields.String(  # noqa: N815
        validate=validate.OneOf(["Bearer", "Cookie"])
    )
    expiresIn = fields.Integer(  # noqa: N815
        metadata={"description": "Seconds.", "example": 900}
    )
    refreshExpiresIn = fields.Integer(  # noqa: N815
        metadata={"description": "Seconds.", "example": 604800}
    )
    sessionId = fields.UUID()  # noqa: N815
    csrfToken = fields.String(  # noqa: N815
        metadata={"description": "In cookie mode: send it as `X-CSRF-Token`."}
    )


class RefreshRequest(Strict):
    """A refresh token; in cookie mode it comes by cookie and the body is empty."""

    spellings: ClassVar = {"refreshToken": spellings.REFRESH_TOKEN}

    refreshToken = Secret(  # noqa: N815
        load_default=None,
        validate=validate.Length(1, 256),
        metadata={"example": EXAMPLE},
    )


class TokenRequest(Strict):
    """A token to look at or to end; the hint is allowed and not needed."""

    token = Secret(required=True, validate=validate.Length(1, 8192))
    token_type_hint = Text(load_default=None, validate=validate.Length(max=64))


class IntrospectResponse(Strict):
    """RFC 7662 §2.2; of a token that is not good, ``active`` alone."""

    active = fields.Boolean(required=True)
    token_type = fields.String(metadata={"example": "Bearer"})
    scope = fields.String()
    client_id = fields.String()
    sub = fields.String()
    user_id = fields.String()
    user_name = fields.String()
    username = fields.String()
    email = fields.String()
    roles = fields.List(fields.String())
    institutions = fields.List(fields.String())
    iss = fields.String()
    aud = fields.String()
    iat = fields.Integer()
    exp = fields.Integer()
    jti = fields.String()
    auth_time = fields.Integer()
    acr = fields.String()
    amr = fields.List(fields.String())


class RevokedResponse(Strict):
    """The same for every token: RFC 7009 §2.2 does not tell a good one from a bad."""

    revoked = fields.Boolean(required=True)
