"""What the rooms of one's own account share: who lives there, and the doors."""

from typing import Any

from flask import Response, request, url_for
from flask_babel import lazy_gettext

from authserver.core.signed_in import SignedIn
from authserver.core.users import User
from authserver.http.context import services
from authserver.http.pages import render
from authserver.web.page import see

ROOMS = ("account", "profile", "security", "sessions", "apps", "activity", "privacy")
DONE = {
    "saved": lazy_gettext("Your changes are saved."),
    "password": lazy_gettext("Your password is changed"),
    "email": lazy_gettext("Your email address was changed"),
    "totp-on": lazy_gettext("An authenticator app was added."),
    "device-forgotten": lazy_gettext("That device is asked for the second step again."),
    "totp-off": lazy_gettext("The authenticator app was removed."),
    "passkey": lazy_gettext("A passkey was added."),
    "no-passkey": lazy_gettext("A passkey was removed."),
    "signed-out": lazy_gettext("That device is signed out."),
    "others-out": lazy_gettext("All other devices are signed out."),
    "request-allowed": lazy_gettext("The app may go on."),
    "request-denied": lazy_gettext("The app was told no."),
    "app": lazy_gettext("The app has no access any more."),
}
"""What a page says of the form that led to it, by the word in its URL."""


def owner(who: SignedIn) -> User:
    """Give the account of whoever is signed in."""
    return services().users.get(who.user_id)


def person(user: User) -> dict[str, Any]:
    """Give what every page of the account shows of its owner."""
    return {
        "name": user.full_name,
        "email": user.email,
        "username": user.username,
        "avatar_url": None,
    }


def doors() -> dict[str, str | None]:
    """Give the addresses of the rooms."""
    rooms: dict[str, str | None] = {name: url_for(f"web.{name}") for name in ROOMS}
    return rooms | {
        "logout": url_for("oidc.logout"),
        "accounts": url_for("web.show_accounts"),
    }


def render_room(
    template: str,
    user: User,
    *,
    status: int = 200,
    links: dict[str, str | None] | None = None,
    **facts: Any,
) -> Response:
    """Render a room of the account, with what has just been done there."""
    return render(
        template,
        status=status,
        user=person(user),
        done=DONE.get(request.args.get("done", "")) if status < 400 else None,
        links=doors() | (links or {}),
        **facts,
    )


def back_to(endpoint: str, done: str) -> Response:
    """Lead to a room, which says what was done."""
    return see(endpoint, done=done)
