"""Confirm that it is you: a fresh proof before what is sensitive (sudo mode)."""

from typing import Any
from urllib.parse import urlencode

from flask import Response, redirect, request, url_for

from authserver.core.users import User
from authserver.errors import AuthError, BadCredentials, TooManyTries, WrongCode
from authserver.http import language
from authserver.http.context import services
from authserver.http.limits import public_limit
from authserver.http.pages import Form, render
from authserver.http.unit_of_work import settle_refusal
from authserver.web import forms
from authserver.web.page import next_page, require_signed_in, see
from authserver.web.room import owner, person


def show_reauth() -> Response:
    """Ask for the password or a code.

    Who has neither, as after a sign-in by mail, signs in anew instead.
    """
    user = owner(require_signed_in())
    if not methods_of(user):
        return see("web.show_signin", again=1, next=next_page())
    return proof_page(user, Form())


@public_limit()
def reauth() -> Response:
    """Take the proof, and go on where it was asked for."""
    who = require_signed_in()
    user = owner(who)
    given, form = forms.read(forms.ProofForm())
    proof = proof_of(given)
    if not proof:
        return nothing_given(user, form)
    try:
        services().signin.confirm(who.user_id, who.session_id, **proof)
    except (BadCredentials, WrongCode, TooManyTries) as refusal:
        return refused(form, refusal)
    return redirect(next_page(), 303)  # type: ignore[return-value]


def methods_of(user: User) -> list[str]:
    """Give how this person may prove to be there, the usual way first."""
    has = {"password": user.password_hash is not None, "totp": user.mfa_enabled}
    return [method for method, there in has.items() if there]


def proof_of(given: dict[str, Any] | None) -> dict[str, Any]:
    """Give the one proof that a form holds, if it holds any."""
    chosen = {name: one for name, one in (given or {}).items() if one}
    return {"code": chosen["code"]} if "code" in chosen else chosen


def nothing_given(user: User, form: Form, *, what: str | None = None) -> Response:
    """Show the form again to somebody who has left it empty."""
    if not form.errors:
        name = "code" if "code" in request.form else "password"
        said = forms.ProofForm.words.get(name) or forms.WORDS[name]
        form.errors = {name: language.translate(said)}
    return proof_page(user, form, what=what, status=422)


def refused(form: Form, refusal: AuthError, *, what: str | None = None) -> Response:
    """Show the form again with what was wrong."""
    settle_refusal(refusal)
    user = owner(require_signed_in())
    if isinstance(refusal, BadCredentials):
        form.errors["password"] = language.translate(forms.WRONG_PASSWORD)
    elif isinstance(refusal, WrongCode):
        form.errors["code"] = language.translate(refusal.public)
    else:
        form.error = language.translate(refusal.public)
    return proof_page(user, form, what=what, status=refusal.status)


def proof_page(
    user: User, form: Form, *, what: str | None = None, status: int = 200
) -> Response:
    """Render the form for a proof, at whatever address it is asked for.

    Args:
        user: Who is to prove it.
        form: What was wrong last time.
        what: What is about to be done, in words.
        status: The HTTP status.
    """
    known = methods_of(user)
    asked = "totp" if "code" in form.errors else request.args.get("method", "")
    method = asked if asked in known else known[0]
    others = [
        {"method": other, "url": _at(method=other)}
        for other in known
        if other != method
    ]
    return render(
        "web/reauth.html",
        status=status,
        form=form,
        user=person(user),
        method=method,
        what=what,
        others=others,
        links={"account": url_for("web.account")},
    )


def _at(**changed: str) -> str:
    return f"{request.path}?{urlencode({**request.args.to_dict(), **changed})}"
