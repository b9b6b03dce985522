"""Every screen and every button as every role: the permission matrix holds (S4)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from authserver.api.__main__ import ROLES, granted
from authserver.console import ROOMS
from authserver.console.room import Screen
from authserver.core.roles import permits
from authserver.models import Role
from tests.support.reader import Reader

SCREENS = [screen for room in ROOMS for screen in room.screens]
Enter = Callable[..., Reader]


def filled(screen: Screen) -> str:
    """Its address, with parameters that name nothing."""
    path = re.sub(r"<uuid:\w+>", str(uuid.UUID(int=7)), f"/console{screen.path}")
    path = re.sub(r"<int:\w+>", "999999", path)
    return re.sub(r"<\w+>", "nothing", path)


def is_refused(reader: Reader) -> bool:
    """Whether the answer is that they may not; anything but a fault of ours."""
    assert reader.status < 500, reader.text
    found = reader.document.find("error-code")
    return found is not None and found.text == "permission_missing"


@pytest.mark.parametrize("role", ROLES)
def test_every_screen_as_this_role(enter: Enter, role: str) -> None:
    reader, held = enter(role), granted()[role]
    wrong = []
    for screen in SCREENS:
        may = permits(held, screen.needs)
        if is_refused(reader.open(filled(screen))) is may:
            wrong.append(f"GET {screen.path} as {role}: expected {may}")
        if screen.posts:
            reader.open("/account/profile").send(filled(screen))
            if is_refused(reader) is may:
                wrong.append(f"POST {screen.path} as {role}: expected {may}")
    assert wrong == []


def test_nobody_who_is_not_signed_in_sees_a_screen(
    make_reader: Callable[..., Reader],
) -> None:
    reader = make_reader()
    for screen in SCREENS:
        assert reader.open(filled(screen)).path == "/signin", screen.path


@pytest.mark.parametrize("role", ROLES)
def test_no_link_leads_to_a_refusal(
    enter: Enter, add: Callable[..., str], role: str
) -> None:
    """Whoever may not gets no link: every link of every page that they reach opens."""
    reader = enter(role)
    add("bob")
    add("boss", "super_admin")
    seen, waiting, wrong = set(), ["/console"], []
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        reader.open(path)
        if path != "/console" and is_refused(reader):
            wrong.append(path)
        if reader.answer.mimetype == "text/html":
            waiting += [one for one in links(reader) if one not in seen]
    assert wrong == []
    assert (len(seen) > 1) is (role != "user")


def links(reader: Reader) -> set[str]:
    """Where a page of the console leads to in the console."""
    if not reader.path.startswith("/console"):
        return set()
    found = {
        element.get(name).partition("#")[0]
        for element in reader.document.root.walk()
        for name in ("href", "formaction")
        if element.get(name)
    }
    return {one for one in found if one.startswith("/console")}


def test_a_role_of_ones_own_opens_its_room_alone(
    enter: Enter, app: Flask, db: Any
) -> None:
    row = Role(name="reader", permissions=["stats:read"], is_system_role=False)
    row.created_at = row.updated_at = app.extensions["services"].clock.now()
    db.session.add(row)
    db.session.commit()
    app.extensions["services"].roles.forget()
    reader = enter("reader")
    assert reader.open("/console").status == 200
    found = [room.name for room in ROOMS if room.front.needs == "stats:read"]
    assert reader.path == f"/console/{found[0]}"
    assert is_refused(reader.open("/console/users"))


def test_a_role_that_is_taken_closes_the_console_within_seconds(
    enter: Enter, app: Flask, db: Any
) -> None:
    reader = enter("admin")
    assert reader.open("/console/users").status == 200
    services = app.extensions["services"]
    user = services.users.find_by_email("admin@example.test")
    role = services.roles.find("admin")
    services.roles.take(user.id, role, by=user.id, by_roles=["super_admin"])
    db.session.commit()
    assert is_refused(reader.open("/console/users"))


def test_a_form_from_elsewhere_does_nothing(enter: Enter) -> None:
    reader = enter("super_admin")
    for screen in SCREENS:
        if screen.posts:
            for told in ({}, {"csrf_token": "of another browser"}):
                reader.send_from_elsewhere(filled(screen), **told)
                assert reader.status == 400, screen.path
                assert reader.document.get("error-code").text == "csrf_failed"
