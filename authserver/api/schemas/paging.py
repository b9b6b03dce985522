"""What every list takes."""

from marshmallow import fields, validate

from authserver.api.schemas.base import Strict

MOST = 200
USUAL = 50


class PageQuery(Strict):
    """What every list takes."""

    limit = fields.Integer(
        load_default=USUAL,
        validate=validate.Range(1, MOST),
        metadata={"description": "How many at most."},
    )
    cursor = fields.String(
        load_default=None,
        validate=validate.Length(max=512),
        metadata={"description": "`nextCursor` of the page before."},
    )
