"""Links of the letters about another e-mail address: confirm it, or undo the change.

A GET shows and spends nothing, since mail scanners open links too; the button does it,
in whichever browser.
"""

from flask import Response, request, url_for
from flask_babel import gettext

from authserver.http.context import services
from authserver.http.limits import public_limit
from authserver.http.pages import render
from authserver.web.page import masked, see


def show_email_confirm() -> Response:
    """Ask whether this address is to be used for the account."""
    token = request.args.get("token", "")
    row = services().email_changes.look(token)
    return render(
        "web/confirm.html",
        heading=gettext("Use this email address?"),
        words=gettext(
            "From then on you sign in with %(address)s, and we write to it.",
            address=row.email,
        ),
        token=token,
        submit=gettext("Use this address"),
        danger=False,
        fields=[],
    )


@public_limit()
def email_confirm() -> Response:
    """Change the address."""
    services().email_changes.finish_with_link(request.form.get("token", ""))
    return see("web.email_confirmed")


def email_confirmed() -> Response:
    """Say that it is done."""
    return render(
        "web/notice.html",
        heading=gettext("Your email address was changed"),
        words=gettext(
            "The old address has got a letter with a way back, for seven days."
        ),
        mood="good",
        next_text=None,
        links={"next": url_for("web.account")},
    )


def show_email_undo() -> Response:
    """Ask whether the old address is to come back."""
    token = request.args.get("token", "")
    row = services().email_changes.look_at_undo(token)
    return render(
        "web/confirm.html",
        heading=gettext("Undo the change of your email address?"),
        words=gettext(
            "%(address)s becomes the address of your account again. Everyone is "
            "signed out, and you set a new password.",
            address=masked(row.email),
        ),
        token=token,
        submit=gettext("Undo the change"),
        danger=True,
        fields=[],
    )


@public_limit()
def email_undo() -> Response:
    """Give the account its old address back."""
    services().email_changes.undo(request.form.get("token", ""))
    return see("web.email_undone")


def email_undone() -> Response:
    """Say that it is done, and what comes next."""
    return render(
        "web/notice.html",
        heading=gettext("The change was undone"),
        words=gettext(
            "Everyone is signed out, and the old password works no more. We have sent "
            "you a letter with a link to set a new one."
        ),
        mood="good",
        next_text=gettext("Sign in"),
        links={"next": url_for("web.show_signin")},
    )
