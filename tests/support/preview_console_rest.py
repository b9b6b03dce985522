"""Samples of the console's further rooms: roles, institutions."""

from collections.abc import Callable, Iterator
from typing import Any

from tests.support.preview_kit import Sample, form

Words = Callable[..., str]
Shell = Callable[..., dict[str, Any]]


def rest(_: Words, shell: Shell) -> Iterator[Sample]:
    """What stands after people in the navigation."""
    yield from roles(_, shell)
    yield from institutions(_, shell)


def roles(_: Words, shell: Shell) -> Iterator[Sample]:
    """The matrix, one role, its form."""
    names = ("admin", "editor", "super_admin", "user")
    matrix = [
        {"name": name, "meaning": meaning, "held": held}
        for name, meaning, held in (
            ("users:read", _("Find people and see their details"), [1, 1, 1, 0]),
            ("roles:create", _("Add roles"), [0, 0, 1, 0]),
            ("profile:read", _("See one's own account"), [1, 1, 1, 1]),
        )
    ]
    yield Sample(
        "console-roles",
        "console/roles.html",
        shell(
            "roles",
            _("Roles"),
            roles=[{"name": one, "url": "/r", "is_system": True} for one in names],
            matrix=matrix,
            links={"new": "/n"},
        ),
    )
    above = (_("Roles"), "/console/roles"), ("editor", "/console/roles/2")
    facts = {
        "role": {"name": "editor", "description": "Reads", "is_system_role": True},
        "permissions": [("users:read", _("Find people and see their details"))],
        "links": {"edit": "/e", "delete": "/d", "holders": "/h"},
    }
    yield Sample(
        "console-role",
        "console/role.html",
        shell("roles", "editor", above[0], **facts),
    )
    asked = {
        "form": form({"name": "editor"}, {"reason": "Say why."}),
        "is_new": False,
        "is_system": False,
        "permissions": matrix,
        "links": {"back": "/b"},
    }
    yield Sample(
        "console-role-edit",
        "console/role_edit.html",
        shell("roles", _("Change the role"), *above, **asked),
    )
    system = asked | {"is_system": True, "form": form({"name": "user"})}
    yield Sample(
        "console-role-system",
        "console/role_edit.html",
        shell("roles", _("Change the role"), *above, **system),
    )


def institutions(_: Words, shell: Shell) -> Iterator[Sample]:
    """The list, and the form."""
    one = {"since": "x", "edit_url": "/e", "delete_url": "/d", "people_url": "/p"}
    found = [one | {"code": "i1", "name": "First"}, {"code": "i2", "name": "S" * 300}]
    yield Sample(
        "console-institutions",
        "console/institutions.html",
        shell(
            "institutions",
            _("Institutions"),
            institutions=found,
            links={"new": "/n"},
        ),
    )
    yield Sample(
        "console-institutions-none",
        "console/institutions.html",
        shell("institutions", _("Institutions"), institutions=[], links={"new": "/n"}),
    )
    yield Sample(
        "console-institution-edit",
        "console/institution_edit.html",
        shell(
            "institutions",
            _("Add an institution"),
            (_("Institutions"), "/console/institutions"),
            form=form(),
            is_new=True,
            links={"back": "/b"},
        ),
    )
