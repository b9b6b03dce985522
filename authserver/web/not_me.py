"""The link of a letter about a new device: "this was not me".

A GET shows and spends nothing; the button signs that device out, takes the password
away and begins recovery.
"""

from flask import Response, request, url_for
from flask_babel import gettext

from authserver.http.context import services
from authserver.http.limits import public_limit
from authserver.http.pages import render
from authserver.web.page import see


def show_not_me() -> Response:
    """Ask whether it really was somebody else."""
    token = request.args.get("token", "")
    services().rescue.look(token)
    return render(
        "web/confirm.html",
        heading=gettext("Was this sign-in not you?"),
        words=gettext(
            "That device is signed out at once, and the password works no more: "
            "someone else knows it. We send you a link to set a new one."
        ),
        token=token,
        submit=gettext("It was not me"),
        danger=True,
        fields=[],
    )


@public_limit()
def not_me() -> Response:
    """End that sign-in and begin recovery."""
    services().rescue.disown(request.form.get("token", ""))
    return see("web.secured")


def secured() -> Response:
    """Say that it is done, and what comes next."""
    return render(
        "web/notice.html",
        heading=gettext("Your account is safe"),
        words=gettext(
            "That device is signed out. We have sent you a letter with a link to set "
            "a new password."
        ),
        mood="good",
        next_text=gettext("Sign in"),
        links={"next": url_for("web.show_signin")},
    )
