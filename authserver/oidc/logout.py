"""GET and POST /logout: RP-Initiated Logout 1.0.

Without proof that the app speaks for the one who is signed in, the person is asked
(§2, ASVS 10.6.2).  Nobody is sent anywhere but to a registered address.  The apps of the
session are told before the person goes on: from here (Back-Channel Logout 1.0), and by
frames of the page that says so (Front-Channel Logout 1.0).
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from flask import Response, redirect, request, url_for

from authserver.core.apps import App
from authserver.core.logout_frames import origins
from authserver.core.signed_in import SignedIn
from authserver.errors import AuthError
from authserver.http import accounts, csrf, headers, language, notifying
from authserver.http.context import services, signed_in
from authserver.http.pages import app_of, render
from authserver.oidc import wire
from authserver.oidc.asking import read_hint, user_of_hint

EVERYBODY = "accounts"
"""The field by which a person signs everybody at this browser out."""


@dataclass(frozen=True)
class Request:
    """A checked logout request."""

    params: dict[str, str]
    app: App | None
    hinted_user: uuid.UUID | None
    return_to: str | None

    def concerns(self, who: SignedIn | None) -> bool:
        """Whether the hint proves that it is about who is signed in, or nobody is."""
        if self.hinted_user is None:
            return False
        return who is None or who.user_id == self.hinted_user


def logout() -> Response:
    """Sign out, or ask first."""
    params, doubled = wire.authorization()
    wire.refuse_repeated(doubled)
    is_confirmed = request.method == "POST" and csrf.FIELD in params
    if is_confirmed:
        csrf.check()
    asked = _read(params)
    if request.method == "POST" and not is_confirmed:
        # Posted by another site, so without our cookie; the redirect brings it.
        return redirect(f"{request.path}?{urlencode(params)}", 303)  # type: ignore[return-value]
    language.prefer(params.get("ui_locales"))
    who = _whom(asked)
    is_due = who is not None or accounts.are_aside() or asked.return_to
    if not is_confirmed and not asked.concerns(who) and is_due:
        return _ask(asked, who)
    if is_confirmed and EVERYBODY in params:
        return _sign_out(asked, accounts.everybody())
    return _sign_out(asked, [who] if who is not None else [])


def _whom(asked: Request) -> SignedIn | None:
    """Give whom a hint names, where they are signed in here; else whoever is in front."""
    front = signed_in()
    if asked.hinted_user is None or (asked.concerns(front) and front is not None):
        return front
    others = (one.who for one in accounts.aside())
    return next((who for who in others if asked.concerns(who)), front)


def _read(params: dict[str, str]) -> Request:
    client_id, hinted = params.get("client_id"), None
    if hint := params.get("id_token_hint"):
        claims = read_hint(hint)
        if client_id is not None and client_id != claims.get("aud"):
            raise AuthError(
                "client_id differs from the hint", public="Wrong client_id."
            )
        client_id = str(claims.get("aud"))
        hinted = user_of_hint(claims)
    app = app_of(client_id)
    target = params.get("post_logout_redirect_uri")
    if target is not None and (
        app is None or target not in app.post_logout_redirect_uris
    ):
        raise AuthError(
            "post_logout_redirect_uri is not registered",
            public="The app asked for a return address that is not registered.",
        )
    return Request(params, app, hinted, target)


def _ask(asked: Request, who: SignedIn | None) -> Response:
    if asked.return_to:
        # Browsers hold redirects after a form to form-action too.
        parts = urlsplit(asked.return_to)
        headers.allow_form_to(f"{parts.scheme}://{parts.netloc}")
    person = {"name": who.full_name, "email": who.email} if who else None
    return render(
        "web/logout.html",
        app=asked.app,
        user=person,
        several=len(accounts.everybody()) > 1 or (who is None and accounts.are_aside()),
        fields=[
            (name, value)
            for name, value in asked.params.items()
            if name not in (csrf.FIELD, EVERYBODY)
        ],
        links={"account": url_for("web.account")},
    )


def _sign_out(asked: Request, leaving: Iterable[SignedIn]) -> Response:
    leaving, frames = list(leaving), set()
    for who in leaving:
        frames |= set(services().logout_frames.of(who.session_id))
        accounts.end(who, because="signed out")
    notifying.tell_now([who.session_id for who in leaving])
    response: Response = (
        _page_with(sorted(frames), asked) if frames else redirect(_next(asked), 303)  # type: ignore[assignment]
    )
    accounts.take_away(response, leaving)
    return response


def _page_with(frames: list[str], asked: Request) -> Response:
    """Show the page that loads the apps' frames and then goes on (§3)."""
    headers.allow_frames(origins(frames))
    return render(
        "web/signed_out.html",
        app=asked.app,
        frames=frames,
        next_url=_next(asked) if asked.return_to else None,
        links={"signin": url_for("web.show_signin")},
    )


def _next(asked: Request) -> str:
    """RP-Initiated Logout §3: back to the app with its state, or our own page."""
    if asked.return_to is None:
        client = asked.app.client_id if asked.app else None
        return url_for("web.signed_out", client_id=client)
    if "state" not in asked.params:
        return asked.return_to
    mark = "&" if "?" in asked.return_to else "?"
    return f"{asked.return_to}{mark}{urlencode({'state': asked.params['state']})}"
