"""Sign in by another service: out to a provider and back; link and unlink it.

Nothing is linked by a form or link of another site: the address that begins it is only
shown to whoever is signed in, and it can be used in their browser alone.
"""

import uuid
from urllib.parse import urlsplit

from flask import Response, redirect, request, url_for

from authserver.core.attempts import Attempt, Wish
from authserver.errors import AuthError, NotSignedIn, SecondFactorNeeded
from authserver.http import provider_return
from authserver.http.context import services, signed_in
from authserver.http.limits import lookup_limit
from authserver.http.pages import render
from authserver.web import mfa, signin
from authserver.web.page import (
    admit,
    open_interaction,
    require_signed_in,
    see,
    waiting,
)

FACE = "page"


@lookup_limit()
def begin_connection(provider: str) -> Response:
    """Send somebody to a provider, to sign in with what they are there."""
    row = waiting()
    wish = Wish(
        face=FACE,
        return_to=provider_return.own_path(request.args.get("next")),
        interaction_id=row.id if row else None,
    )
    try:
        url = provider_return.departed(provider, wish)
    except AuthError as refusal:
        return signin.refused_elsewhere(row, refusal)
    return redirect(url, 303)  # type: ignore[return-value]


@lookup_limit()
def connection_back(provider: str) -> Response:
    """Take in whoever comes back, and lead them on to where they wanted to go."""
    attempt = provider_return.arrived(provider)
    row = open_interaction(attempt.wish.interaction_id)
    if attempt.wish.user_id is not None:
        return _link(attempt, attempt.wish.user_id)
    email = ""
    try:
        identity = provider_return.identified(attempt)
        email = identity.email or ""
        session, cookie = services().connections.enter(
            attempt, identity, kind="browser"
        )
    except SecondFactorNeeded as refusal:
        return mfa.to_challenge(refusal, row)
    except AuthError as refusal:
        return signin.refused_elsewhere(row, refusal, identifier=email)
    response = admit(session, cookie, row)
    if row is None and attempt.wish.return_to:
        response.location = attempt.wish.return_to
    return response


def _link(attempt: Attempt, user_id: uuid.UUID) -> Response:
    """Link, if the one at this browser still is who began it."""
    who = signed_in()
    if who is None or who.user_id != user_id:
        raise NotSignedIn("another one is signed in by now")
    identity = provider_return.identified(attempt)
    services().connections.link(attempt, identity)
    return see("web.security")


def show_connect(provider: str) -> Response:
    """Show where the way to a provider begins, for whoever is signed in."""
    who = require_signed_in()
    found = services().attempts.provider(provider)
    services().sessions.require_recent(who.session_id)
    wish = Wish(face=FACE, user_id=who.user_id, session_id=who.session_id)
    url = provider_return.departed(provider, wish)
    return render(
        "web/connect.html",
        provider=found.title,
        host=urlsplit(url).hostname,
        links={"next": url, "cancel": url_for("web.security")},
    )


def disconnect(provider: str) -> Response:
    """Unlink what one is at a provider."""
    who = require_signed_in()
    services().connections.unlink(who.user_id, provider, session_id=who.session_id)
    return see("web.security")
