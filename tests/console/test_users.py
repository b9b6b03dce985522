"""People at the console: found, added, changed, locked, deleted, given back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from authserver.models import OutboxLetter
from tests.console.people import events, page_of
from tests.support.reader import Reader

# -- The list


def test_people_are_found_by_each_of_their_names(admin, add):
    bob = add("bob", full_name="Bob Builder", username="builder")
    add("eve", full_name="Eve")
    admin.open(f"{page_of(bob)}/edit").fill(phone="+5581999887766", reason="asked")
    admin.press("user-submit")
    for asked in ("BUILD", "bob@exam", "builder", "9988776", bob):
        admin.open("/console/users").fill(q=asked).press("filters-submit")
        assert f"q={asked[:3]}" in admin.url
        assert "bob@example.test" in admin.text, asked
        assert "eve@example.test" not in admin.text, asked


def test_filters_stand_in_the_url_and_go_together(admin, add):
    add("bob")
    reader = admin.open("/console/users?role=user&status=active&q=example")
    assert "bob@example.test" in reader.text
    assert "admin@example.test" not in reader.document.get("people").text
    assert reader.open("/console/users?role=user&status=locked").has("empty")
    assert reader.has("filters-clear")


@pytest.mark.parametrize(
    "query", ["status=none", "q=x", "role=" + "r" * 51, "q=" + "q" * 101]
)
def test_a_filter_that_is_none_is_told_beside_its_field(admin, query):
    admin.open(f"/console/users?{query}")
    assert admin.status == 422
    assert admin.has("error-summary")
    assert not admin.has("people")


def test_the_next_page_goes_on_where_this_one_ended(admin, add):
    for number in range(35):
        add(f"p{number:02d}")
    first = admin.open("/console/users?q=@example.test")
    seen = set(addresses(first))
    assert len(seen) == 30
    admin.link("page-next")
    rest = addresses(admin)
    assert seen.isdisjoint(rest)
    assert len(rest) == 6
    assert "q=%40example.test" in admin.url
    admin.link("page-first")
    assert set(addresses(admin)) == seen


def addresses(reader: Reader) -> list[str]:
    cells = [e for e in reader.document.get("people").walk() if e.tag == "td"]
    names = {one for cell in cells for one in cell.text.split()}
    return [one for one in names if one.endswith("@example.test")]


@pytest.mark.parametrize("cursor", ["x", "e30", "W10", "%00", "a" * 5000])
def test_a_cursor_that_is_none_begins_anew(admin, cursor):
    assert admin.open(f"/console/users?cursor={cursor}").status == 200


# -- One of them


def test_a_person_is_shown_with_all_that_belongs_to_them(admin, bob):
    admin.open("/console/users").open(page_of(bob))
    assert admin.heading == "Bob Builder"
    for part in ("facts", "ways", "roles", "institutions", "sessions", "happenings"):
        assert admin.has(part), part
    assert "Password" in admin.document.get("ways").text


def test_what_happened_is_one_list_of_both_logs(admin, bob, make_reader, clock):
    clock.moment += timedelta(minutes=1)
    theirs = make_reader(ip="198.51.100.9")
    theirs.sign_in("bob@example.test", "not the password")
    clock.moment += timedelta(minutes=1)
    theirs.sign_in("bob@example.test")
    clock.moment += timedelta(minutes=1)
    admin.open(f"{page_of(bob)}/lock").fill(reason="why not").press("confirm-submit")
    admin.open(page_of(bob))
    rows = admin.document.get("happening-list").walk()
    told = [one.text for one in rows if one.tag == "code"]
    assert told.index("user:account:locked") < told.index("signin")
    assert told.index("signin") < told.index("signin-refused")
    (refused,) = (
        one.text for one in admin.document.get("happening-list").walk()
        if one.tag == "tr" and "signin-refused" in one.text
    )  # fmt: skip
    assert "Refused" in refused
    assert "198.51.100.9" in refused


def test_an_editor_sees_less_and_may_nothing(enter, bob):
    editor = enter("editor")
    editor.open(page_of(bob))
    assert editor.status == 200
    assert not editor.has("sessions")
    assert not editor.has("happenings")
    assert editor.document.get("deeds").text == ""


def test_somebody_who_is_not_there_is_not_found(admin):
    missing = "00000000-0000-4000-8000-000000000000"
    assert admin.open(page_of(missing)).status == 404
    assert admin.has("error-console")


def test_nobody_is_offered_deeds_on_who_stands_above(admin, add):
    boss = add("boss", "super_admin")
    assert admin.open(page_of(boss)).document.get("deeds").text == ""
    admin.open(f"{page_of(boss)}/lock").fill(reason="why not").press("confirm-submit")
    assert admin.status == 403


# -- Added and changed


def test_somebody_is_added_and_gets_a_letter(admin, db):
    admin.open("/console/users/new").fill(email="new@example.test")
    admin.fill(full__name="New Person").choose("status", "active")
    admin.press("user-submit")
    assert admin.heading == "New Person"
    assert "letter is on its way" in admin.document.get("done").text
    letters = db.session.query(OutboxLetter).filter_by(recipient="new@example.test")
    assert [one.letter for one in letters] == ["reset_password"]
    (made,) = events(db, "user:account:created-by-operator")
    assert made.actor_id is not None


def test_what_is_wrong_with_somebody_new_stands_beside_its_field(admin, db):
    admin.open("/console/users/new").fill(email="x@", phone="12", username="a b")
    admin.press("user-submit")
    assert admin.status == 422
    assert admin.has("email-error")
    assert admin.document.get("email").get("value") == "x@"
    admin.fill(email="admin@example.test", phone="", username="").press("user-submit")
    assert admin.status == 409
    assert admin.has("error-summary")


def test_details_are_changed(admin, bob, stored, db):
    admin.open(page_of(bob)).link("user-edit")
    admin.fill(
        full__name="Robert", phone="+5511999999999", date__of__birth="1990-02-03"
    )
    admin.fill(reason="asked by mail").press("user-submit")
    assert admin.heading == "Robert"
    user = stored(bob)
    assert (user.full_name, user.phone) == ("Robert", "+5511999999999")
    assert user.date_of_birth.isoformat() == "1990-02-03"
    (event,) = events(db, "user:account:edited")
    assert event.reason == "asked by mail"
    assert event.facts["fields"] == ["date_of_birth", "full_name", "phone"]


def test_a_change_on_top_of_somebody_elses_is_refused(admin, enter, bob, stored):
    other = enter("admin", "other")
    for reader in (admin, other):
        reader.open(f"{page_of(bob)}/edit")
    admin.fill(full__name="One").press("user-submit")
    other.fill(full__name="Two").press("user-submit")
    assert other.status == 412
    assert other.document.get("full-name").get("value") == "Two"
    assert stored(bob).full_name == "One"
