"""A further proof that an app has asked for, from somebody who is signed in (RFC 9470)."""

from flask import Response, url_for

from authserver.core import acr, claims
from authserver.core.interactions import Interaction
from authserver.core.passkeys import METHOD
from authserver.core.signed_in import SignedIn
from authserver.core.step_up import TOTP
from authserver.http import cookies
from authserver.http.context import browser_id, services, settings, signed_in
from authserver.http.limits import public_limit
from authserver.http.pages import Form, render
from authserver.web import second_step
from authserver.web.page import asking_app, go_on, see, waiting

BACKUP = "backup_code"


def show_step_up() -> Response:
    """Show the way to prove more."""
    row, who = waiting(), signed_in()
    if row is None or who is None:
        return see("web.show_signin", interaction=row.id if row else None)
    browser_id()
    return _page(Form(), row, who)


@public_limit()
def step_up() -> Response:
    """Take the proof and go on; a wrong one may be corrected."""
    row, who = waiting(), signed_in()
    if row is None or who is None:
        return see("web.show_signin", interaction=row.id if row else None)

    def go_on_with(cookie: str) -> Response:
        # The session is the same one, raised: nobody else steps aside for it.
        response = go_on(row)
        cookies.set_session(response, cookie, settings(), remember=who.remembered)
        return response

    return second_step.answer(
        lambda form, status: _page(form, row, who, status=status),
        by_passkey=lambda given: services().step_up.with_passkey(
            who, given["credential"]
        ),
        by_code=lambda given: services().step_up.with_code(who, given["code"]),
        done=go_on_with,
    )


def _methods(row: Interaction, who: SignedIn) -> list[str]:
    """Name the ways that reach a class which was asked for, the surest first."""
    app = asking_app(row)
    asked = acr.asked_by(
        row.request.get("acr_values"),
        claims.parse_request(row.request.get("claims")),
        app.extra.get("default_acr_values", ()) if app else (),
    )
    possible = services().step_up.methods(who.user_id)
    fitting = [
        way for way, reached in possible.items() if acr.satisfies(asked, reached)
    ]
    return [*fitting, BACKUP] if TOTP in fitting else fitting


def _page(
    form: Form, row: Interaction, who: SignedIn, *, status: int = 200
) -> Response:
    methods = _methods(row, who)
    if not methods:
        return go_on(row)
    method, others = second_step.choose(
        methods,
        lambda one: url_for("web.show_step_up", interaction=row.id, method=one),
    )
    options = services().passkeys.ask_proof(who.user_id) if method == METHOD else None
    return render(
        "web/mfa_challenge.html",
        status=status,
        app=asking_app(row),
        interaction=str(row.id),
        form=form,
        method=method,
        others=others,
        trust_days=0,
        passkey_options=options,
        skew=method == TOTP and status != 200,
        links={"signin": url_for("web.show_signin", interaction=row.id, again=1)},
    )
