"""Register an app by its kind, change its registration; a secret is shown once."""

import json
import uuid
from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext
from marshmallow import ValidationError, fields, validate

from authserver.console import operators, show
from authserver.console.client_kinds import KINDS, PROFILES, USUAL_PROFILE, Kind
from authserver.core import client_rows
from authserver.core.clients import EVERY_SCOPE, Client
from authserver.core.versions import version_of
from authserver.errors import AuthError, Conflict, InvalidInput, StaleVersion
from authserver.http import forms
from authserver.http.context import services
from authserver.http.pages import Form
from authserver.http.unit_of_work import settle_refusal

LONGEST = 20_000
COLUMNS = frozenset(client_rows.COLUMNS) - {
    "jwks",
    "post_logout_redirect_uris",
    "response_types",
}
"""The members that the registry takes by a name of their own."""


ADDRESSES = (
    "jwks_uri",
    "backchannel_logout_uri",
    "logo_uri",
    "client_uri",
    "policy_uri",
    "tos_uri",
)
"""Members that are one address, which the core looks at."""


class Lines(fields.String):
    """A text with one value on each line."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        return super()._deserialize(value, attr, data, **kwargs).split()


class KeySet(fields.String):
    """A JWKS as text; none when it is empty.  What is in it, the core looks at."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs).strip()
        if len(text) > LONGEST:
            raise ValidationError("too long")
        try:
            found = json.loads(text) if text else None
        except (ValueError, RecursionError) as fault:
            raise ValidationError("not JSON") from fault
        if found is not None and not isinstance(found, dict):
            raise ValidationError("no object")
        return found


class Address(forms.Trimmed):
    """One address, or none."""

    def __init__(self) -> None:
        """Take what is no longer than any address of ours."""
        super().__init__(load_default="", validate=validate.Length(max=2048))


class ClientForm(forms.PageForm):
    """What of a registration most apps need."""

    client_name = forms.Trimmed(required=True, validate=validate.Length(1, 200))
    redirect_uris = Lines(load_default=list, validate=validate.Length(max=100))
    post_logout_redirect_uris = Lines(
        load_default=list, validate=validate.Length(max=100)
    )
    scope = forms.Trimmed(load_default="", validate=validate.Length(max=4096))
    resources = Lines(load_default=list, validate=validate.Length(max=100))
    profile = fields.String(required=True, validate=validate.OneOf(tuple(PROFILES)))
    jwks = KeySet(load_default=None)
    jwks_uri = Address()
    backchannel_logout_uri = Address()
    logo_uri = Address()
    client_uri = Address()
    policy_uri = Address()
    tos_uri = Address()
    skip_consent = fields.Boolean(load_default=False)
    reason = forms.Trimmed(load_default="", validate=validate.Length(max=500))

    words = {  # noqa: RUF012 -- read like a constant
        "client_name": "Enter a name of at most 200 characters.",
        "redirect_uris": "Use at most 100 addresses.",
        "post_logout_redirect_uris": "Use at most 100 addresses.",
        "scope": "Separate scopes by blanks.",
        "resources": "Use at most 100 addresses.",
        "profile": "Choose one of the list.",
        "jwks": "Paste the public keys as a JWKS.",
        "skip_consent": "Choose one of the list.",
        "reason": "Say why. It goes into the security log.",
        "kind": "Choose one of the list.",
        **dict.fromkeys(ADDRESSES, "Use at most 2048 characters."),
    }


class NewForm(ClientForm):
    """The same of an app that is not there yet."""

    kind = fields.String(required=True, validate=validate.OneOf(tuple(KINDS)))


class EditForm(ClientForm):
    """The same of one that is there: others have built on it."""

    reason = forms.Trimmed(required=True, validate=validate.Length(1, 500))
    version = fields.String(load_default="")


def add_client() -> Response:
    """Register one; what it is, decides how it proves itself and what it may use."""
    if request.method != "POST":
        known = {"kind": "web", "profile": USUAL_PROFILE, "scope": EVERY_SCOPE}
        return _page(None, Form(values=known))
    given, form = forms.read(NewForm(), {})
    if given is None:
        return _page(None, form, status=422)
    kind = KINDS[given["kind"]]
    try:
        if kind.names_resources and not given["resources"]:
            said = ["Name the MCP server by its identifier."]
            raise InvalidInput("client", fields={"resources": said})
        logo = services().logos.fetch(given["logo_uri"] or None)
        row, secret = services().clients.register(
            name=given["client_name"],
            redirect_uris=given["redirect_uris"],
            auth_method=_auth_method(kind, given),
            grant_types=kind.grants,
            scope=given["scope"] or EVERY_SCOPE,
            application_type=kind.application_type,
            **_more(given),
        )
    except (Conflict, InvalidInput) as refusal:
        return _refused(None, form, refusal)
    services().logos.keep(row, logo)
    if secret is not None:
        return show_secret(row, secret)
    return show.back_to("console.show_client", "added", row_id=row.id)


def edit_client(row_id: uuid.UUID) -> Response:
    """Change a registration; what the form does not name stays as it is."""
    row = services().clients.at(row_id)
    if request.method != "POST":
        return _page(row, Form(values=_known(row)))
    given, form = forms.read(EditForm(), {})
    if given is None:
        return _page(row, form, status=422)
    kept = client_rows.members_of(row)
    del kept["redirect_uris"]
    for name in ("jwks", "post_logout_redirect_uris", "resources", *ADDRESSES):
        kept.pop(name, None)
    before = row.extra.get("logo_uri", "")
    extra = {name: said for name, said in kept.items() if name not in COLUMNS}
    try:
        if given["version"] != version_of(row):
            raise StaleVersion("the form was filled from another version")
        is_same = given["logo_uri"] == before
        logo = None if is_same else services().logos.fetch(given["logo_uri"] or None)
        services().clients.replace(
            row.client_id,
            name=given["client_name"],
            redirect_uris=given["redirect_uris"],
            auth_method=row.token_endpoint_auth_method,
            grant_types=row.grant_types,
            scope=given["scope"] or EVERY_SCOPE,
            extra=extra,
            **_more(given),
        )
    except (Conflict, InvalidInput, StaleVersion) as refusal:
        return _refused(row_id, form, refusal)
    if not is_same:
        services().logos.keep(row, logo)
    return show.back_to("console.show_client", "changed", row_id=row_id)


def show_secret(row: Client, secret: str) -> Response:
    """Show a secret that nobody can be told again; the answer is not to be stored."""
    page = url_for("console.show_client", row_id=row.id)
    return show.render(
        "client_secret",
        title=gettext("The secret of the app"),
        trail=[(row.name, page)],
        client_id=row.client_id,
        secret=secret,
        links={"on": page},
    )


def _auth_method(kind: Kind, given: forms.Given) -> str:
    """An app that keeps a secret had better keep a key (RFC 9700 §2.5)."""
    has_keys = bool(given["jwks"] or given["jwks_uri"])
    is_known = kind.auth_method != "none" and has_keys
    return "private_key_jwt" if is_known else kind.auth_method


def _more(given: forms.Given) -> dict[str, Any]:
    return {
        "post_logout_redirect_uris": given["post_logout_redirect_uris"],
        "jwks": given["jwks"],
        **{name: given[name] for name in ("resources", *ADDRESSES) if given[name]},
        "profile": given["profile"],
        "skip_consent": given["skip_consent"],
        "by": operators.current().id,
        "reason": given["reason"] or None,
    }


def _known(row: Client) -> dict[str, Any]:
    return {
        "client_name": row.name,
        "redirect_uris": "\n".join(row.redirect_uris),
        "post_logout_redirect_uris": "\n".join(row.post_logout_redirect_uris),
        "scope": row.scope,
        "resources": "\n".join(row.extra.get("resources", ())),
        "profile": row.profile,
        "jwks": json.dumps(row.jwks, indent=2) if row.jwks else "",
        **{name: row.extra.get(name, "") for name in ADDRESSES},
        "skip_consent": row.skip_consent,
        "version": version_of(row),
    }


def _refused(row_id: uuid.UUID | None, form: Form, refusal: AuthError) -> Response:
    settle_refusal(refusal)
    row = services().clients.at(row_id) if row_id is not None else None
    if row is not None and isinstance(refusal, StaleVersion):
        form.values["version"] = version_of(row)
    again = forms.show_again(form, refusal)
    # Members that have no field here are said at the head.
    others = sorted(again.errors.keys() - NewForm().fields.keys())
    if others:
        again.error = " ".join(f"{one}: {again.errors.pop(one)}" for one in others)
    return _page(row, again, status=refusal.status)


def _page(row: Client | None, form: Form, *, status: int = 200) -> Response:
    back = url_for("console.list_clients")
    if row is not None:
        back = url_for("console.show_client", row_id=row.id)
    return show.render(
        "client_edit",
        title=gettext("Change the app") if row else gettext("Register an app"),
        trail=[(row.name, back)] if row else [],
        status=status,
        form=form,
        is_new=row is None,
        kinds=[(name, kind.title, kind.meaning) for name, kind in KINDS.items()],
        profiles=list(PROFILES.items()),
        links={"back": back},
    )
