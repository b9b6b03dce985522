"""What admin/clients takes and gives; fields are named as in RFC 7591 §2."""

from marshmallow import ValidationError, fields, validate

from authserver.api.schemas.base import Flag, Moment, Strict, Text
from authserver.core.client_metadata import (
    AUTH_METHODS,
    GRANT_TYPES,
    KEY_ALGS,
    PROFILES,
    SECRET_ALGS,
)
from authserver.core.client_rows import COLUMNS, is_member

URI = validate.Length(1, 4096)


def _is_other_member(name: str) -> None:
    """Refuse what is no member of a registration, or has a field of its own."""
    if not is_member(name) or name in COLUMNS or name in ClientRequest().fields:
        raise ValidationError("Not a member of its own.")


class ClientRequest(Strict):
    """An app."""

    client_name = Text(required=True, validate=validate.Length(1, 200))
    redirect_uris = fields.List(Text(validate=URI), load_default=list)
    post_logout_redirect_uris = fields.List(Text(validate=URI), load_default=list)
    grant_types = fields.List(
        fields.String(validate=validate.OneOf(GRANT_TYPES)),
        load_default=lambda: ["authorization_code", "refresh_token"],
    )
    token_endpoint_auth_method = fields.String(
        load_default="client_secret_basic", validate=validate.OneOf(AUTH_METHODS)
    )
    scope = Text(load_default=None, validate=validate.Length(max=4096))
    jwks = fields.Dict(load_default=None)
    profile = fields.String(load_default="oidc", validate=validate.OneOf(PROFILES))
    skip_consent = Flag(load_default=False)
    client_uri = Text(load_default=None, validate=URI)
    policy_uri = Text(load_default=None, validate=URI)
    tos_uri = Text(load_default=None, validate=URI)
    resources = fields.List(Text(validate=URI), load_default=list)
    authorization_details_types = fields.List(Text(validate=URI), load_default=list)
    request_uris = fields.List(Text(validate=URI), load_default=list)
    request_object_signing_alg = fields.String(
        load_default=None, validate=validate.OneOf(KEY_ALGS)
    )
    token_endpoint_auth_signing_alg = fields.String(
        load_default=None, validate=validate.OneOf((*KEY_ALGS, *SECRET_ALGS))
    )
    require_pushed_authorization_requests = Flag(load_default=False)
    require_signed_request_object = Flag(load_default=False)
    backchannel_logout_uri = Text(load_default=None, validate=URI)
    backchannel_logout_session_required = Flag(load_default=False)
    frontchannel_logout_uri = Text(load_default=None, validate=URI)
    frontchannel_logout_session_required = Flag(load_default=False)
    initiate_login_uri = Text(load_default=None, validate=URI)
    metadata = fields.Dict(
        keys=fields.String(validate=_is_other_member),
        load_default=dict,
        metadata={"description": "Other members, by the names of RFC 7591."},
    )


class ClientResponse(Strict):
    """An app; ``client_secret`` is there once, when it was made."""

    client_id = fields.String(required=True)
    client_secret = fields.String()
    client_name = fields.String(attribute="name")
    profile = fields.String()
    redirect_uris = fields.List(fields.String())
    post_logout_redirect_uris = fields.List(fields.String())
    grant_types = fields.List(fields.String())
    token_endpoint_auth_method = fields.String()
    scope = fields.String()
    jwks = fields.Dict(allow_none=True)
    skip_consent = fields.Boolean()
    client_uri = fields.String(allow_none=True)
    policy_uri = fields.String(allow_none=True)
    tos_uri = fields.String(allow_none=True)
    resources = fields.List(fields.String())
    authorization_details_types = fields.List(fields.String())
    request_uris = fields.List(fields.String())
    request_object_signing_alg = fields.String(allow_none=True)
    token_endpoint_auth_signing_alg = fields.String(allow_none=True)
    require_pushed_authorization_requests = fields.Boolean()
    require_signed_request_object = fields.Boolean()
    backchannel_logout_uri = fields.String(allow_none=True)
    backchannel_logout_session_required = fields.Boolean()
    frontchannel_logout_uri = fields.String(allow_none=True)
    frontchannel_logout_session_required = fields.Boolean()
    initiate_login_uri = fields.String(allow_none=True)
    metadata = fields.Dict(keys=fields.String())
    registered_by = fields.String(
        metadata={"description": "operator, token, open, or document."}
    )
    disabled_at = Moment(
        allow_none=True, metadata={"description": "Since when it is switched off."}
    )
    created_at = Moment()
    updated_at = Moment()


class GradeResponse(Strict):
    """How an app does by one family of specifications."""

    family = fields.String(
        required=True, metadata={"example": "OAuth 2.1 and RFC 9700"}
    )
    mark = fields.String(
        required=True,
        validate=validate.OneOf(["A", "B", "C"]),
        metadata={
            "description": "A: every rule holds and is demanded. B: none is broken. "
            "C: one is broken."
        },
    )
    next_step = fields.String(allow_none=True)
    obstacles = fields.List(
        fields.String(),
        metadata={"description": "What is broken; with B, what cannot be seen."},
    )
    profile = fields.String(
        allow_none=True,
        metadata={"description": "The profile to give it next; nothing is in its way."},
    )


class ClientDetailResponse(ClientResponse):
    """An app, and how it does by the specifications."""

    grades = fields.List(fields.Nested(GradeResponse), required=True)


class SecretResponse(Strict):
    """A new secret; the one before lives for another week."""

    client_id = fields.String(required=True)
    client_secret = fields.String(required=True)


class MoveResponse(Strict):
    """What it would take to give an app a security profile (docs/profiles.md)."""

    profile = fields.String(required=True)
    is_current = fields.Boolean()
    fits = fields.Boolean(
        metadata={"description": "Whether nothing stands in the way."},
    )
    faults = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        metadata={"description": "Members of the registration that do not fit."},
    )
    seen = fields.List(
        fields.String(),
        metadata={"description": "What it did lately that would be refused."},
    )
    changes = fields.List(
        fields.String(),
        metadata={"description": "The rules that would be others than now."},
    )


class ClientUse(Strict):
    """Who uses an app now."""

    people = fields.Integer(required=True)
    grants = fields.Integer(required=True)
    last_signin_at = Moment(allow_none=True)
    is_more = fields.Boolean(
        metadata={"description": "Whether there are more than were counted."},
    )


class LoginLinkQuery(Strict):
    """Where in the app a person is to end, and who it is."""

    target_link_uri = Text(load_default=None, validate=URI)
    login_hint = Text(load_default=None, validate=validate.Length(1, 320))


class LoginLink(Strict):
    """A link that starts a sign-in at an app."""

    url = fields.String(required=True)


class Delivery(Strict):
    """What an app was told, or is to be told: that a session has ended."""

    id = fields.UUID(required=True)
    session_id = fields.UUID(allow_none=True)
    user_id = fields.UUID(allow_none=True)
    status = fields.String(validate=validate.OneOf(["waiting", "sent", "failed"]))
    attempts = fields.Integer()
    created_at = Moment()
    delivered_at = Moment(allow_none=True)
    next_attempt_at = Moment(allow_none=True)
    last_error = fields.String(allow_none=True)


class DeliveryPage(Strict):
    """One page of them."""

    records = fields.List(fields.Nested(Delivery))
    nextCursor = fields.String(allow_none=True)  # noqa: N815 -- the wire's spelling


class SnippetResponse(Strict):
    """What to paste for one library."""

    library = fields.String(required=True)
    install = fields.String(required=True)
    file = fields.String(required=True)
    text = fields.String(required=True)
    url = fields.String(required=True)


class FoundKey(Strict):
    """A key that was found."""

    kid = fields.String(required=True)
    kty = fields.String(required=True)


class KeyTrial(Strict):
    """What lies at a ``jwks_uri``."""

    jwks_uri = fields.String(required=True)
    keys = fields.List(fields.Nested(FoundKey), required=True)
    fault = fields.String(required=True)
