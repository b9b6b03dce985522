"""Streams of security events: which app is told what, and where (OpenID SSF 1.0)."""

import uuid
from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext, lazy_gettext
from marshmallow import fields, validate

from authserver.console import asking, operators, show
from authserver.console.room import Screen
from authserver.core.apps import App
from authserver.core.signals import METHODS, POLL, PUSH, Event
from authserver.core.stream_wishes import STATUSES
from authserver.errors import AuthError, NotFound
from authserver.http import forms
from authserver.http.context import services
from authserver.http.pages import Form
from authserver.http.unit_of_work import settle_refusal

WAYS = {
    POLL: lazy_gettext("The app fetches them (RFC 8936)"),
    PUSH: lazy_gettext("They are sent to the app (RFC 8935)"),
}
STATES = {
    "enabled": (lazy_gettext("On"), "good"),
    "paused": (lazy_gettext("Paused"), "warn"),
    "disabled": (lazy_gettext("Stopped"), "bad"),
}
EVENTS = {
    Event.SESSION_REVOKED.value: lazy_gettext("A session has ended"),
    Event.CREDENTIAL_CHANGE.value: lazy_gettext("A password or another proof changed"),
}


class StreamForm(forms.PageForm):
    """A stream; what it may be, the core says."""

    method = fields.String(required=True, validate=validate.OneOf(METHODS))
    endpoint_url = forms.Trimmed(load_default="")
    authorization_header = forms.Trimmed(load_default="")
    events_requested = fields.List(fields.String(), load_default=list)
    description = forms.Trimmed(load_default="")
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    reason = forms.Trimmed(load_default="", validate=validate.Length(max=500))

    words = {  # noqa: RUF012 -- read like a constant
        "method": "Choose one of the list.",
        "status": "Choose one of the list.",
        "events_requested": "Choose one of the list.",
        "reason": "Use at most 500 characters.",
    }


def list_streams() -> Response:
    """List all, by the name of their apps."""
    return show.render(
        "streams",
        title=gettext("Streams of security events"),
        streams=[
            {
                "name": one.name,
                "url": url_for("console.show_client", row_id=one.row_id),
                "way": WAYS[one[0].method],
                "endpoint": one[0].endpoint_url,
                "state": _state(one[0].status),
                "verified": show.moment(one[0].verified_at),
                "edit_url": show.allowed(
                    "clients:update", "console.edit_stream", row_id=one.row_id
                ),
            }
            for one in services().stream_keeping.list_all()
        ],
    )


def edit_stream(row_id: uuid.UUID) -> Response:
    """Set the stream of an app up, change it, pause it, let it go on."""
    app = _app(row_id)
    if request.method != "POST":
        return _page(row_id, app, Form(values=_known(app)))
    given, form = forms.read(StreamForm(), {})
    form.values.pop("authorization_header", None)
    form.values["events_requested"] = request.form.getlist("events_requested")  # type: ignore[assignment]
    if given is None:
        return _page(row_id, app, form, status=422)
    reason = given.pop("reason") or None
    facts = {name: said or None for name, said in given.items()}
    facts["events_requested"] = given["events_requested"]
    try:
        by = operators.current().id
        services().stream_keeping.put(app, by=by, reason=reason, **facts)
    except AuthError as refusal:
        settle_refusal(refusal)
        form.error = refusal.public
        return _page(row_id, app, form, status=refusal.status)
    return show.back_to("console.edit_stream", "stream-kept", row_id=row_id)


def delete_stream(row_id: uuid.UUID) -> Response:
    """End it, with what waits in it."""
    app = _app(row_id)
    if services().stream_keeping.of(app) is None:
        raise NotFound("no stream")
    page = url_for("console.show_client", row_id=row_id)
    question = asking.Question(
        title=gettext("End the stream"),
        words=gettext(
            "The app is told nothing more, and what waits for it is dropped."
        ),
        submit=gettext("End the stream"),
        back=page,
        of=[app.name, app.client_id],
        trail=[(app.name, page)],
        wants_reason=True,
        is_dangerous=True,
    )

    def act(reason: str | None) -> Response:
        by = operators.current().id
        services().stream_keeping.end(app, by=by, reason=reason)
        return show.back_to("console.show_client", "stream-ended", row_id=row_id)

    return asking.ask(question, act)


def _app(row_id: uuid.UUID) -> App:
    return services().stream_keeping.app(services().clients.at(row_id).client_id)


def _state(status: str) -> dict[str, Any]:
    words, mood = STATES[status]
    return {"words": words, "mood": mood}


def _known(app: App) -> dict[str, Any]:
    row = services().stream_keeping.of(app)
    if row is None:
        return {"method": POLL, "status": "enabled", "events_requested": list(EVENTS)}
    return {
        "method": row.method,
        "endpoint_url": row.endpoint_url or "",
        "events_requested": list(row.events_requested),
        "description": row.description or "",
        "status": row.status,
    }


def _page(row_id: uuid.UUID, app: App, form: Form, *, status: int = 200) -> Response:
    page = url_for("console.show_client", row_id=row_id)
    row = services().stream_keeping.of(app)
    return show.render(
        "stream_edit",
        title=gettext("Stream of security events"),
        trail=[(app.name, page)],
        status=status,
        form=form,
        is_new=row is None,
        has_authorization=bool(row is not None and row.authorization_sealed),
        ways=list(WAYS.items()),
        states=[(name, words) for name, (words, _) in STATES.items()],
        events=list(EVENTS.items()),
        may_receive="ssf." in app.scope and "client_credentials" in app.grant_types,
        links={
            "back": page,
            "delete": url_for("console.delete_stream", row_id=row_id) if row else None,
        },
    )


ONE, CALL = "/clients/<uuid:row_id>/stream", "/admin/clients/<client_id>/stream"
SCREENS = (
    Screen("/streams", list_streams, "clients:read", "GET /admin/streams"),
    Screen(ONE, edit_stream, "clients:update", f"PUT {CALL}", posts=True),
    Screen(
        f"{ONE}/delete",
        delete_stream,
        "clients:update",
        f"DELETE {CALL}",
        posts=True,
        is_dangerous=True,
    ),
)
DONE = {
    "stream-kept": lazy_gettext("The stream is as you have set it."),
    "stream-ended": lazy_gettext("The stream has ended."),
}
