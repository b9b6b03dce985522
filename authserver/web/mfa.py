"""Answer a second factor in the middle of a sign-in."""

from flask import Response, request, url_for

from authserver.core.challenges import Challenge, Purpose
from authserver.core.interactions import Interaction
from authserver.errors import SecondFactorNeeded
from authserver.http import expiry
from authserver.http.context import services
from authserver.http.limits import public_limit
from authserver.http.pages import Form, render
from authserver.http.unit_of_work import settle_refusal
from authserver.web import second_step
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
    return second_step.answer(
        lambda form, status: _page(form, row, ticket, status=status),
        by_passkey=lambda given: services().passkeys.answer_second(
            ticket, given["credential"], trust=given["trust"]
        ),
        by_code=lambda given: services().signin.finish_second_factor(
            ticket, given["code"], trust=given["trust"]
        ),
        done=lambda begun: admit(*begun, row),
    )


def _handle() -> str:
    return request.values.get("challenge", "")


def _page(
    form: Form, row: Interaction | None, ticket: Challenge, *, status: int = 200
) -> Response:
    interaction = str(row.id) if row else None
    expiry.note(ticket.expires_at, may_wait=False)
    options = services().passkeys.ask_second(ticket)
    methods = (*METHODS, PASSKEY) if options else METHODS
    method, others = second_step.choose(
        methods,
        lambda one: url_for(
            "web.show_mfa", challenge=_handle(), method=one, **kept(row)
        ),
    )
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
