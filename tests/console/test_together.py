"""One deed for many people: for all of them, or for nobody."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest

from authserver.models import SecurityEvent
from tests.support.reader import Reader


@pytest.fixture
def admin(enter: Callable[..., Reader]) -> Reader:
    return enter("admin")


def test_many_are_locked_by_a_typed_word(admin, add, stored, db):
    people = [add(name) for name in ("bob", "eve", "mallory")]
    admin.open("/console/users")
    for one in people[:2]:
        admin.tick(f"pick-{one}")
    admin.press("together-lock")
    assert "bob@example.test" in admin.document.get("confirm-of").text
    admin.fill(reason="a leak", typed="lock 3").press("confirm-submit")
    assert admin.status == 422
    admin.fill(reason="a leak", typed="lock 2").press("confirm-submit")
    assert admin.document.get("done").text == "Accounts locked: 2."
    assert [stored(one).status for one in people] == ["locked", "locked", "active"]
    found = db.session.query(SecurityEvent).filter_by(event="user:account:locked")
    assert [one.reason for one in found] == ["a leak"] * 2


def test_one_who_cannot_be_locked_keeps_all_from_it(admin, add, stored, services):
    bob, boss = add("bob"), add("boss", "super_admin")
    admin.open(f"/console/users/together/lock?id={bob}&id={boss}")
    admin.fill(reason="r", typed="lock 2").press("confirm-submit")
    assert admin.status == 422
    said = admin.document.get("error-summary").text
    assert "Nothing was done" in said
    assert "boss@example.test" in said
    assert stored(bob).status == "active"


def test_many_are_signed_out_deleted_and_let_in(admin, add, stored, make_reader):
    bob, eve = add("bob"), add("eve")
    theirs = make_reader()
    theirs.sign_in("bob@example.test")
    for deed in ("sign-out", "lock", "unlock", "delete"):
        admin.open(f"/console/users/together/{deed}?id={bob}&id={eve}&id={bob}")
        admin.fill(reason="r", typed=f"{deed} 2").press("confirm-submit")
        assert admin.has("done"), deed
    assert theirs.open("/account").path == "/signin"
    assert {stored(bob).status, stored(eve).status} == {"deleted"}


@pytest.mark.parametrize("query", ["", "?id=nobody", f"?id={uuid.UUID(int=7)}"])
def test_nobody_is_no_choice(admin, query):
    admin.open(f"/console/users/together/lock{query}")
    if admin.status == 200:
        admin.fill(reason="r", typed="lock 0").press("confirm-submit")
    assert admin.status in (404, 422)


def test_an_editor_is_offered_nothing(enter, add):
    add("bob")
    editor = enter("editor").open("/console/users")
    assert editor.has("people")
    assert not editor.has("together-lock")
    assert "pick-" not in editor.answer.text
