"""GET and POST /authorize: parse, ask for the next step, answer (RFC 6749 §3.1).

A dispatcher: it sends the person to a page with the interaction's id, and every page
sends the person back to ``resume``.  Pages never lead to each other.
"""

from urllib.parse import urlencode

from authlib.oauth2 import OAuth2Error
from flask import Response, redirect, request, url_for

from authserver.core import consents, interactions
from authserver.core.apps import App
from authserver.core.grants import Authorization
from authserver.core.interactions import Interaction, Standing, Step
from authserver.core.signed_in import SignedIn
from authserver.errors import (
    AccessDenied,
    AuthError,
    InvalidRedirect,
    NotFound,
    UnsupportedResponseType,
)
from authserver.http.context import services, signed_in_for
from authserver.http.pages import error_page
from authserver.http.unit_of_work import settle_refusal
from authserver.oidc import answer, asking, wire
from authserver.oidc.asking import Wish
from authserver.oidc.errors import from_authlib
from authserver.oidc.server import server
from authserver.oidc.wire import WireRequest

PAGE_OF = {
    Step.SIGN_IN: "web.show_signin",
    Step.SIGN_UP: "web.show_signup",
    Step.CHOOSE_ACCOUNT: "web.show_accounts",
    Step.CONSENT: "web.show_consent",
}


def start() -> Response:
    """Begin: check the request, and answer at once if the person need do nothing."""
    params, doubled = wire.authorization()
    app, redirect_uri = _trust(params, doubled)
    now = services().clock.now()
    try:
        wire.refuse_repeated(doubled)
        asking.response_mode(params)
        _check_with_authlib(params)
        wish = asking.read(params, app, now)
        if request.method == "POST":
            # A form posted by another site brings no SameSite=Lax cookie.  The
            # redirect that follows is a plain navigation, and does.
            return _to_resume(services().interactions.begin(app.id, params, now))
        return _proceed(app, params, redirect_uri, wish)
    except AuthError as error:
        return _refuse(app, params, redirect_uri, error)


def resume() -> Response:
    """Go on with an interaction after one of its pages."""
    row = services().interactions.find(request.args.get("interaction"))
    if row is None:
        raise NotFound("no such interaction")
    params = dict(row.request)
    app, redirect_uri = _trust(params, [])
    if not services().interactions.is_open(row):
        return _ended(app, params)
    try:
        wish = asking.read(params, app, row.created_at)
        if row.denied_at is not None:
            services().interactions.finish(row)
            raise AccessDenied("the person said no")
        return _proceed(app, params, redirect_uri, wish, row)
    except AuthError as error:
        return _refuse(app, params, redirect_uri, error)


def _trust(params: dict[str, str], doubled: list[str]) -> tuple[App, str]:
    """Find the client and where it may be answered; else nobody is redirected.

    RFC 6749 §4.1.2.4: a bad client or redirect URI is told to the person, on a page.
    """
    if {"client_id", "redirect_uri"} & set(doubled):
        raise InvalidRedirect("client_id or redirect_uri came twice")
    app = services().clients.find(params.get("client_id", ""))
    if app is None:
        raise InvalidRedirect("unknown client_id")
    asked = params.get("redirect_uri")
    if asked is not None:
        if not app.has_redirect_uri(asked):
            raise InvalidRedirect("redirect_uri is not registered")
        return app, asked
    # OIDC Core §3.1.2.1: openid needs it said; plain OAuth may leave out the only one.
    is_openid = "openid" in params.get("scope", "").split()
    if is_openid or len(app.redirect_uris) != 1:
        raise InvalidRedirect("redirect_uri missing")
    return app, app.redirect_uris[0]


def _check_with_authlib(params: dict[str, str]) -> None:
    """Let Authlib judge response type, client and scope (RFC 6749 §4.1.1)."""
    if "response_type" not in params:
        raise AuthError("response_type missing", public="response_type is missing.")
    if params["response_type"] != "code":
        # Authlib repeats the value in its error, and fails on a quote in it.
        raise UnsupportedResponseType("response_type is not code")
    try:
        server.get_consent_grant(WireRequest("GET", params, request.headers))
    except OAuth2Error as error:
        raise from_authlib(error) from None


def _proceed(
    app: App,
    params: dict[str, str],
    redirect_uri: str,
    wish: Wish,
    row: Interaction | None = None,
) -> Response:
    who = signed_in_for(app.id)
    if who is not None and who.is_stale:
        services().sessions.touch(who.session_id)
    standing = _standing(app, wish, who, row)
    step = interactions.next_step(wish.ask, standing, services().clock.now())
    if "none" in wish.ask.prompt and step is not Step.DONE:
        raise interactions.silent_refusal(step)
    if step is Step.DONE and who is not None:
        interactions.check_acr(wish.ask, who.acr)
        return _finish(app, params, redirect_uri, wish, who, row)
    if row is None:
        asked_at = wish.ask.asked_at
        row = services().interactions.begin(app.id, params, asked_at)
    # Somebody is signed in, and yet must sign in: the page shall not lead back here.
    again = 1 if step is Step.SIGN_IN and who is not None else None
    return redirect(url_for(PAGE_OF[step], interaction=row.id, again=again), 303)  # type: ignore[return-value]


def _standing(
    app: App, wish: Wish, who: SignedIn | None, row: Interaction | None
) -> Standing:
    if who is None:
        return Standing()
    # A consent given in this interaction counts for the user who gave it alone.
    is_theirs = row is not None and row.consented_by == who.user_id
    return Standing(
        signed_in_at=who.auth_time,
        user_id=who.user_id,
        acr=who.acr,
        has_consented=app.skip_consent
        or consents.covers(who.granted_scope, wish.needed),
        consented_at=row.consented_at if row is not None and is_theirs else None,
        account_chosen_at=row.account_chosen_at if row is not None else None,
    )


def _finish(
    app: App,
    params: dict[str, str],
    redirect_uri: str,
    wish: Wish,
    who: SignedIn,
    row: Interaction | None,
) -> Response:
    if row is not None and not services().interactions.finish(row):
        return _ended(app, params)
    granted = wish.scopes
    if row is not None and row.consented_by == who.user_id and row.granted_scope:
        kept = set(row.granted_scope.split())
        granted = tuple(scope for scope in wish.scopes if scope in kept)
    code = services().grants.issue_code(
        app,
        Authorization(
            user_id=who.user_id,
            session_id=who.session_id,
            redirect_uri=params.get("redirect_uri", ""),
            scopes=granted,
            auth_time=who.auth_time,
            acr=who.acr,
            amr=who.amr,
            nonce=params.get("nonce"),
            challenge=wish.challenge,
            claims=wish.claims,
        ),
    )
    return answer.success(app, params, redirect_uri, code=code)


def _to_resume(row: Interaction) -> Response:
    return redirect(url_for("oidc.resume", interaction=row.id), 303)  # type: ignore[return-value]


def _refuse(
    app: App, params: dict[str, str], redirect_uri: str, error: AuthError
) -> Response:
    settle_refusal(error)
    return answer.refusal(app, params, redirect_uri, error)


def _ended(app: App, params: dict[str, str]) -> Response:
    """Lead on when an interaction is over: the same request, begun again."""
    links: dict[str, str | None] = {
        "start_again": f"{url_for('oidc.authorize')}?{urlencode(params)}"
    }
    error = NotFound(
        "the interaction is over",
        public="This sign-in has already been finished or has waited too long.",
    )
    settle_refusal(error)
    return error_page(error, links=links, app=app)
