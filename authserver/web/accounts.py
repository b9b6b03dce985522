"""Choose among the people signed in at this browser (OIDC Core §3.1.2.1).

Who is chosen comes forward and is signed in on every page; the others stay at hand.
"""

import uuid

from flask import Response, request, url_for

from authserver.core.interactions import Interaction
from authserver.core.signed_in import SignedIn
from authserver.http import accounts
from authserver.http.context import services, signed_in
from authserver.http.limits import public_limit
from authserver.http.pages import render
from authserver.web.page import asking_app, go_on, kept, see, waiting


def show_accounts() -> Response:
    """Show who is here, whoever is in front first."""
    row, front, here = waiting(), signed_in(), accounts.everybody()
    if not here:
        response = see("web.show_signin", again=1, **kept(row))
        accounts.take_away(response, [])
        return response
    return render(
        "web/accounts.html",
        app=asking_app(row),
        interaction=row.id if row else None,
        accounts=[_shown(one, front) for one in here],
        links={
            "signin": url_for("web.show_signin", again=1, **kept(row)),
            "logout": url_for("oidc.logout"),
        },
    )


@public_limit()
def choose_account() -> Response:
    """Let somebody come forward and go on; or sign one of them out here."""
    row = waiting()
    if "remove" in request.form:
        return _remove(row, _key("remove"))
    chosen, response = _key("account"), go_on(row)
    if chosen is None or not accounts.bring_forward(response, chosen):
        return see("web.show_accounts", **kept(row))
    if row is not None:
        services().interactions.note_account(row)
    return response


def _remove(row: Interaction | None, session_id: uuid.UUID | None) -> Response:
    """End one session of this browser; nobody else's can be named."""
    leaving = [one for one in accounts.everybody() if one.session_id == session_id]
    for one in leaving:
        accounts.end(one, because="signed out")
    response = see("web.show_accounts", **kept(row))
    accounts.take_away(response, leaving)
    return response


def _key(field: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(request.form.get(field, ""))
    except ValueError:
        return None


def _shown(who: SignedIn, front: SignedIn | None) -> dict[str, object]:
    return {
        "id": who.session_id,
        "name": who.full_name,
        "email": who.email,
        "is_in_front": front is not None and who.session_id == front.session_id,
    }
