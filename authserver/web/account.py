"""One's own account: who is signed in."""

from flask import Response, redirect, request, url_for
from flask_babel import gettext

from authserver.http.context import services, signed_in
from authserver.http.pages import app_of, render
from authserver.web.page import see


def index() -> Response:
    """Lead to the account, or to the sign-in."""
    return see("web.account")


def account() -> Response:
    """Show who is signed in."""
    who = signed_in()
    if who is None:
        return redirect(url_for("web.show_signin"), 303)  # type: ignore[return-value]
    user = services().users.get(who.user_id)
    facts = [(gettext("Email address"), user.email)]
    if user.username:
        facts.append((gettext("Username"), user.username))
    return render(
        "web/account.html",
        user={"name": user.full_name, "email": user.email, "username": user.username},
        verified=user.is_email_verified,
        facts=facts,
        steps=[],
        links={"account": url_for("web.account"), "logout": url_for("oidc.logout")},
    )


def signed_out() -> Response:
    """Say that the session has ended."""
    app = app_of(request.args.get("client_id"))
    links: dict[str, str | None] = {"signin": url_for("web.show_signin")}
    if app is not None and (home := app.extra.get("client_uri")):
        links["client"] = home
    return render("web/signed_out.html", app=app, frames=[], next_url=None, links=links)
