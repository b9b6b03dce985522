"""The roles that somebody holds, and the institutions they belong to: give and take."""

import uuid
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask import Response, request, url_for
from flask_babel import gettext, lazy_gettext
from marshmallow import fields, validate

from authserver.console import asking, operators, said, show
from authserver.console.room import Screen
from authserver.core.users import User
from authserver.errors import AuthError, Conflict, InvalidInput
from authserver.http import forms
from authserver.http.context import services
from authserver.http.pages import Form
from authserver.http.unit_of_work import settle_refusal

DONE = {
    "role-given": lazy_gettext("The role is given."),
    "role-taken": lazy_gettext("The role is taken."),
    "joined": lazy_gettext("They belong to the institution from now on."),
    "left": lazy_gettext("They do not belong to the institution any more."),
}


class RoleForm(forms.PageForm):
    """A role to give."""

    role = fields.Integer(required=True)
    until = fields.Date(load_default=None)
    reason = forms.Trimmed(required=True, validate=validate.Length(1, 500))

    words = {  # noqa: RUF012 -- read like a constant
        "role": "Choose a role.",
        "until": "Write the last day as 2030-12-31.",
        "reason": "Say why. It goes into the security log.",
    }


def give_role(user_id: uuid.UUID) -> Response:
    """Give a role; it may end by itself."""
    user = services().users.get(user_id)
    if request.method != "POST":
        return _role_page(user, Form())
    given, form = _without_empty(RoleForm())
    if given is None:
        return _role_page(user, form, status=422)
    actor = operators.current()
    try:
        services().roles.assign(
            user_id,
            services().roles.get(given["role"]),
            by=actor.id,
            by_roles=actor.subject.roles,
            until=_end_of(given["until"]) if given["until"] else None,
            reason=given["reason"],
        )
    except (Conflict, InvalidInput) as refusal:
        return _refused(user_id, form, refusal)
    return show.back_to("console.show_user", "role-given", user_id=user_id)


def take_role(user_id: uuid.UUID, role_id: int) -> Response:
    """Take a role; the last super_admin stays."""
    user = services().users.get(user_id)
    role = services().roles.get(role_id)
    actor = operators.current()

    def act(reason: str | None) -> Response:
        services().roles.take(
            user_id, role, by=actor.id, by_roles=actor.subject.roles, reason=reason
        )
        return show.back_to("console.show_user", "role-taken", user_id=user_id)

    return asking.ask(
        asking.about(
            user,
            gettext("Take the role %(role)s", role=role.name),
            gettext("What only this role permits, they may not do any more."),
            is_dangerous=True,
        ),
        act,
    )


class InstitutionForm(forms.PageForm):
    """An institution to belong to."""

    institution = fields.Integer(required=True)

    words = {  # noqa: RUF012 -- read like a constant
        "institution": "Choose an institution."
    }


def join_institution(user_id: uuid.UUID) -> Response:
    """Let somebody belong to an institution."""
    user = services().users.get(user_id)
    if request.method != "POST":
        return _institution_page(user, Form())
    given, form = _without_empty(InstitutionForm())
    if given is None:
        return _institution_page(user, form, status=422)
    by = operators.current().id
    services().institutions.join(user_id, given["institution"], by=by)
    return show.back_to("console.show_user", "joined", user_id=user_id)


def leave_institution(user_id: uuid.UUID, institution_id: int) -> Response:
    """End a membership."""
    user = services().users.get(user_id)
    place = services().institutions.get(institution_id)

    def act(reason: str | None) -> Response:
        del reason
        by = operators.current().id
        services().institutions.leave(user_id, institution_id, by=by)
        return show.back_to("console.show_user", "left", user_id=user_id)

    return asking.ask(
        asking.about(
            user,
            gettext("End the membership of %(institution)s", institution=place.name),
            gettext("Tokens that are issued from now on do not name it."),
        ),
        act,
    )


def screens(one: str, call: str) -> tuple[Screen, ...]:
    """Give the addresses, below that of a person and of the call about one."""
    role, place = "roles/<int:role_id>", "institutions/<int:institution_id>"
    return (
        Screen(
            f"{one}/roles/new",
            give_role,
            "roles:assign",
            f"POST {call}/roles",
            posts=True,
            is_dangerous=True,
        ),
        Screen(
            f"{one}/{role}/take",
            take_role,
            "roles:assign",
            f"DELETE {call}/{role}",
            posts=True,
            is_dangerous=True,
        ),
        Screen(
            f"{one}/institutions/new",
            join_institution,
            "institutions:update",
            f"POST {call}/institutions",
            posts=True,
        ),
        Screen(
            f"{one}/{place}/leave",
            leave_institution,
            "institutions:update",
            f"DELETE {call}/{place}",
            posts=True,
        ),
    )


def _without_empty(schema: forms.PageForm) -> tuple[forms.Given | None, Form]:
    """Read the form; a field that was left empty was not sent."""
    told = request.form.copy()
    for name in [name for name, value in told.items() if not value.strip()]:
        del told[name]
    return forms.read(schema, {}, source=told)


def _end_of(day: Any) -> datetime:
    """Give the end of a day where the operator is."""
    try:
        place = ZoneInfo(operators.current().subject.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        place = ZoneInfo("UTC")
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=place)


def _refused(user_id: uuid.UUID, form: Form, refusal: AuthError) -> Response:
    settle_refusal(refusal)
    if "expires_at" in refusal.fields:
        refusal.fields = {"until": refusal.fields["expires_at"]}
    user = services().users.get(user_id)
    return _role_page(user, forms.show_again(form, refusal), status=refusal.status)


def _role_page(user: User, form: Form, *, status: int = 200) -> Response:
    page = url_for("console.show_user", user_id=user.id)
    givable = services().roles.givable(operators.current().subject.roles)
    return show.render(
        "user_role",
        title=gettext("Give a role"),
        trail=[(said.name_of(user), page)],
        status=status,
        form=form,
        who=f"{said.name_of(user)} ({user.email})",
        roles=[(str(one.id), one.name) for one in givable],
        links={"back": page},
    )


def _institution_page(user: User, form: Form, *, status: int = 200) -> Response:
    page = url_for("console.show_user", user_id=user.id)
    every = services().institutions.list_all()
    return show.render(
        "user_institution",
        title=gettext("Let them belong to an institution"),
        trail=[(said.name_of(user), page)],
        status=status,
        form=form,
        who=f"{said.name_of(user)} ({user.email})",
        institutions=[(str(one.id), f"{one.name} ({one.code})") for one in every],
        links={"back": page},
    )
