"""What admin/system takes and gives."""

from marshmallow import fields, validate

from authserver.api.schemas.base import Moment, Strict, Text
from authserver.config.origins import Origin


class DayResponse(Strict):
    """One day of the series."""

    date = fields.String(required=True)
    signUps = fields.Integer(required=True)  # noqa: N815 -- the wire's spelling
    signIns = fields.Integer(required=True)  # noqa: N815
    refused = fields.Integer(required=True)
    sessions = fields.Integer(required=True, metadata={"description": "Begun."})
    grants = fields.Integer(
        required=True, metadata={"description": "Of tokens, to apps, begun."}
    )
    letters = fields.Integer(required=True, metadata={"description": "Written."})


class StatsResponse(Strict):
    """Figures; at most half a minute old."""

    users = fields.Integer(required=True)
    usersByStatus = fields.Dict(  # noqa: N815
        keys=fields.String(), values=fields.Integer()
    )
    activeSessions = fields.Integer(required=True)  # noqa: N815
    activeGrants = fields.Integer(required=True)  # noqa: N815
    clients = fields.Integer(required=True)
    signInsLastDay = fields.Integer(required=True)  # noqa: N815
    refusedLastDay = fields.Integer(required=True)  # noqa: N815
    lettersWaiting = fields.Integer(required=True)  # noqa: N815
    lettersFailed = fields.Integer(required=True)  # noqa: N815
    daily = fields.List(fields.Nested(DayResponse), required=True)
    at = Moment(required=True)


class ConcernResponse(Strict):
    """Something that wants somebody to look."""

    what = fields.String(required=True, metadata={"example": "letters-failed"})
    count = fields.Integer(allow_none=True)
    isBad = fields.Boolean(  # noqa: N815
        attribute="is_bad", metadata={"description": "Whether something does not work."}
    )
    isAdvice = fields.Boolean(  # noqa: N815
        attribute="is_advice",
        metadata={"description": "All works, and could be better."},
    )


class StatusResponse(Strict):
    """The state of the system."""

    version = fields.String(required=True)
    checks = fields.Dict(keys=fields.String(), values=fields.String())
    database = fields.String(metadata={"example": "postgresql"})
    keys = fields.List(fields.Dict())
    outbox = fields.Dict(keys=fields.String(), values=fields.Integer())
    attention = fields.List(
        fields.Nested(ConcernResponse),
        metadata={"description": "What wants attention; empty when all is well."},
    )
    cleanup = fields.Dict(
        keys=fields.String(),
        values=fields.Boolean(),
        metadata={"description": "Tables in which something is over."},
    )
    left = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        metadata={"description": "Rows that are over, by table; 5000 means and more."},
    )


class CleanupRequest(Strict):
    """How much to do in this call."""

    batches = fields.Integer(
        load_default=10,
        validate=validate.Range(1, 100),
        metadata={"description": "Each takes at most 500 rows of every table."},
    )


class CleanupResponse(Strict):
    """What was done."""

    removed = fields.Dict(keys=fields.String(), values=fields.Integer())
    isDone = fields.Boolean(  # noqa: N815
        metadata={"description": "False: call again, there is more."}
    )


class RevokeAllRequest(Strict):
    """Typed, so that nobody does it by accident."""

    confirm = Text(
        required=True,
        validate=validate.Equal("everybody"),
        metadata={"example": "everybody"},
    )
    reason = Text(load_default=None, validate=validate.Length(max=500))


class RevokeAllResponse(Strict):
    """How many sessions ended."""

    sessions = fields.Integer(required=True)


class FindingResponse(Strict):
    """What was looked at, what is so, and the cure."""

    what = fields.String(required=True, metadata={"example": "database"})
    ok = fields.Boolean(required=True, attribute="is_ok")
    said = fields.String(required=True, attribute="words")
    cure = fields.String(allow_none=True, attribute="remedy")


class DoctorResponse(Strict):
    """All that was looked at."""

    ok = fields.Boolean(required=True, metadata={"description": "Nothing is wrong."})
    at = Moment(required=True)
    checks = fields.List(fields.Nested(FindingResponse), required=True)


class SettingResponse(Strict):
    """A setting in force; of a secret, neither its value nor its default."""

    name = fields.String(required=True, metadata={"example": "ACCESS_TTL"})
    group = fields.String(required=True)
    doc = fields.String(required=True)
    value = fields.String(allow_none=True)
    default = fields.String(allow_none=True)
    isSet = fields.Boolean(required=True, attribute="is_set")  # noqa: N815
    isSecret = fields.Boolean(required=True, attribute="is_secret")  # noqa: N815
    origin = fields.String(
        required=True, validate=validate.OneOf([one.value for one in Origin])
    )
