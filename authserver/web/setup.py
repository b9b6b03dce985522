"""The one-time link of a new administrator: choose the first password."""

from flask import Response, request

from authserver.core.challenges import Purpose
from authserver.core.signin import PASSWORD
from authserver.errors import InvalidInput
from authserver.http.context import browser_id, services
from authserver.http.limits import public_limit
from authserver.http.pages import Form, render
from authserver.http.unit_of_work import settle_refusal
from authserver.web import forms
from authserver.web.page import admit, asking_app, waiting


def show_setup() -> Response:
    """Show the form.  A GET spends nothing."""
    return _page(Form(), request.args.get("token", ""))


@public_limit()
def setup() -> Response:
    """Set the password and sign in."""
    token = request.form.get("token", "")
    given, form = forms.read(forms.PasswordForm())
    if given is None:
        return _page(form, token, status=422)
    browser_id()
    try:
        user = services().people.finish_setup(token, given["password"])
    except InvalidInput as refusal:
        settle_refusal(refusal)
        return _page(forms.show_again(form, refusal), token, status=422)
    session, cookie = services().sessions.start(user, amr=PASSWORD, remember=False)
    return admit(session, cookie, waiting())


def _page(form: Form, token: str, *, status: int = 200) -> Response:
    ticket, row = services().challenges.look(Purpose.SETUP, token), waiting()
    return render(
        "web/setup.html",
        status=status,
        app=asking_app(row),
        interaction=row.id if row else None,
        form=form,
        token=token,
        email=ticket.email,
        is_new="by" in ticket.extra,
    )
