"""Where one is signed in, and the way to end it."""

import uuid

from flask import Response, url_for
from flask_babel import gettext

from authserver.core.users import User
from authserver.core.whereabouts import Entry
from authserver.http import cookies, words
from authserver.http.context import services, settings
from authserver.http.limits import public_limit
from authserver.web.page import require_signed_in, see
from authserver.web.room import back_to, owner, render_room


def sessions() -> Response:
    """List them, the latest first."""
    who = require_signed_in()
    user = owner(who)
    found = services().whereabouts.list_of(who.user_id, current=who.session_id)
    return render_room(
        "web/sessions.html",
        user,
        sessions=[_row(one, user) for one in found],
        links={"sessions_revoke": url_for("web.end_others")},
    )


@public_limit()
def end_session(session_id: uuid.UUID) -> Response:
    """Sign one device out; somebody else's is not found."""
    who = require_signed_in()
    services().whereabouts.end(
        session_id, user_id=who.user_id, because=f"ended by {who.user_id}"
    )
    if session_id == who.session_id:
        response = see("web.signed_out")
        cookies.clear_session(response, settings())
        return response
    return back_to("web.sessions", "signed-out")


@public_limit()
def end_others() -> Response:
    """Sign out everywhere but here, with every token, also those of apps."""
    who = require_signed_in()
    services().whereabouts.end_others(who.user_id, current=who.session_id)
    return back_to("web.sessions", "others-out")


def _row(one: Entry, user: User) -> dict[str, object]:
    place = [part for part in (one.location_city, one.location_country) if part]
    return {
        "id": one.id,
        "name": one.device_name or gettext("Unknown device"),
        "place": ", ".join(place) or None,
        "ip": one.ip_address,
        "first_seen": words.moment(one.created_at, user.timezone),
        "last_seen": words.moment(
            one.last_activity_at or one.created_at, user.timezone
        ),
        "apps": [app.name for app in one.clients],
        "current": one.current,
        "revoke_url": url_for("web.end_session", session_id=one.id),
    }
