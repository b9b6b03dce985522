"""The flow inspector: what apps asked, what was decided, and what to change."""

from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext, lazy_gettext
from marshmallow import validate

from authserver.console import lists, show
from authserver.console.room import Room, Screen
from authserver.core.flow_story import Step, Story
from authserver.core.flows import FlowsWanted
from authserver.errors import NotFound
from authserver.http import forms
from authserver.http.context import services
from authserver.http.paging import is_id, is_moment

STEPS: dict[str, tuple[Any, str]] = {
    "asked": (lazy_gettext("The app asked"), ""),
    "account_chosen": (lazy_gettext("The account was chosen"), ""),
    "consented": (lazy_gettext("The person allowed it"), "good"),
    "denied": (lazy_gettext("The person said no"), "warn"),
    "answered": (lazy_gettext("The app was answered"), "good"),
    "redeemed": (lazy_gettext("The app took its tokens"), "good"),
    "refused": (lazy_gettext("Refused"), "bad"),
    "revoked": (lazy_gettext("Its tokens were revoked"), "warn"),
    "expired": (lazy_gettext("Nobody went on in time"), "warn"),
    "event": (lazy_gettext("Security log"), ""),
}
"""What a step is called, and how it looks."""


class FlowFilters(forms.PageForm):
    """The same as ``GET /admin/flows``."""

    trace_id = forms.Trimmed(
        load_default=None, validate=validate.Regexp(r"[0-9a-f]{32}\Z")
    )
    client_id = forms.Trimmed(load_default=None, validate=validate.Length(max=2048))
    error = forms.Trimmed(
        load_default=None, validate=validate.Regexp(r"[a-z_]{1,60}\Z")
    )

    words = {  # noqa: RUF012 -- read like a constant
        "trace_id": "Write the reference of an error page, 32 letters and digits.",
        "client_id": "No app has this client_id.",
        "error": "Write an error such as invalid_request.",
    }


def list_flows() -> Response:
    """List the last refusals and authorizations; a reference leads to its flow."""
    wanted, form = lists.read_filters(FlowFilters(), {})
    app = None
    if wanted is not None and wanted["client_id"]:
        app = services().clients.find(wanted["client_id"])
        if app is None:
            form.errors["client_id"] = gettext("No app has this client_id.")
            wanted = None
    rows, pages = [], {}
    if wanted is not None:
        narrowed = FlowsWanted(
            client_id=app.id if app else None,
            error=wanted["error"],
            trace_id=wanted["trace_id"],
        )
        page = services().flows.page(
            narrowed, limit=lists.PER_PAGE, after=lists.cursor(is_moment, is_id)
        )
        apps = services().flows.apps_of(row.client_id for row in page.rows)
        rows, pages = [_row(one, apps) for one in page.rows], lists.pages(page)
    return show.render(
        "flows",
        title=lazy_gettext("Flow inspector"),
        status=200 if wanted is not None else 422,
        form=form,
        flows=rows,
        pages=pages,
        is_narrowed=bool(form.values.keys() & FlowFilters().fields.keys()),
        links={"self": url_for("console.list_flows")},
    )


def _row(row: Any, apps: dict[Any, Any]) -> dict[str, Any]:
    app, state = apps.get(row.client_id), _state(row)
    return {
        "when": show.moment(row.created_at),
        "app": app.name if app else None,
        "where": getattr(row, "endpoint", "/authorize"),
        "error": getattr(row, "error", None),
        "parameter": getattr(row, "parameter", None),
        "state": {"words": STEPS[state][0], "mood": STEPS[state][1]},
        "url": (
            url_for("console.show_flow", trace_id=row.trace_id)
            if row.trace_id
            else None
        ),
    }


def _state(row: Any) -> str:
    if hasattr(row, "error"):
        return "refused"
    if row.denied_at:
        return "denied"
    if row.finished_at:
        return "answered"
    return "expired" if row.expires_at <= services().clock.now() else "asked"


def show_flow(trace_id: str) -> Response:
    """Tell one flow, step by step; why it was refused stands first."""
    try:
        story = services().flow_stories.of(trace_id)
    except NotFound:
        return _nothing(trace_id)
    return show.render(
        "flow",
        title=gettext("One flow"),
        trace=story.trace_id,
        asker=_app(story),
        asked=[_asked(name, value) for name, value in sorted(story.asked.items())],
        refusals=[one.facts for one in story.steps if one.what == "refused"],
        steps=[_step(one) for one in story.steps],
        links={
            "events": show.allowed(
                "logs:read", "console.list_events", trace_id=story.trace_id
            )
        },
    )


def _nothing(trace_id: str) -> Response:
    return show.render(
        "flow",
        status=404,
        title=gettext("One flow"),
        trace=trace_id[:40],
        asker=None,
        asked=[],
        refusals=[],
        steps=[],
        links={},
    )


def _app(story: Story) -> dict[str, Any] | None:
    if story.app is None:
        return None
    to = show.allowed("clients:read", "console.show_client", row_id=story.app.id)
    return {"name": story.app.name, "client_id": story.app.client_id, "url": to}


def _asked(name: str, value: str | int | None) -> tuple[str, str | None, int | None]:
    """Give name, text and length of a parameter; both None where it was only there."""
    if isinstance(value, int):
        return name, None, value
    return name, value, None


def _step(step: Step) -> dict[str, Any]:
    words, mood = STEPS[step.what]
    return {
        "at": show.moment(step.at),
        "clock": step.at.strftime("%H:%M:%S"),
        "what": step.what,
        "words": words,
        "mood": mood,
        "trace": step.trace_id,
        "is_here": step.trace_id == request.view_args["trace_id"],  # type: ignore[index]
        **step.facts,
    }


READS = "logs:read"

ROOM = Room(
    name="flows",
    title=lazy_gettext("Flow inspector"),
    screens=(
        Screen("/flows", list_flows, READS, "GET /admin/flows"),
        Screen("/flows/<trace_id>", show_flow, READS, "GET /admin/flows/<trace_id>"),
    ),
)
