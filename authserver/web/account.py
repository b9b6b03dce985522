"""One's own account: who is signed in, and what would make it safer."""

from flask import Response, request, url_for
from flask_babel import gettext

from authserver.http.pages import app_of, render
from authserver.web import words
from authserver.web.page import require_signed_in, see
from authserver.web.room import owner, render_room


def index() -> Response:
    """Lead to the account, or to the sign-in."""
    return see("web.account")


def account() -> Response:
    """Show who is signed in."""
    user = owner(require_signed_in())
    facts = [(gettext("Email address"), user.email)]
    if user.username:
        facts.append((gettext("Username"), user.username))
    if since := words.day(user.created_at, user.timezone):
        facts.append((gettext("Member since"), since))
    steps = []
    if not user.mfa_enabled:
        step = {
            "text": gettext("Add a second step"),
            "url": url_for("web.show_totp"),
            "action": gettext("Set up"),
        }
        steps.append(step)
    return render_room(
        "web/account.html",
        user,
        verified=user.is_email_verified,
        facts=facts,
        steps=steps,
    )


def signed_out() -> Response:
    """Say that the session has ended."""
    app = app_of(request.args.get("client_id"))
    links: dict[str, str | None] = {"signin": url_for("web.show_signin")}
    if app is not None and (home := app.extra.get("client_uri")):
        links["client"] = home
    return render("web/signed_out.html", app=app, frames=[], next_url=None, links=links)
