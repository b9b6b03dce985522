"""What the views of pages share: the interaction that waits, and the way back to it."""

import uuid
from typing import Any
from urllib.parse import urlsplit

from flask import Response, redirect, request, url_for

from authserver.core.apps import App
from authserver.core.interactions import Interaction
from authserver.core.outbox_search import masked as mask
from authserver.core.sessions import Session
from authserver.core.signed_in import SignedIn
from authserver.errors import NotSignedIn
from authserver.http import accounts, cookies, expiry, headers, language
from authserver.http.context import services, settings, signed_in
from authserver.http.pages import app_of
from authserver.http.redirects import local_path


def waiting() -> Interaction | None:
    """Give the interaction that this page belongs to, as long as it waits."""
    return open_interaction(request.values.get("interaction"))


def open_interaction(key: str | uuid.UUID | None) -> Interaction | None:
    """Give an interaction by its id, as long as it waits; the page is to lead back."""
    row = services().interactions.find(key)
    if row is None or not services().interactions.is_open(row):
        return None
    expiry.note(row.expires_at)
    language.prefer(row.request.get("ui_locales"))
    if row.device_id is None:  # a device is told when it asks; nobody is redirected
        _allow_way_back(row)
    return row


def _allow_way_back(row: Interaction) -> None:
    """Let the forms of this page lead to the app in the end.

    Chromium holds the redirects that follow a form to ``form-action`` as well, and
    after a sign-in or a consent the last of them goes to the app.
    """
    target = urlsplit(way_back(row))
    headers.allow_form_to(
        f"{target.scheme}://{target.netloc}" if target.netloc else f"{target.scheme}:"
    )


def way_back(row: Interaction) -> str:
    """Give where the answer will go: the URI asked for, or the only one registered."""
    app = asking_app(row)
    registered = app.redirect_uris if app else ()
    return str(row.request.get("redirect_uri") or next(iter(registered), ""))


def asking_app(row: Interaction | None) -> App | None:
    """Give the client on whose behalf the page is shown."""
    return app_of(row.request.get("client_id")) if row else None


def go_on(row: Interaction | None) -> Response:
    """Lead back to the one dispatcher, or to the page that asked for a sign-in."""
    target = url_for("oidc.resume", interaction=row.id) if row else next_page()
    return redirect(target, 303)  # type: ignore[return-value]


def next_page() -> str:
    """Give the page of ours that somebody was on the way to; else the account."""
    return local_path(request.args.get("next"), url_for("web.account"))


def kept(row: Interaction | None) -> dict[str, Any]:
    """Give what goes along from page to page until somebody is signed in."""
    interaction = str(row.id) if row else None
    return {"interaction": interaction, "next": request.args.get("next")}


def see(endpoint: str, **values: object) -> Response:
    """Redirect to a page of ours after a form (RFC 9110 §15.4.4)."""
    return redirect(url_for(endpoint, **values), 303)  # type: ignore[arg-type,return-value]


def admit(session: Session, cookie: str, row: Interaction | None) -> Response:
    """Hand the new session to the browser and lead on.

    Whoever was signed in before stays at hand (``http/accounts``).
    """
    response = go_on(row)
    accounts.make_room(response, session.user_id)
    cookies.set_session(response, cookie, settings(), remember=session.remembered)
    return response


def switch(row: Interaction) -> str:
    """Give where to become somebody else: among those who are here, or by signing in."""
    if accounts.are_aside():
        return url_for("web.show_accounts", interaction=row.id)
    return url_for("web.show_signin", interaction=row.id, again=1)


def require_signed_in() -> SignedIn:
    """Give who is signed in; whoever looks after their account is not idle.

    Raises:
        NotSignedIn: Nobody.
    """
    who = signed_in()
    if who is None:
        raise NotSignedIn("a page of one's own account")
    expiry.note_session(who)
    return who


def providers(row: Interaction | None) -> list[dict[str, str]]:
    """Give the buttons of other services to sign in with."""
    return [
        {
            "name": found.title,
            "url": url_for("web.begin_connection", provider=name, **kept(row)),
        }
        for name, found in services().attempts.providers.items()
    ]


def masked(address: str | None) -> str:
    """Show enough of an address to know it again: ``a•••@example.com``."""
    return mask(address or "")
