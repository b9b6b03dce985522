"""POST /device_authorization (RFC 8628 §3.1), and the way of its person."""

from urllib.parse import urlencode

from flask import Response, jsonify, redirect, url_for

from authserver.core import interactions
from authserver.core.client_metadata import DEVICE_CODE
from authserver.core.device_grants import OVER
from authserver.core.interactions import Ask, Interaction, Standing, Step
from authserver.errors import NotFound, UnauthorizedClient
from authserver.http.context import services, settings, signed_in_for
from authserver.http.limits import network
from authserver.http.pages import app_of, error_page
from authserver.http.unit_of_work import settle_refusal
from authserver.oidc import client_auth, wanted
from authserver.oidc.server import read_form

PAGE_OF = {
    Step.SIGN_IN: "web.show_signin",
    Step.CONSENT: "web.show_device_confirm",
}
ALWAYS_ASK = frozenset({"consent"})
"""A device is somewhere else: its person is asked each time (RFC 8628 §3.3)."""


def device_authorization() -> Response:
    """Let a device wait, and tell it what to show."""
    form = read_form()
    app = client_auth.authenticate(form).app
    if DEVICE_CODE not in app.grant_types:
        raise UnauthorizedClient(f"{app.client_id} may not use devices")
    asked = wanted.read(form.form, app)
    if app.is_public:
        # Anybody may call in its name; each call makes one more code to be guessed.
        services().throttle.hit("device:network", network())
    begun = services().device_grants.begin(app, asked)
    page = f"{settings().issuer}/device"
    response = jsonify(
        device_code=begun.device_code,
        user_code=begun.user_code,
        verification_uri=page,
        verification_uri_complete=f"{page}?{urlencode({'user_code': begun.user_code})}",
        expires_in=begun.expires_in,
        interval=begun.interval,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def resume(row: Interaction) -> Response:
    """Go on with a device's interaction: sign in, then look at the device."""
    who = signed_in_for(row.client_id)
    if not services().interactions.is_open(row):
        return _ended(row)
    if who is not None and who.is_stale:
        services().sessions.touch(who.session_id)
    standing = Standing(who.auth_time, who.user_id, who.acr) if who else Standing()
    ask = Ask(asked_at=row.created_at, prompt=ALWAYS_ASK)
    step = interactions.next_step(ask, standing, services().clock.now())
    return redirect(url_for(PAGE_OF[step], interaction=row.id), 303)  # type: ignore[return-value]


def _ended(row: Interaction) -> Response:
    error = NotFound("the device's interaction is over", public=OVER)
    settle_refusal(error)
    links: dict[str, str | None] = {"start_again": url_for("web.show_device")}
    return error_page(error, links=links, app=app_of(row.request.get("client_id")))
