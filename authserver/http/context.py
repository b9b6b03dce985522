"""What a view may ask about its request: services, settings, device, who is there."""

import uuid
from typing import cast

from flask import Request, current_app, g, request

from authserver.config import Settings
from authserver.core.device import Device, here
from authserver.core.signed_in import SignedIn
from authserver.crypto import opaque
from authserver.http import cookies, trace
from authserver.services import Services

MAX_USER_AGENT = 512


def services() -> Services:
    """Give the core of this application."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 -- see below
    return cast("Services", app.extensions["services"])


def this_request() -> Request:
    """Give the request itself: Flask's proxy takes six times as long for each look.

    Werkzeug documents the way, under a name that looks private.
    """
    return cast("Request", request._get_current_object())  # type: ignore[attr-defined]  # noqa: SLF001


def settings() -> Settings:
    """Give the settings of this application."""
    return services().settings


def note_device(request: Request, settings: Settings) -> None:
    """Put who asks where the core can see it."""
    agent = request.headers.get("User-Agent", "")
    sent = request.cookies if "Cookie" in request.headers else {}
    here.set(
        Device(
            ip=request.remote_addr,
            user_agent=agent[:MAX_USER_AGENT] or None,
            browser=sent.get(cookies.browser_name(settings)),
            trace_id=trace.current(),
        )
    )


def browser_id() -> str:
    """Give the id of this browser; a new one gets its cookie with the answer."""
    device = here.get()
    if device.browser and len(device.browser) <= cookies.MAX_BROWSER_ID:
        return device.browser
    fresh = opaque.new_secret()
    g.new_browser = fresh
    here.set(
        Device(device.ip, device.user_agent, fresh, device.trace_id, device.language)
    )
    return fresh


def session_cookie() -> str | None:
    """Give the session cookie as it came."""
    return request.cookies.get(cookies.session_name(settings()))


def signed_in() -> SignedIn | None:
    """Give who is signed in at this browser; looked up once a request."""
    if "signed_in" not in g:
        g.signed_in = services().sessions.find(session_cookie())
    return cast("SignedIn | None", g.signed_in)


def signed_in_for(client_id: uuid.UUID) -> SignedIn | None:
    """The same, with what the user has granted to one client, in one read."""
    g.signed_in = services().sessions.find(session_cookie(), client_id=client_id)
    return cast("SignedIn | None", g.signed_in)
