"""Change what is known of somebody; nobody overwrites what they have not seen."""

import uuid
from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext
from marshmallow import fields, pre_load, validate

from authserver.console import operators, said, show
from authserver.core.administration import SETTABLE
from authserver.core.users import User
from authserver.core.versions import version_of
from authserver.errors import AuthError, Conflict, InvalidInput, StaleVersion
from authserver.http import forms, language
from authserver.http.context import services
from authserver.http.pages import Form
from authserver.http.unit_of_work import settle_refusal

PLAIN = ("full_name", "username", "phone", "avatar_url", "timezone")
"""What is text, and empty when it is not known."""

NO_DAY = "Write the day of birth as 1990-12-31."


class UserForm(forms.PageForm):
    """What operators set; the core says what each may be."""

    full_name = fields.String(load_default="")
    username = fields.String(load_default="")
    phone = fields.String(load_default="")
    avatar_url = fields.String(load_default="")
    date_of_birth = fields.Date(load_default=None, allow_none=True)
    language = fields.String(load_default="")
    timezone = fields.String(load_default="")

    @pre_load
    def empty_is_no_day(self, data: forms.Given, **_: Any) -> forms.Given:
        """An empty field of a browser is no day."""
        return data | ({} if data.get("date_of_birth") else {"date_of_birth": None})


class EditForm(UserForm):
    """The same of somebody who is there already."""

    status = fields.String(load_default="", validate=validate.OneOf(["", *SETTABLE]))
    reason = forms.Trimmed(load_default="", validate=validate.Length(max=500))
    version = fields.String(load_default="")

    words = {  # noqa: RUF012 -- read like a constant
        "date_of_birth": NO_DAY,
        "status": "Choose one of the list.",
        "reason": "Use at most 500 characters.",
    }


def told(given: forms.Given) -> dict[str, Any]:
    """Give the fields as the core takes them: what is empty is not known."""
    facts = {
        name: value.strip() or None if isinstance(value, str) else value
        for name, value in given.items()
    }
    for name in ("language", "timezone", "status"):
        if name in facts and facts[name] is None:
            del facts[name]
    return facts


def edit_user(user_id: uuid.UUID) -> Response:
    """Change somebody's fields."""
    user = services().users.get(user_id)
    if request.method != "POST":
        return _page(user, Form(values=_known(user)))
    given, form = forms.read(EditForm(), {})
    if given is None:
        return _page(user, form, status=422)
    facts = told(given)
    reason, version = facts.pop("reason"), facts.pop("version")
    known = _known(user)
    wishes = {
        name: value
        for name, value in facts.items()
        if str(value or "") != known.get(name, "")
    }
    try:
        _check_seen(user, version)
        by = operators.current().subject
        services().administration.edit(by, user_id, wishes, reason=reason)
    except (Conflict, InvalidInput, StaleVersion) as refusal:
        return _refused(user_id, form, refusal)
    return show.back_to("console.show_user", "edited", user_id=user_id)


def _check_seen(user: User, version: str | None) -> None:
    if version != version_of(user):
        raise StaleVersion("the form was filled from another version")


def _refused(user_id: uuid.UUID, form: Form, refusal: AuthError) -> Response:
    settle_refusal(refusal)
    user = services().users.get(user_id)
    if isinstance(refusal, StaleVersion):
        form.values["version"] = version_of(user)
    return _page(user, forms.show_again(form, refusal), status=refusal.status)


def _known(user: User) -> dict[str, str]:
    known = {name: getattr(user, name) or "" for name in PLAIN}
    born = user.date_of_birth
    return known | {
        "date_of_birth": born.isoformat() if born else "",
        "language": language.match([user.language]) or user.language,
        "status": user.status,
        "version": version_of(user),
    }


def _page(user: User, form: Form, *, status: int = 200) -> Response:
    form.values.setdefault("version", version_of(user))
    page = url_for("console.show_user", user_id=user.id)
    return show.render(
        "user_edit",
        title=gettext("Change details"),
        trail=[(said.name_of(user), page)],
        status=status,
        form=form,
        is_new=False,
        email=user.email,
        statuses=said.status_choices(*SETTABLE),
        links={"back": page},
    )
