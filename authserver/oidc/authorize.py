"""GET and POST /authorize: parse, ask for the next step, answer (RFC 6749 §3.1).

A dispatcher: it sends the person to a page with the interaction's id, and every page
sends the person back to ``resume``.  Pages never lead to each other.
"""

from urllib.parse import urlencode

from flask import Response, redirect, request, url_for

from authserver.core import acr, consents, interactions
from authserver.core.apps import App
from authserver.core.grants import Authorization
from authserver.core.interactions import Interaction, Standing, Step
from authserver.core.signed_in import SignedIn
from authserver.errors import AccessDenied, AuthError, NotFound
from authserver.http import accounts, noting
from authserver.http.context import services, signed_in_for
from authserver.http.pages import error_page, is_trusted
from authserver.http.unit_of_work import keep_already, settle_refusal
from authserver.oidc import answer, asking, device, response_types, sources
from authserver.oidc.asking import Wish
from authserver.oidc.sources import Asked

PAGE_OF = {
    Step.SIGN_IN: "web.show_signin",
    Step.SIGN_UP: "web.show_signup",
    Step.CHOOSE_ACCOUNT: "web.show_accounts",
    Step.STEP_UP: "web.show_step_up",
    Step.CONSENT: "web.show_consent",
}


def start() -> Response:
    """Begin: check the request, and answer at once if the person need do nothing."""
    asked = sources.gather()
    noting.saw(asked.app, asked.params)
    now = services().clock.now()
    try:
        if asked.fault is not None:
            raise asked.fault
        wish = asking.check(asked.params, asked.app, now)
        if request.method == "POST":
            # A form posted by another site brings no SameSite=Lax cookie.  The
            # redirect that follows is a plain navigation, and does.
            row = _begin(asked, wish)
            return redirect(url_for("oidc.resume", interaction=row.id), 303)  # type: ignore[return-value]
        return _proceed(asked, wish)
    except AuthError as error:
        return _refuse(asked, error)


def resume() -> Response:
    """Go on with an interaction after one of its pages."""
    row = services().interactions.find(request.args.get("interaction"))
    if row is None:
        raise NotFound("no such interaction")
    if row.device_id is not None:
        return device.resume(row)
    asked = sources.kept(row)
    noting.saw(asked.app, asked.params, row.id)
    if not services().interactions.is_open(row):
        return _ended(asked)
    try:
        wish = asking.read(asked.params, asked.app, row.created_at)
        if row.denied_at is not None:
            if not _take_answer(asked, row):
                return _ended(asked)
            keep_already()
            raise AccessDenied("the person said no")
        return _proceed(asked, wish, row)
    except AuthError as error:
        return _refuse(asked, error)


def _begin(asked: Asked, wish: Wish) -> Interaction:
    return services().interactions.begin(
        asked.app.id,
        asked.params,
        wish.ask.asked_at,
        pushed_id=asked.pushed_id,
    )


def _proceed(asked: Asked, wish: Wish, row: Interaction | None = None) -> Response:
    answer.prepare(asked.app, asked.params)
    who = _answering(asked, wish, row)
    if who is not None and who.is_stale:
        services().sessions.touch(who.session_id)
    standing = _standing(asked.app, wish, who, row)
    step = interactions.next_step(wish.ask, standing, services().clock.now())
    if "none" in wish.ask.prompt and step is not Step.DONE:
        raise interactions.silent_refusal(step)
    if step in (Step.CONSENT, Step.DONE) and who is not None:
        interactions.check_acr(wish.ask, who.acr)
    if step is Step.DONE and who is not None:
        return _finish(asked, wish, who, row)
    if row is None:
        row = _begin(asked, wish)
    # Somebody is signed in, and yet must sign in: the page shall not lead back here.
    is_anew = step is Step.SIGN_IN and (who is not None or accounts.are_aside())
    page = url_for(PAGE_OF[step], interaction=row.id, again=1 if is_anew else None)
    response: Response = redirect(page, 303)  # type: ignore[assignment]
    if who is not None:
        accounts.bring_forward(response, who.session_id)
    return response


def _answering(asked: Asked, wish: Wish, row: Interaction | None) -> SignedIn | None:
    """Give who answers, of the people signed in here: whom a hint names, if it can.

    What the person has done for this very request counts more than a `login_hint`.
    """
    subject, hint = wish.ask.subject, asked.params.get("login_hint")
    is_chosen = row is not None and row.account_chosen_at is not None
    if subject is None and (is_chosen or not hint):
        return signed_in_for(asked.app.id)

    def is_wanted(who: SignedIn) -> bool:
        if subject is not None:
            return who.user_id == subject
        return who.is_meant_by(hint or "") or who.auth_time >= wish.ask.asked_at

    return accounts.fitting(asked.app.id, is_wanted)


def _standing(
    app: App, wish: Wish, who: SignedIn | None, row: Interaction | None
) -> Standing:
    if who is None:
        return Standing(others_are_here=bool(accounts.aside()))
    # A consent given in this interaction counts for the user who gave it alone.
    is_theirs = row is not None and row.consented_by == who.user_id
    return Standing(
        signed_in_at=who.auth_time,
        user_id=who.user_id,
        acr=who.acr,
        reach=_reach(wish, who),
        has_consented=app.skip_consent
        or consents.covers(who, wish.needed, wish.resources, wish.details),
        consented_at=row.consented_at if row is not None and is_theirs else None,
        account_chosen_at=row.account_chosen_at if row is not None else None,
    )


def _reach(wish: Wish, who: SignedIn) -> str:
    """Look up what more the person could prove, where it is asked for."""
    if not interactions.lacks_acr(wish.ask, who.acr):
        return who.acr
    return services().step_up.reach(who.user_id)


def _finish(
    asked: Asked, wish: Wish, who: SignedIn, row: Interaction | None
) -> Response:
    if not _take_answer(asked, row):
        return _ended(asked)
    granted = wish.scopes
    if row is not None and row.consented_by == who.user_id and row.granted_scope:
        kept = set(row.granted_scope.split())
        granted = tuple(scope for scope in wish.scopes if scope in kept)
    given = Authorization(
        user_id=who.user_id,
        session_id=who.session_id,
        redirect_uri=asked.params.get("redirect_uri", ""),
        scopes=granted,
        auth_time=who.auth_time,
        acr=acr.told(wish.ask.acr_values, who.acr),
        amr=who.amr,
        nonce=asked.params.get("nonce"),
        challenge=wish.challenge,
        dpop_jkt=wish.dpop_jkt,
        claims=wish.claims,
        resources=wish.resources,
        details=wish.details,
        code_id=row.id if row is not None else None,
    )
    wanted = response_types.words(asked.params)
    told = services().front_channel.answer(asked.app, given, wanted)
    return answer.success(asked.app, asked.params, asked.redirect_uri, told)


def _take_answer(asked: Asked, row: Interaction | None) -> bool:
    """Take the one answer there is, of the interaction and of the pushed request."""
    if row is not None and not services().interactions.finish(row):
        return False
    pushed_id = asked.pushed_id
    return pushed_id is None or services().pushed_requests.finish(pushed_id)


def _refuse(asked: Asked, error: AuthError) -> Response:
    settle_refusal(error)
    if _is_stranger(asked.app) and not isinstance(error, AccessDenied):
        return error_page(error, app=asked.app, is_technical=True)
    return answer.refusal(asked.app, asked.params, asked.redirect_uri, error)


def _is_stranger(app: App) -> bool:
    """Whether nobody vouches for this client, the person here neither.

    RFC 9700 §4.11.2: whoever may register may else make us send people wherever they
    like, by a link that begins with our name and a request that fails.
    """
    if is_trusted(app):
        return False
    who = signed_in_for(app.id)
    return who is None or who.granted_scope is None


def _ended(asked: Asked) -> Response:
    """Lead on when an interaction is over: the same request, begun again."""
    links: dict[str, str | None] = {}
    if asked.may_start_again:
        query = urlencode(asked.params)
        links["start_again"] = f"{url_for('oidc.authorize')}?{query}"
    error = NotFound(
        "the interaction is over",
        public="This sign-in has already been finished or has waited too long.",
    )
    settle_refusal(error)
    return error_page(error, links=links, app=asked.app)
