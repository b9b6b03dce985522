"""Roles and institutions at the console: shown as a matrix, made, changed, deleted."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from authserver.core.role_catalogue import PERMISSIONS
from authserver.models import Institution, Role
from tests.console.people import events
from tests.support.reader import Reader


@pytest.fixture
def root(enter: Callable[..., Reader]) -> Reader:
    return enter("super_admin")


def role(db: Any, name: str) -> Role:
    db.session.rollback()
    return db.session.query(Role).filter_by(name=name).one()


def make(root: Reader, name: str = "Support") -> Reader:
    root.open("/console/roles").link("role-new")
    tick(root, "users:read")
    root.fill(name=name, description="Helps <b>people</b>", reason="new team")
    return root.press("role-submit")


def tick(reader: Reader, permission: str) -> None:
    boxes = [e for e in reader.document.all("input") if e.get("value") == permission]
    assert len(boxes) == 1
    boxes[0].attributes["checked"] = ""


def test_the_matrix_says_what_each_role_permits(root, db):
    root.open("/console/roles")
    rows = [e for e in root.document.get("matrix").walk() if e.tag == "tr"]
    assert len(rows) == len(PERMISSIONS) + 1
    names = rows[0].text.split()[1:]
    for row in rows[1:]:
        cells = [e.text for e in row.walk() if e.tag == "td"]
        head = next(e.text for e in row.walk() if e.tag == "code")
        for name, cell in zip(names, cells, strict=True):
            held = head in role(db, name).permissions
            assert (cell == "yes") is held, (head, name)


def test_a_role_is_made_changed_and_deleted(root, db):
    make(root)
    assert root.heading == "support"
    assert "<b>" not in root.answer.text
    (made,) = events(db, "role:self:created")
    assert made.reason == "new team"

    root.link("role-edit")
    tick(root, "logs:read")
    root.fill(reason="they need it").press("role-submit")
    assert set(role(db, "support").permissions) == {"users:read", "logs:read"}
    (changed,) = events(db, "role:self:changed")
    assert changed.facts["given"] == ["logs:read"]
    assert changed.reason == "they need it"

    root.link("role-delete").fill(reason="over", typed="supports")
    assert root.press("confirm-submit").status == 422
    root.fill(reason="over", typed="support").press("confirm-submit")
    assert root.path == "/console/roles"
    assert "support" not in root.document.get("matrix").text
    assert [e.reason for e in events(db, "role:self:deleted")] == ["over"]


def test_a_role_that_somebody_holds_stays(root, add):
    make(root)
    page = root.path
    add("bob", "support")
    root.open(f"{page}/delete").fill(reason="r", typed="support")
    assert root.press("confirm-submit").status == 409
    assert "holds this role" in root.document.get("error-summary").text
    assert "bob@example.test" in root.open(page).link("role-holders").text


def test_what_is_wrong_with_a_role_stands_beside_its_field(root):
    root.open("/console/roles/new").fill(name="x y").press("role-submit")
    assert root.status == 422
    assert root.has("reason-error")
    root.fill(name="x y", reason="r").press("role-submit")
    assert root.has("name-error")
    root.fill(name="editor", reason="r").press("role-submit")
    assert root.status == 409


def test_system_roles_stay_what_they_are(root, db):
    top = f"/console/roles/{role(db, 'super_admin').id}"
    assert not root.open(top).has("role-delete")
    root.open("/account/profile").send(f"{top}/delete", reason="r", typed="super_admin")
    assert root.status == 409
    root.open(f"{top}/edit")
    root.send(
        f"{top}/edit",
        name="super_admin",
        version=version(root),
        permissions="users:read",
        reason="weaker",
    )
    assert root.status == 409
    assert "keeps every permission" in root.document.get("error-summary").text


def version(reader: Reader) -> str:
    found = [e for e in reader.document.all("input") if e.get("name") == "version"]
    return found[0].get("value")


def test_a_role_that_somebody_else_changed_is_not_overwritten(root, enter, db):
    make(root)
    page = root.path
    other = enter("super_admin", "other")
    root.open(f"{page}/edit")
    other.open(f"{page}/edit").fill(description="Theirs", reason="r")
    other.press("role-submit")
    root.fill(description="Mine", reason="r").press("role-submit")
    assert root.status == 412
    assert role(db, "support").description == "Theirs"


def test_institutions_are_made_changed_and_deleted(root, db, add):
    root.open("/console/institutions").link("institution-new")
    root.fill(code="i 1", name="First").press("institution-submit")
    assert root.status == 422
    assert root.has("code-error")
    root.fill(code="i1", name="First").press("institution-submit")
    assert "First" in root.document.get("institutions").text
    row = db.session.query(Institution).filter_by(code="i1").one()
    root.open(f"/console/institutions/{row.id}/edit")
    root.fill(name="Second").press("institution-submit")
    assert "Second" in root.document.get("institutions").text
    root.open(f"/console/institutions/{row.id}/delete")
    root.fill(reason="closed", typed="i1").press("confirm-submit")
    assert root.path == "/console/institutions"
    found = events(db, "institution:self:changed")
    changes = [(e.facts["change"], e.reason) for e in found]
    assert changes == [("created", None), ("changed", None), ("deleted", "closed")]


def test_an_institution_that_somebody_else_changed_is_not_overwritten(
    root, enter, db, services, add
):
    row = services.institutions.create("i1", "First", by=uuid.UUID(add("maker")))
    db.session.commit()
    page = f"/console/institutions/{row.id}/edit"
    other = enter("super_admin", "other")
    root.open(page)
    other.open(page).fill(name="Theirs").press("institution-submit")
    assert root.fill(name="Mine").press("institution-submit").status == 412
    db.session.refresh(row)
    assert row.name == "Theirs"
