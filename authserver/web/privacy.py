"""One's data to take along, what one has agreed to, and the way out (LGPD art. 18)."""

import json

from flask import Response, request, url_for
from flask_babel import gettext

from authserver.core.users import User
from authserver.errors import Conflict
from authserver.http import cookies, words
from authserver.http.context import services, settings
from authserver.http.limits import lookup_limit, public_limit
from authserver.http.pages import Form, render
from authserver.http.unit_of_work import settle_refusal
from authserver.web import forms
from authserver.web.page import require_signed_in, see
from authserver.web.room import owner, render_room

NOT_YOURS = "Type the email address of this account."


def privacy() -> Response:
    """Show the three."""
    return _page(owner(require_signed_in()), Form())


@lookup_limit()
def export() -> Response:
    """Give everything that is kept about the owner, as a file: JSON, or for reading."""
    who = require_signed_in()
    found = services().export.of(who.user_id, session_id=who.session_id)
    text = json.dumps(found, default=str, ensure_ascii=False, indent=2)
    if request.args.get("form") == "html":
        response = render("web/export.html", data=json.loads(text))
        name = "my-data.html"
    else:
        response = Response(f"{text}\n", mimetype="application/json")
        name = "my-data.json"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@public_limit()
def delete_account() -> Response:
    """Delete the account; a letter tells how to have it back for a while."""
    who = require_signed_in()
    user = owner(who)
    given, form = forms.read(forms.GoodbyeForm())
    if given is None:
        return _page(user, form, status=422)
    if given["confirm"].strip().casefold() != user.email:
        form.errors["confirm"] = gettext(NOT_YOURS)
        return _page(user, form, status=422)
    try:
        services().deletion.leave(who.user_id, session_id=who.session_id)
    except Conflict as refusal:
        settle_refusal(refusal)
        again = forms.show_again(form, refusal)
        return _page(owner(who), again, status=refusal.status)
    response = see("web.goodbye")
    cookies.clear_session(response, settings())
    return response


def goodbye() -> Response:
    """Say that the account is deleted, and how to have it back."""
    return render(
        "web/notice.html",
        heading=gettext("Your account is deleted"),
        words=gettext("We have sent you an email with a link to have it back."),
        mood="good",
        next_text=gettext("Sign in"),
        links={"next": url_for("web.show_signin")},
    )


def _page(user: User, form: Form, *, status: int = 200) -> Response:
    answers = services().terms.list_of(user.id).consents
    return render_room(
        "web/privacy.html",
        user,
        status=status,
        form=form,
        consents=[
            {
                "text": _named(one.document),
                "version": one.version,
                "when": words.moment(one.created_at, user.timezone),
            }
            for one in answers
            if one.accepted
        ],
        grace_days=settings().deletion_grace.days,
        links={
            "export": url_for("web.export"),
            "export_html": url_for("web.export", form="html"),
            "delete_account": url_for("web.delete_account"),
        },
    )


def _named(document: str) -> str:
    known = {"terms": gettext("Terms"), "privacy": gettext("Privacy policy")}
    return known.get(document, document)
