"""What passkeys take and give."""

from marshmallow import fields, validate

from authserver.api.schemas.base import Flag, Moment, Strict, Text

CREDENTIAL = {
    "description": "What `navigator.credentials` gave, as its `toJSON()` has it."
}


class PasskeyOptionsResponse(Strict):
    """Options for the browser, as JSON has them."""

    options = fields.Dict(
        required=True,
        metadata={
            "description": "For `PublicKeyCredential.parse…OptionsFromJSON`.",
            "example": {"challenge": "MTcz…", "rpId": "auth.example.com"},
        },
    )


class PasskeyRequest(Strict):
    """A new passkey."""

    credential = fields.Dict(required=True, metadata=CREDENTIAL)
    name = Text(
        load_default="",
        validate=validate.Length(max=60),
        metadata={"example": "work laptop"},
    )


class PasskeySigninRequest(Strict):
    """An answer of a passkey."""

    credential = fields.Dict(required=True, metadata=CREDENTIAL)
    remember = Flag(
        load_default=True, metadata={"description": "Stay signed in for longer."}
    )


class PasskeyResponse(Strict):
    """A passkey; never its key."""

    id = fields.UUID(required=True)
    name = fields.String(required=True, metadata={"example": "work laptop"})
    aaguid = fields.String(
        required=True, metadata={"description": "Which model of authenticator."}
    )
    is_synced = fields.Boolean(
        required=True, metadata={"description": "Copied between devices."}
    )
    created_at = Moment(required=True)
    last_used_at = Moment(required=True, allow_none=True)
