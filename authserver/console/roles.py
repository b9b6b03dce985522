"""Roles: what each permits, as a matrix; made, changed, deleted."""

from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext, lazy_gettext
from marshmallow import fields, validate

from authserver.console import asking, operators, show
from authserver.console.room import Room, Screen
from authserver.core.role_catalogue import PERMISSIONS
from authserver.core.roles import permits
from authserver.core.versions import version_of
from authserver.errors import AuthError, Conflict, InvalidInput, StaleVersion
from authserver.http import forms
from authserver.http.context import services
from authserver.http.pages import Form
from authserver.http.unit_of_work import settle_refusal


class RoleForm(forms.PageForm):
    """A role."""

    name = forms.Trimmed(required=True, validate=validate.Length(2, 50))
    description = forms.Trimmed(load_default="", validate=validate.Length(max=500))
    permissions = fields.List(fields.String(), load_default=list)
    reason = forms.Trimmed(required=True, validate=validate.Length(1, 500))
    version = fields.String(load_default="")

    words = {  # noqa: RUF012 -- read like a constant
        "name": "Use 2 to 50 letters, digits, dashes or underscores.",
        "description": "Use at most 500 characters.",
        "permissions": "Choose one of the list.",
        "reason": "Say why. It goes into the security log.",
    }


def list_roles() -> Response:
    """Show who may what: permissions by role."""
    roles = services().role_catalogue.list_all()
    return show.render(
        "roles",
        title=lazy_gettext("Roles"),
        roles=[
            {
                "name": role.name,
                "url": url_for("console.show_role", role_id=role.id),
                "is_system": role.is_system_role,
            }
            for role in roles
        ],
        matrix=[
            {
                "name": name,
                "meaning": gettext(meaning),
                "held": [permits(role.permissions, name) for role in roles],
            }
            for name, meaning in PERMISSIONS.items()
        ],
        links={"new": show.allowed("roles:create", "console.add_role")},
    )


def show_role(role_id: int) -> Response:
    """Show one role, and who holds it."""
    role = services().roles.get(role_id)
    return show.render(
        "role",
        title=role.name,
        role=role,
        permissions=[
            (name, gettext(meaning))
            for name, meaning in PERMISSIONS.items()
            if permits(role.permissions, name)
        ],
        links={
            "edit": show.allowed("roles:update", "console.edit_role", role_id=role_id),
            "delete": (
                None
                if role.is_system_role
                else show.allowed(
                    "roles:delete", "console.delete_role", role_id=role_id
                )
            ),
            "holders": show.allowed("users:read", "console.list_users", role=role.name),
        },
    )


def add_role() -> Response:
    """Add a role of the operator's own."""
    if request.method != "POST":
        return _page(None, Form(), [])
    given, form = forms.read(RoleForm(), {})
    chosen = request.form.getlist("permissions")
    if given is None:
        return _page(None, form, chosen, status=422)
    try:
        row = services().role_catalogue.create(
            by=operators.current().id, **_told(given)
        )
    except (Conflict, InvalidInput) as refusal:
        return _refused(None, form, chosen, refusal)
    return show.back_to("console.show_role", "added", role_id=row.id)


def edit_role(role_id: int) -> Response:
    """Change what a role permits; whoever holds it may so within seconds."""
    role = services().roles.get(role_id)
    if request.method != "POST":
        known = {
            "name": role.name,
            "description": role.description or "",
            "version": version_of(role),
        }
        return _page(role_id, Form(values=known), role.permissions)
    given, form = forms.read(RoleForm(), {})
    chosen = request.form.getlist("permissions")
    if given is None:
        return _page(role_id, form, chosen, status=422)
    try:
        if given["version"] != version_of(role):
            raise StaleVersion("the form was filled from another version")
        by = operators.current().id
        services().role_catalogue.change(role_id, by=by, **_told(given))
    except (Conflict, InvalidInput, StaleVersion) as refusal:
        return _refused(role_id, form, chosen, refusal)
    return show.back_to("console.show_role", "changed", role_id=role_id)


def delete_role(role_id: int) -> Response:
    """Delete a role that nobody holds."""
    role = services().roles.get(role_id)
    page = url_for("console.show_role", role_id=role_id)
    question = asking.Question(
        title=gettext("Delete the role"),
        words=gettext("Only a role that nobody holds can be deleted."),
        submit=gettext("Delete the role"),
        back=page,
        of=[role.name],
        trail=[(role.name, page)],
        wants_reason=True,
        typed=role.name,
        is_dangerous=True,
    )

    def act(reason: str | None) -> Response:
        by = operators.current().id
        services().role_catalogue.delete(role_id, by=by, reason=reason)
        return show.back_to("console.list_roles", "deleted")

    return asking.ask(question, act)


def _told(given: forms.Given) -> dict[str, Any]:
    return {
        "name": given["name"],
        "description": given["description"] or None,
        "permissions": given["permissions"],
        "reason": given["reason"],
    }


def _refused(
    role_id: int | None, form: Form, chosen: list[str], refusal: AuthError
) -> Response:
    settle_refusal(refusal)
    if role_id is not None and isinstance(refusal, StaleVersion):
        form.values["version"] = version_of(services().roles.get(role_id))
    again = forms.show_again(form, refusal)
    return _page(role_id, again, chosen, status=refusal.status)


def _page(
    role_id: int | None, form: Form, chosen: list[str], *, status: int = 200
) -> Response:
    role = services().roles.get(role_id) if role_id is not None else None
    page = url_for("console.list_roles")
    if role is not None:
        page = url_for("console.show_role", role_id=role.id)
    return show.render(
        "role_edit",
        title=gettext("Change the role") if role else gettext("Add a role"),
        trail=[(role.name, page)] if role else [],
        status=status,
        form=form,
        is_new=role is None,
        is_system=bool(role and role.is_system_role),
        permissions=[
            {"name": name, "meaning": gettext(meaning), "held": permits(chosen, name)}
            for name, meaning in PERMISSIONS.items()
        ],
        links={"back": page},
    )


ONE, CALL = "/roles/<int:role_id>", "/admin/roles/<int:role_id>"

ROOM = Room(
    name="roles",
    title=lazy_gettext("Roles"),
    screens=(
        Screen("/roles", list_roles, "roles:read", "GET /admin/permissions"),
        Screen(
            "/roles/new",
            add_role,
            "roles:create",
            "POST /admin/roles",
            posts=True,
            is_dangerous=True,
        ),
        Screen(ONE, show_role, "roles:read", f"GET {CALL}"),
        Screen(
            f"{ONE}/edit",
            edit_role,
            "roles:update",
            f"PUT {CALL}",
            posts=True,
            is_dangerous=True,
        ),
        Screen(
            f"{ONE}/delete",
            delete_role,
            "roles:delete",
            f"DELETE {CALL}",
            posts=True,
            is_dangerous=True,
        ),
    ),
    done={
        "added": lazy_gettext("The role is there."),
        "changed": lazy_gettext(
            "The role is changed. Whoever holds it may so within seconds."
        ),
        "deleted": lazy_gettext("The role is deleted."),
    },
)
