"""Answer a second factor in the middle of a sign-in."""

from flask import Response, request, url_for

from authserver.core.challenges import Challenge, Purpose
from authserver.core.interactions import Interaction
from authserver.errors import (
    BadCredentials,
    SecondFactorNeeded,
    TooManyTries,
    WrongCode,
)
from authserver.http import expiry, language
from authserver.http.context import services
from authserver.http.limits import public_limit
from authserver.http.pages import Form, render
from authserver.http.unit_of_work import settle_refusal
from authserver.web import forms
from authserver.web.page import admit, asking_app, kept, see, waiting

METHODS = ("totp", "backup_code")
PASSKEY = "passkey"


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
    ticket = services().challenges.look_here(Purpose.SECOND_FACTOR, _handle())
    return _page(Form(), waiting(), ticket)


@public_limit()
def mfa() -> Response:
    """Take the code and sign in; a wrong one may be corrected."""
    row = waiting()
    ticket = services().challenges.look_here(Purpose.SECOND_FACTOR, _handle())
    given, form = forms.read(forms.SecondStepForm())
    if given is None:
        return _page(form, row, ticket, status=422)
    try:
        if given["credential"]:
            session, cookie = services().passkeys.answer_second(
                ticket, given["credential"], trust=given["trust"]
            )
        elif given["code"]:
            session, cookie = services().signin.finish_second_factor(
                ticket, given["code"], trust=given["trust"]
            )
        else:
            form.errors = {"code": language.translate(forms.NO_CODE)}
            return _page(form, row, ticket, status=422)
    except (WrongCode, BadCredentials, TooManyTries) as refusal:
        settle_refusal(refusal)
        again = forms.show_again(form, refusal)
        return _page(again, row, ticket, status=refusal.status)
    return admit(session, cookie, row)


def _handle() -> str:
    return request.values.get("challenge", "")


def _page(
    form: Form, row: Interaction | None, ticket: Challenge, *, status: int = 200
) -> Response:
    interaction = str(row.id) if row else None
    expiry.note(ticket.expires_at, may_wait=False)
    options = services().passkeys.ask_second(ticket)
    methods = (*METHODS, PASSKEY) if options else METHODS
    asked = request.args.get("method", "")
    method = asked if asked in methods else methods[0]
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
        for other in methods
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
        trust_days=services().signin.trusted_devices.days,
        passkey_options=options if method == PASSKEY else None,
        skew=method == "totp" and status != 200,
        links={"signin": url_for("web.show_signin", **kept(row))},
    )
