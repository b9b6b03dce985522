"""People: find, add; and the addresses of all that is done to them."""

from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext, lazy_gettext
from marshmallow import fields, validate

from authserver.console import (
    deeds,
    edit,
    lists,
    memberships,
    operators,
    person,
    said,
    show,
    together,
)
from authserver.console.room import Room, Screen
from authserver.core.directory import Listed, Wanted
from authserver.errors import Conflict, InvalidInput, TooManyTries
from authserver.http import forms
from authserver.http.context import services
from authserver.http.pages import Form
from authserver.http.paging import is_id, is_moment
from authserver.http.unit_of_work import settle_refusal

STATUSES = ("pending_verification", "active", "locked", "disabled", "deleted")
AT_FIRST = ("pending_verification", "active")
"""What somebody new may be."""

UNKNOWN = "Choose one of the list."
SHORT = "Type at least two letters."


class Filters(forms.PageForm):
    """What the list is narrowed to; the same as ``GET /admin/users``."""

    q = forms.Trimmed(load_default=None, validate=validate.Length(2, 100))
    status = fields.String(load_default=None, validate=validate.OneOf(STATUSES))
    role = fields.String(load_default=None, validate=validate.Length(1, 50))
    institution = fields.String(load_default=None, validate=validate.Length(1, 64))

    words = {  # noqa: RUF012 -- read like a constant
        "q": SHORT,
        "status": UNKNOWN,
        "role": UNKNOWN,
        "institution": UNKNOWN,
    }


def list_users() -> Response:
    """List people, the newest first."""
    wanted, form = lists.read_filters(Filters(), {})
    rows, pages = [], {}
    if wanted is not None:
        page = services().directory.people(
            Wanted(
                wanted["q"],
                wanted["status"],
                wanted["role"],
                wanted["institution"],
                with_deleted=wanted["status"] == "deleted",
            ),
            limit=lists.PER_PAGE,
            after=lists.cursor(is_moment, is_id),
        )
        rows, pages = [_row(one) for one in page.rows], lists.pages(page)
    return show.render(
        "users",
        title=lazy_gettext("People"),
        status=200 if wanted is not None else 422,
        form=form,
        people=rows,
        pages=pages,
        is_narrowed=bool(form.values.keys() & Filters().fields.keys()),
        statuses=said.status_choices(*STATUSES),
        roles=[(one.name, one.name) for one in services().role_catalogue.list_all()],
        institutions=[
            (one.code, one.name) for one in services().institutions.list_all()
        ],
        together=together.offered(),
        links={
            "self": url_for("console.list_users"),
            "new": show.allowed("users:create", "console.add_user"),
        },
    )


def _row(one: Listed) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.subject.full_name,
        "email": one.subject.email,
        "status": said.status_of(one.subject.status),
        "roles": one.subject.roles,
        "institutions": one.subject.institutions,
        "created_at": show.moment(one.created_at),
        "last_login_at": show.moment(one.last_login_at),
        "url": url_for("console.show_user", user_id=one.id),
    }


class NewUser(edit.UserForm):
    """Somebody new."""

    email = forms.Trimmed(required=True, validate=validate.Length(3, 320))
    status = fields.String(required=True, validate=validate.OneOf(AT_FIRST))

    words = {  # noqa: RUF012 -- read like a constant
        "email": "Enter the email address.",
        "date_of_birth": edit.NO_DAY,
        "status": UNKNOWN,
    }


def add_user() -> Response:
    """Add somebody; they get a letter, and choose their own password."""
    if request.method != "POST":
        return _new(Form(), 200)
    given, form = forms.read(NewUser(), {})
    if given is None:
        return _new(form, 422)
    facts = edit.told(given)
    email = facts.pop("email")
    try:
        by = operators.current().subject
        user = services().administration.create(by, email, facts)
    except (Conflict, InvalidInput, TooManyTries) as refusal:
        settle_refusal(refusal)
        return _new(forms.show_again(form, refusal), refusal.status)
    return show.back_to("console.show_user", "added", user_id=user.id)


def _new(form: Form, status: int) -> Response:
    return show.render(
        "user_edit",
        title=gettext("Add a person"),
        status=status,
        form=form,
        is_new=True,
        statuses=said.status_choices(*AT_FIRST),
        links={"back": url_for("console.list_users")},
    )


ONE = "/users/<uuid:user_id>"
CALL = "/admin/users/<uuid:user_id>"

ROOM = Room(
    name="users",
    title=lazy_gettext("People"),
    screens=(
        Screen("/users", list_users, "users:read", "GET /admin/users"),
        Screen("/users/new", add_user, "users:create", "POST /admin/users", posts=True),
        Screen(ONE, person.show_user, "users:read", f"GET {CALL}"),
        Screen(
            f"{ONE}/edit",
            edit.edit_user,
            "users:update",
            f"PATCH {CALL}",
            posts=True,
            is_dangerous=True,
        ),
        *deeds.screens(ONE, CALL),
        *memberships.screens(ONE, CALL),
        *together.SCREENS,
    ),
    done={
        "added": lazy_gettext("The account is made. A letter is on its way."),
        "edited": lazy_gettext("The changes are saved."),
        **deeds.DONE,
        **memberships.DONE,
        **together.DONE,
    },
)
