"""Another password, by whoever knows the present one."""

from flask import Response

from authserver.core.users import User
from authserver.errors import BadCredentials, InvalidInput, TooManyTries
from authserver.http import language
from authserver.http.context import services
from authserver.http.limits import public_limit
from authserver.http.pages import Form
from authserver.http.unit_of_work import settle_refusal
from authserver.web import forms
from authserver.web.page import require_signed_in
from authserver.web.room import back_to, owner, render_room


def show_password() -> Response:
    """Show the form."""
    return _page(owner(require_signed_in()), Form())


@public_limit()
def password() -> Response:
    """Change the password; everybody else is signed out."""
    who = require_signed_in()
    given, form = forms.read(forms.NewPasswordForm())
    if given is None:
        return _page(owner(who), form, status=422)
    try:
        services().password_change.change(
            who.user_id,
            current=given["current_password"],
            new=given["password"],
            session_id=who.session_id,
        )
    except (BadCredentials, InvalidInput, TooManyTries) as refusal:
        settle_refusal(refusal)
        forms.show_again(form, refusal)
        if isinstance(refusal, BadCredentials):
            form.error = None
            form.errors = {"current_password": language.translate(forms.WRONG_PASSWORD)}
        return _page(owner(who), form, status=refusal.status)
    return back_to("web.security", "password")


def _page(user: User, form: Form, *, status: int = 200) -> Response:
    return render_room(
        "web/password.html",
        user,
        status=status,
        form=form,
        has_password=user.password_hash is not None,
        password_hint=None,
    )
