"""Answer a second factor in the middle of a sign-in."""

from flask import Response, request, url_for

from authserver.core.challenges import Purpose
from authserver.core.interactions import Interaction
from authserver.errors import SecondFactorNeeded, TooManyTries, WrongCode
from authserver.http.context import services
from authserver.http.limits import public_limit
from authserver.http.pages import Form, render
from authserver.http.unit_of_work import settle_refusal
from authserver.web import forms
from authserver.web.page import admit, asking_app, kept, see, waiting

METHODS = ("totp", "backup_code")


def to_challenge(refusal: SecondFactorNeeded, row: Interaction | None) -> Response:
    """Lead somebody whose first proof was right to the second.

    The URL holds the handle alone: the secret half of the ticket stays here, since
    the browser's own cookie proves that it is the one that began.
    """
    settle_refusal(refusal)
    handle = refusal.ticket.partition(".")[0]
    return see("web.show_mfa", challenge=handle, **kept(row))


def show_mfa() -> Response:
    """Show the field for the code, or for a backup code."""
    services().challenges.look_here(Purpose.SECOND_FACTOR, _handle())
    return _page(Form(), waiting())


@public_limit()
def mfa() -> Response:
    """Take the code and sign in; a wrong one may be corrected."""
    row = waiting()
    ticket = services().challenges.look_here(Purpose.SECOND_FACTOR, _handle())
    given, form = forms.read(forms.AppCodeForm())
    if given is None:
        return _page(form, row, status=422)
    remember = bool(ticket.extra.get("remember"))
    try:
        _, cookie = services().signin.finish_second_factor(ticket, given["code"])
    except (WrongCode, TooManyTries) as refusal:
        settle_refusal(refusal)
        return _page(forms.show_again(form, refusal), row, status=refusal.status)
    return admit(cookie, row, remember=remember)


def _handle() -> str:
    return request.values.get("challenge", "")


def _page(form: Form, row: Interaction | None, *, status: int = 200) -> Response:
    interaction = str(row.id) if row else None
    asked = request.args.get("method", "")
    method = asked if asked in METHODS else METHODS[0]
    others = [
        {
            "method": other,
            "url": url_for(
                "web.show_mfa",
                challenge=_handle(),
                method=other,
                **kept(row),
            ),
        }
        for other in METHODS
        if other != method
    ]
    return render(
        "web/mfa_challenge.html",
        status=status,
        app=asking_app(row),
        interaction=interaction,
        form=form,
        method=method,
        others=others,
        trust_days=0,
        skew=method == "totp" and status != 200,
        links={"signin": url_for("web.show_signin", **kept(row))},
    )
