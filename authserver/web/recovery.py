"""A forgotten password: ask for a link, choose another password with it."""

import re
from typing import Any

from flask import Response, request, url_for

from authserver.core.interactions import Interaction
from authserver.core.proof_of_work import LETTERS
from authserver.errors import ChallengeExpired, InvalidInput, ProofOfWorkNeeded
from authserver.http import language
from authserver.http.context import services
from authserver.http.limits import public_limit
from authserver.http.pages import Form, render
from authserver.http.unit_of_work import settle_refusal
from authserver.web import forms, proof_of_work
from authserver.web.page import asking_app, kept, masked, see, waiting

_MASKED = re.compile(r"[^\s@<>]•••@[\w.-]{1,253}")


def show_forgot() -> Response:
    """Show the form, or say that a letter is coming if there is an account (C12).

    What was typed comes back masked, in the URL, so that a reload asks for nothing.
    """
    sent = request.args.get("sent", "")
    return _forgot_page(Form(), waiting(), sent=sent if _MASKED.fullmatch(sent) else "")


@public_limit()
def forgot() -> Response:
    """Send a link; every address is answered alike."""
    row = waiting()
    given, form = forms.read(forms.AddressForm())
    if given is None:
        return _forgot_page(form, row, status=422)
    try:
        proof_of_work.require_after(LETTERS)
        proof_of_work.count(LETTERS)
        services().recovery.ask(given["email"])
    except (InvalidInput, ProofOfWorkNeeded) as refusal:
        settle_refusal(refusal)
        again = forms.show_again(form, refusal)
        return _forgot_page(again, row, status=refusal.status)
    return see("web.show_forgot", sent=masked(given["email"].strip()), **kept(row))


def _forgot_page(
    form: Form, row: Interaction | None, *, sent: str = "", status: int = 200
) -> Response:
    ttl = services().settings.reset_ttl
    return render(
        "web/forgot.html",
        status=status,
        app=asking_app(row),
        interaction=row.id if row else None,
        form=form,
        sent=bool(sent),
        address=sent,
        lifetime=language.duration(ttl.total_seconds()),
        links={"signin": url_for("web.show_signin", again=1, **kept(row))},
        **({} if sent else proof_of_work.after(LETTERS)),
    )


def show_reset() -> Response:
    """Show the form.  A GET spends nothing: mail scanners open links too."""
    if "done" in request.args:
        return _reset_page(done=True)
    token = request.args.get("token", "")
    try:
        challenge = services().recovery.look(token)
    except ChallengeExpired as refusal:
        settle_refusal(refusal)
        return _reset_page(spent=True, status=refusal.status)
    return _reset_page(Form(), token=token, email=challenge.email)


@public_limit()
def reset() -> Response:
    """Spend the link and set the password; everybody is signed out."""
    token = request.form.get("token", "")
    given, form = forms.read(forms.PasswordForm())
    try:
        challenge = services().recovery.look(token)
        email = challenge.email
        if given is None:
            return _reset_page(form, token=token, email=email, status=422)
        services().recovery.reset(token, given["password"])
    except ChallengeExpired as refusal:
        settle_refusal(refusal)
        return _reset_page(spent=True, status=refusal.status)
    except InvalidInput as refusal:
        settle_refusal(refusal)
        again = forms.show_again(form, refusal)
        return _reset_page(again, token=token, email=email, status=422)
    return see("web.show_reset", done=1)


def _reset_page(
    form: Form | None = None, *, status: int = 200, **facts: Any
) -> Response:
    return render(
        "web/reset.html",
        status=status,
        form=form,
        password_hint=None,
        links={
            "forgot": url_for("web.show_forgot"),
            "signin": url_for("web.show_signin", again=1),
        },
        **facts,
    )
