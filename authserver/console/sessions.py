"""Everybody's sessions: searched, ended one by one, or all at once."""

import uuid
from typing import Any

from flask import Response, redirect, url_for
from flask_babel import gettext, lazy_gettext
from marshmallow import fields, validate

from authserver.console import asking, lists, operators, show
from authserver.console.room import Room, Screen
from authserver.core.session_search import SessionsWanted
from authserver.http import cookies, forms
from authserver.http.context import services, settings
from authserver.http.paging import is_id, is_moment

EVERYBODY = "everybody"
"""What is typed to sign everybody out; the same word as at the API."""

SHORT = "Type at least two letters."
NO_ADDRESS = "Write an address such as 203.0.113.7."


class Filters(forms.PageForm):
    """What the list is narrowed to; the same as ``GET /admin/sessions``."""

    q = forms.Trimmed(load_default=None, validate=validate.Length(2, 100))
    ip = fields.IP(load_default=None)
    kind = fields.String(load_default=None, validate=validate.OneOf(["browser", "api"]))
    ended = fields.Boolean(load_default=False)

    words = {  # noqa: RUF012 -- read like a constant
        "q": SHORT,
        "ip": NO_ADDRESS,
        "kind": "Choose one of the list.",
        "ended": "Choose one of the list.",
    }


def list_sessions() -> Response:
    """List sessions, the newest first."""
    wanted, form = lists.read_filters(Filters(), {})
    rows, pages = [], {}
    if wanted is not None:
        page = services().session_search.find(
            SessionsWanted(
                wanted["q"],
                str(wanted["ip"]) if wanted["ip"] else None,
                wanted["kind"],
                with_ended=wanted["ended"],
            ),
            limit=lists.PER_PAGE,
            after=lists.cursor(is_moment, is_id),
        )
        mine = operators.current().subject.roles
        above = services().roles.above(mine, {one.user_id for one in page.rows})
        rows = [_row(one, is_above=one.user_id in above) for one in page.rows]
        pages = lists.pages(page)
    return show.render(
        "sessions",
        title=lazy_gettext("Sessions"),
        status=200 if wanted is not None else 422,
        form=form,
        sessions=rows,
        pages=pages,
        is_narrowed=bool(form.values.keys() & Filters().fields.keys()),
        kinds=[("browser", lazy_gettext("Browser")), ("api", lazy_gettext("API"))],
        links={
            "self": url_for("console.list_sessions"),
            "end_all": show.allowed("sessions:revoke_all", "console.end_all"),
        },
    )


def _row(one: Any, *, is_above: bool) -> dict[str, Any]:
    place = [part for part in (one.location_city, one.location_country) if part]
    now = services().clock.now()
    is_over = not one.is_active or one.expires_at <= now
    return {
        "owner": one.full_name or one.email,
        "owner_url": show.allowed(
            "users:read", "console.show_user", user_id=one.user_id
        ),
        "device": one.device_name or gettext("Unknown device"),
        "place": ", ".join(place),
        "ip": one.ip_address,
        "amr": ", ".join(one.amr),
        "since": show.moment(one.created_at),
        "seen": show.moment(one.last_activity_at or one.created_at),
        "apps": [],
        "is_current": one.id == operators.current().session_id,
        "is_over": is_over,
        "end_url": None if is_over or is_above else end_url(one.id),
    }


def end_url(session_id: uuid.UUID) -> str | None:
    """Give the way to end a session, to whoever may."""
    return show.allowed("sessions:revoke", "console.end_session", session_id=session_id)


def end_session(session_id: uuid.UUID) -> Response:
    """End one, with the tokens that hang on it."""
    entry = services().whereabouts.get(session_id, user_id=None, current=None)
    who = services().administration.see(entry.user_id)
    page = url_for("console.list_sessions")
    if operators.current().may("users:read"):
        page = url_for("console.show_user", user_id=who.id)
    question = asking.Question(
        title=gettext("End the session"),
        words=gettext("They are signed out there, and its tokens end."),
        submit=gettext("End the session"),
        back=page,
        of=[
            who.email,
            f"{entry.device_name or gettext('Unknown device')} · {entry.ip_address}",
        ],
        wants_reason=True,
        is_dangerous=True,
    )

    def act(reason: str | None) -> Response:
        by = operators.current().subject
        services().session_ending.end(by, session_id, reason=reason)
        return show.back_to("console.list_sessions", "ended")

    return asking.ask(question, act)


def end_all() -> Response:
    """Sign everybody out of everything, whoever asks for it too."""
    question = asking.Question(
        title=gettext("Sign everybody out"),
        words=gettext(
            "Every session and every token of everybody ends, yours too. Everybody "
            "has to sign in again."
        ),
        submit=gettext("Sign everybody out"),
        back=url_for("console.list_sessions"),
        wants_reason=True,
        typed=EVERYBODY,
        is_dangerous=True,
    )

    def act(reason: str | None) -> Response:
        services().session_ending.end_everybody(
            operators.current().subject, reason=reason
        )
        response = redirect(url_for("web.signed_out"), 303)
        cookies.clear_session(response, settings())  # type: ignore[arg-type]
        return response  # type: ignore[return-value]

    return asking.ask(question, act)


ROOM = Room(
    name="sessions",
    title=lazy_gettext("Sessions"),
    screens=(
        Screen("/sessions", list_sessions, "sessions:read", "GET /admin/sessions"),
        Screen(
            "/sessions/<uuid:session_id>/end",
            end_session,
            "sessions:revoke",
            "DELETE /admin/sessions/<uuid:session_id>",
            posts=True,
            is_dangerous=True,
        ),
        Screen(
            "/sessions/end-all",
            end_all,
            "sessions:revoke_all",
            "POST /admin/sessions/revoke-all",
            posts=True,
            is_dangerous=True,
        ),
    ),
    done={"ended": lazy_gettext("The session has ended.")},
)
