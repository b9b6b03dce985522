"""What admin/brand takes and gives."""

from marshmallow import fields, validate

from authserver.api.schemas.base import Strict, Text

MOST_BASE64 = 250_000  # with which a body is still not too large to be read


class BrandRequest(Strict):
    """What is chosen over the settings; what is empty is as they say."""

    name = Text(load_default="", validate=validate.Length(max=60))
    colour = Text(load_default="", metadata={"example": "#2456c9"})
    colour_dark = Text(
        load_default="",
        metadata={"description": "In the dark; empty: the same colour."},
    )
    support_email = Text(load_default="")
    support_url = Text(load_default="")
    home_url = Text(load_default="")
    privacy_url = Text(load_default="")
    terms_url = Text(load_default="")
    welcome = fields.Dict(
        keys=fields.String(),
        values=Text(),
        load_default=dict,
        metadata={"example": {"en": "Welcome to Notes", "pt-BR": "Boas-vindas"}},
    )


class BrandEntry(BrandRequest):
    """The same in a configuration file, with the logo in base64."""

    id = fields.String(required=True, validate=validate.OneOf(["deployment"]))
    logo = Text(load_default="", validate=validate.Length(max=MOST_BASE64 * 5))


class LogoRequest(Strict):
    """A picture: PNG, JPEG, GIF or WebP; it is drawn anew, and nothing else is kept."""

    image = fields.String(
        required=True,
        validate=validate.Length(1, MOST_BASE64),
        metadata={"description": "In base64."},
    )


class LegibilityResponse(Strict):
    """How the colour does in one scheme (WCAG 2.2 §1.4.3)."""

    scheme = fields.String(required=True, metadata={"example": "light"})
    colour = fields.String(required=True)
    drawn = fields.String(
        required=True,
        metadata={"description": "What buttons and links are drawn in."},
    )
    as_link = fields.Float(required=True)
    as_button = fields.Float(required=True)
    untouched = fields.Float(
        required=True,
        metadata={"description": "The contrast, if the colour were drawn as it is."},
    )
    is_legible = fields.Boolean(required=True)
    is_moved = fields.Boolean(required=True)


class BrandResponse(Strict):
    """What people see, what of it was chosen here, and whether it can be read."""

    chosen = fields.Nested(BrandRequest, required=True)
    shown = fields.Nested(BrandRequest, required=True)
    logo_url = fields.String(required=True)
    contrast = fields.List(fields.Nested(LegibilityResponse), required=True)
