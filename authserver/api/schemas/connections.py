"""What sign-in by other services takes and gives."""

from marshmallow import fields, validate

from authserver.api.schemas.auth import SigninResponse
from authserver.api.schemas.base import Moment, Secret, Strict, Text

RETURN_TO = {
    "description": "Where a browser is sent on: a page of this server, or of an origin "
    "of `CORS_ORIGINS`.",
    "example": "https://app.example.com/signed-in",
}


class BeginQuery(Strict):
    """How to begin."""

    return_to = Text(
        load_default=None, validate=validate.Length(1, 2048), metadata=RETURN_TO
    )
    remember = fields.Boolean(
        load_default=True,
        metadata={"description": "Seven days without use, or one."},
    )
    link = fields.Boolean(
        load_default=False,
        metadata={"description": "Link to the account that is signed in."},
    )


class BeginResponse(Strict):
    """Where the browser has to go."""

    authorizationUrl = fields.String(  # noqa: N815 -- the wire's spelling
        required=True,
        metadata={"example": "https://accounts.google.com/o/oauth2/v2/auth?…"},
    )
    expiresIn = fields.Integer(  # noqa: N815
        required=True, metadata={"description": "Seconds.", "example": 600}
    )


class CallbackQuery(Strict):
    """What a provider sends back (RFC 6749 §4.1.2, RFC 9207); all else is left out."""

    class Meta:
        """Providers add parameters of their own: `scope`, `authuser`, `hd`."""

        unknown = "exclude"

    state = Secret(load_default=None, validate=validate.Length(max=256))
    code = Secret(load_default=None, validate=validate.Length(max=4096))
    error = Text(load_default=None, validate=validate.Length(max=256))
    iss = Text(load_default=None, validate=validate.Length(max=2048))


class ConnectionResponse(Strict):
    """An identity at another service."""

    provider = fields.String(required=True, metadata={"example": "google"})
    email = fields.String(
        required=True, allow_none=True, metadata={"example": "ada@example.com"}
    )
    name = fields.Function(
        lambda row: row.profile.get("name"),
        metadata={"type": "string", "description": "As the service spells it."},
    )
    created_at = Moment(required=True)
    last_used_at = Moment(required=True, allow_none=True)


class CallbackResponse(SigninResponse):
    """Tokens, or what is due before there are any; or what was linked."""

    connection = fields.Nested(ConnectionResponse)
