"""Requests that apps make for somebody who is elsewhere: allow or deny (OpenID CIBA)."""

import uuid

from flask import Response, request, url_for

from authserver.core.backchannel import Asked
from authserver.core.users import User
from authserver.errors import AuthError
from authserver.http import words
from authserver.http.context import services
from authserver.http.limits import public_limit
from authserver.http.pages import app_of, client_facts
from authserver.web import consent
from authserver.web.page import require_signed_in
from authserver.web.room import back_to, owner, render_room


def requests() -> Response:
    """List what waits, the newest first."""
    user = owner(require_signed_in())
    found = services().backchannel.list_of(user.id)
    return render_room(
        "web/requests.html",
        user,
        requests=[_row(one, user) for one in found],
        links={"requests": url_for("web.requests")},
    )


@public_limit()
def decide(request_id: uuid.UUID) -> Response:
    """Note the answer; the app hears of it."""
    who = require_signed_in()
    decision = request.form.get("decision")
    if decision not in ("allow", "deny"):
        raise AuthError("decision is neither allow nor deny")
    found = services().backchannel.get(request_id, user_id=who.user_id)
    if decision == "deny":
        services().backchannel.deny(found, who)
        return back_to("web.requests", "request-denied")
    ticked = set(request.form.getlist("scope")) | consent.ALWAYS
    services().backchannel.allow(found, who, sorted(ticked))
    return back_to("web.requests", "request-allowed")


def _row(one: Asked, user: User) -> dict[str, object]:
    return {
        "id": one.id,
        "client": client_facts(app_of(one.client_id)) or {"name": one.client_id},
        "binding_message": one.binding_message,
        **consent.words_of_all(one.wanted),
        "asked_at": words.moment(one.asked_at, user.timezone),
        "ends_at": words.moment(one.expires_at, user.timezone),
        "url": url_for("web.decide", request_id=one.id),
    }
