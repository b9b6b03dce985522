"""Who calls: a bearer token or a cookie to an Actor with permissions.

Only tokens that this server gave to its own front ends count here.  An app's token is
for userinfo and the app's own resource servers: a person who let an app read a profile
has not let it change the password.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import g, request

from authserver.core.clients import OWN_CLIENT
from authserver.core.roles import Permitted
from authserver.errors import InvalidToken, NotSignedIn
from authserver.http import cookies, csrf, language
from authserver.http.context import services, settings


@dataclass(frozen=True)
class Actor(Permitted):
    """A user at the JSON API."""

    session_id: uuid.UUID | None
    auth_time: datetime
    owner: Any
    """What they may see of their account; see ``Checked.owner``."""
    by_cookie: bool = False


def current() -> Actor:
    """Give who calls; looked up once a request.

    Raises:
        NotSignedIn: No token.
        InvalidToken: A token that is not good here.
    """
    if "actor" not in g:
        g.actor = _find()
    actor: Actor = g.actor
    return actor


def require(permission: str) -> Actor:
    """Give who calls, if they may.

    Raises:
        PermissionMissing: They may not.
    """
    return current().require(permission)


def _find() -> Actor:
    token, by_cookie = _token()
    checked = services().checks.access(token, by_owner=True)
    if checked.claims.get("client_id") != OWN_CLIENT:
        raise InvalidToken("an app's token at the account API")
    if by_cookie and request.method not in ("GET", "HEAD", "OPTIONS"):
        csrf.check_header()
    if not request.accept_languages:
        language.prefer(checked.subject.language)
    return Actor(
        subject=checked.subject,
        session_id=checked.session_id,
        auth_time=datetime.fromtimestamp(
            checked.claims["auth_time"], tz=services().clock.now().tzinfo
        ),
        permissions=services().roles.permissions_of(checked.subject.roles),
        owner=checked.owner,
        by_cookie=by_cookie,
    )


def _token() -> tuple[str, bool]:
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and given.strip():
        return given.strip(), False
    kept = request.cookies.get(cookies.access_name(settings()))
    if kept:
        return kept, True
    raise NotSignedIn("no access token")
