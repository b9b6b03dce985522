"""The link of a letter that gives a deleted account back (C30)."""

from flask import Response, request, url_for
from flask_babel import gettext

from authserver.http.context import services
from authserver.http.limits import public_limit
from authserver.http.pages import render
from authserver.web.page import masked, see


def show_keep_account() -> Response:
    """Ask whether the account is to be kept.  A GET spends nothing."""
    token = request.args.get("token", "")
    row = services().deletion.look(token)
    return render(
        "web/confirm.html",
        heading=gettext("Keep your account?"),
        words=gettext(
            "The account of %(address)s is as it was before you deleted it.",
            address=masked(row.email),
        ),
        token=token,
        submit=gettext("Keep my account"),
        danger=False,
        fields=[],
    )


@public_limit()
def keep_account() -> Response:
    """Give it back."""
    services().deletion.undo(request.form.get("token", ""))
    return see("web.account_kept")


def account_kept() -> Response:
    """Say that it is done."""
    return render(
        "web/notice.html",
        heading=gettext("Your account is kept"),
        words=gettext("Sign in as before."),
        mood="good",
        next_text=gettext("Sign in"),
        links={"next": url_for("web.show_signin")},
    )
