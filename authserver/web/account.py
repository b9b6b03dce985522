"""One's own account: who is signed in, and what would make it safer."""

from flask import Response, request, url_for
from flask_babel import gettext

from authserver.core.roles import is_more_than_ones_own
from authserver.core.users import User
from authserver.http import words
from authserver.http.context import services
from authserver.http.pages import app_of, render
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
    if services().backchannel.list_of(user.id):
        waiting = {
            "text": gettext("An app waits for your answer"),
            "url": url_for("web.requests"),
            "action": gettext("Look"),
        }
        steps.append(waiting)
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
        links={"console": url_for("console.index") if _is_operator(user) else None},
    )


def _is_operator(user: User) -> bool:
    """Whether a role of theirs opens a room of the console."""
    subject = services().directory.subject(user.id)
    roles = subject.roles if subject else ()
    return is_more_than_ones_own(services().roles.permissions_of(roles))


def signed_out() -> Response:
    """Say that the session has ended."""
    app = app_of(request.args.get("client_id"))
    links: dict[str, str | None] = {"signin": url_for("web.show_signin")}
    if app is not None and (home := app.extra.get("client_uri")):
        links["client"] = home
    return render("web/signed_out.html", app=app, frames=[], next_url=None, links=links)
