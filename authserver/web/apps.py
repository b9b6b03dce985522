"""Apps with access: what each may read, since when, the way in, the way to put it out."""

from urllib.parse import urlsplit

from flask import Response, url_for

from authserver.core import app_link
from authserver.core.app_grants import AppGrant
from authserver.core.users import User
from authserver.http import words
from authserver.http.context import services, settings
from authserver.http.limits import public_limit
from authserver.web.page import require_signed_in
from authserver.web.room import back_to, owner, render_room


def apps() -> Response:
    """List them by name."""
    user = owner(require_signed_in())
    found = services().app_grants.list_of(user.id)
    return render_room("web/apps.html", user, apps=[_row(one, user) for one in found])


@public_limit()
def remove_app(client_id: str) -> Response:
    """Put an app out: what it was allowed is forgotten, its tokens end at once."""
    services().app_grants.withdraw(require_signed_in().user_id, client_id)
    return back_to("web.apps", "app")


def _start(one: AppGrant) -> str | None:
    """Give where a sign-in to the app begins (OIDC Core §4), if it has said where."""
    if not one.initiate_login_uri:
        return None
    return app_link.start_of(
        one.initiate_login_uri, issuer=settings().issuer, target=one.client_uri
    )


def _row(one: AppGrant, user: User) -> dict[str, object]:
    return {
        "id": one.client_id,
        "name": one.name,
        "host": urlsplit(one.client_uri or "").hostname,
        "logo_uri": None,
        "scopes": [
            {"name": scope, "text": words.of_scope(scope)} for scope in one.scopes
        ],
        "since": words.day(one.granted_at or one.last_signin_at, user.timezone),
        "used_at": words.moment(one.last_signin_at, user.timezone),
        "start_url": _start(one),
        "revoke_url": url_for("web.remove_app", client_id=one.client_id),
    }
