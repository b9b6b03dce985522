"""Everybody's sessions: searched, ended one by one, ended all at once."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.console.people import events
from tests.support.reader import Reader


@pytest.fixture
def root(enter: Callable[..., Reader]) -> Reader:
    return enter("super_admin")


@pytest.fixture
def bob(add: Callable[..., str], make_reader: Callable[..., Reader]) -> Reader:
    """Bob's phone, signed in."""
    add("bob", full_name="Bob Builder")
    reader = make_reader(ip="198.51.100.9")
    reader.sign_in("bob@example.test")
    return reader


def end_links(reader: Reader) -> list[str]:
    found = [e.get("href") for e in reader.document.all("a")]
    return [one for one in found if re.fullmatch(r".*/sessions/[0-9a-f-]{36}/end", one)]


def test_sessions_are_found_by_whose_they_are_and_where(root, bob):
    for query in ("q=builder", "ip=198.51.100.9", "q=bob@example&kind=browser"):
        root.open(f"/console/sessions?{query}")
        assert "Bob Builder" in root.document.get("session-list").text, query
        assert len(end_links(root)) == 1, query
    assert root.open("/console/sessions?q=builder&kind=api").has("empty")
    assert root.open("/console/sessions?ip=nowhere").status == 422


def test_one_is_ended_with_a_reason_and_the_others_stay(root, bob, db, make_reader):
    laptop = make_reader()
    laptop.sign_in("bob@example.test")
    root.open("/console/sessions?ip=198.51.100.9").open(end_links(root)[0])
    assert root.press("confirm-submit").status == 422
    root.fill(reason="not theirs").press("confirm-submit")
    assert root.document.get("done").text == "The session has ended."
    assert bob.open("/account").path == "/signin"
    assert laptop.open("/account").path == "/account"
    (event,) = events(db, "session:other:revoked")
    assert (event.reason, event.actor_id is not None) == ("not theirs", True)
    over = root.open("/console/sessions?ended=true&ip=198.51.100.9")
    assert "Bob Builder" in over.document.get("session-list").text
    assert end_links(over) == []


def test_nobody_ends_the_session_of_who_stands_above(root, bob, enter):
    admin = enter("admin")
    address = end_links(root.open("/console/sessions?q=super_admin"))[0]
    admin.open("/console/sessions")
    assert len(end_links(admin)) == 2, "their own, and that of bob"
    assert "super_admin" in admin.document.get("session-list").text
    admin.open("/console/users?q=super_admin")
    (link,) = [e for e in admin.document.get("people").walk() if e.tag == "a"]
    admin.open(link.get("href"))
    assert admin.has("session-list")
    assert end_links(admin) == []
    admin.open(address).fill(reason="r").press("confirm-submit")
    assert admin.status == 403
    assert root.open("/console").status == 200


def test_everybody_is_signed_out_by_a_typed_word(root, bob, db):
    root.open("/console/sessions").link("end-all")
    root.fill(reason="a leak", typed="every body").press("confirm-submit")
    assert root.status == 422
    assert bob.open("/account").path == "/account"
    root.fill(reason="a leak", typed="everybody").press("confirm-submit")
    assert root.path == "/signed-out"
    assert bob.open("/account").path == "/signin"
    assert root.open("/console").path == "/signin"
    (event,) = events(db, "system:sessions:revoked")
    assert event.reason == "a leak"


def test_an_admin_is_not_offered_to_sign_everybody_out(enter):
    admin = enter("admin")
    assert not admin.open("/console/sessions").has("end-all")


def test_the_next_page_goes_on_where_this_one_ended(root, bob, make_reader):
    for _ in range(33):
        make_reader().sign_in("bob@example.test")
    first = end_links(root.open("/console/sessions"))
    root.link("page-next")
    rest = end_links(root)
    assert len(first) == 30
    assert set(first).isdisjoint(rest)
    # 35 by hand, and the one of the operator.
    assert len(first + rest) == 35


def test_a_session_of_nobody_is_not_found(root):
    missing = "00000000-0000-4000-8000-000000000000"
    assert root.open(f"/console/sessions/{missing}/end").status == 404
