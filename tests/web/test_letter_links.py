"""Links of letters about an address, a device, a deletion: GET shows, POST does."""

from __future__ import annotations

import pytest

from tests.support.caller import ORIGIN, PASSWORD

NEW = "ada@new.example.test"
OTHER = "Zwölf-Hähne-am-Kai-9"
PAGES = ["/email/confirm", "/email/undo", "/not-me", "/account/keep"]


@pytest.fixture
def box(reader, ada):
    """Ada's front end, signed in by the API; its letters are the reader's."""
    reader.post_box.sign_in(ada)
    return reader.post_box


@pytest.fixture
def moved(reader, box):
    """Ada at another address."""
    box.data(box.post("/users/me/email", {"email": NEW}))
    reader.open(reader.link_in(NEW, "email_change_confirm")).press("confirm-submit")
    assert reader.path == "/email/confirmed"
    return box


def email_of(box) -> str:
    return box.data(box.get("/users/me"))["user"]["email"]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("token", ["", "x", "a.b", "%00", "é" * 300])
def test_a_link_that_is_none_says_so(reader, path, token):
    reader.open(f"{path}?token={token}")
    assert reader.status == 410
    assert reader.document.get("error-code").text == "challenge_expired"


@pytest.mark.parametrize("path", PAGES)
def test_a_form_of_elsewhere_does_nothing(reader, path):
    """CSRF: the link's secret alone is not enough to post."""
    answer = reader.client.post(path, data={"token": "x"}, base_url=ORIGIN)
    assert answer.status_code == 400


# -- Another address


def test_looking_at_the_link_changes_nothing(reader, make_reader, ada, box):
    box.data(box.post("/users/me/email", {"email": NEW}))
    link = reader.link_in(NEW, "email_change_confirm")
    for _ in range(3):
        assert make_reader().open(link).status == 200
    assert email_of(box) == ada
    assert NEW in reader.open(link).text


def test_the_button_changes_it_in_any_browser_and_once(make_reader, reader, ada, box):
    box.data(box.post("/users/me/email", {"email": NEW}))
    link = reader.link_in(NEW, "email_change_confirm")
    other = make_reader().open(link).press("confirm-submit")
    assert other.heading == "Your email address was changed"
    assert email_of(box) == NEW
    assert other.open(link).status == 410


def test_the_old_address_takes_it_back_within_seven_days(
    reader, make_reader, ada, moved
):
    told = reader.words_of(ada, "email_change_notice")
    assert "a•••@new.example.test" in told
    reader.clock.advance(days=6)
    reader.open(reader.link_in(ada, "email_change_notice"))
    assert "a•••@example.test" in reader.text
    reader.press("confirm-submit")
    assert (reader.path, reader.heading) == ("/email/undone", "The change was undone")
    assert moved.get("/users/me").status_code == 401
    refused = make_reader().sign_in(ada, PASSWORD)
    assert (refused.path, refused.status) == ("/signin", 401)
    reader.open(reader.link_in(ada, "reset_password")).fill(password=OTHER)
    reader.press("reset-submit")
    assert make_reader().sign_in(ada, OTHER).path == "/account"


def test_after_seven_days_it_stays(reader, ada, moved):
    reader.clock.advance(days=7, minutes=1)
    assert reader.open(reader.link_in(ada, "email_change_notice")).status == 410


# -- This was not me


def test_one_click_ends_the_strange_sign_in_and_begins_recovery(
    reader, make_reader, ada, box
):
    thief = make_reader(ip="198.51.100.66").sign_in(ada)
    assert thief.path == "/account"
    link = reader.link_in(ada, "new_device")
    assert "198.51.100.66" in reader.words_of(ada, "new_device")
    reader.open(link)
    assert thief.open("/account").path == "/account"
    reader.press("confirm-submit")
    assert (reader.path, reader.heading) == ("/not-me/done", "Your account is safe")
    assert thief.open("/account").path == "/signin"
    assert thief.sign_in(ada).status == 401
    assert box.get("/users/me").status_code == 200
    reader.open(reader.link_in(ada, "reset_password")).fill(password=OTHER)
    assert reader.press("reset-submit").status == 200
    assert reader.open(link).status == 410


# -- A deletion


def test_a_deleted_account_comes_back_by_the_button(reader, make_reader, ada, box):
    box.data(box.delete("/users/me"))
    assert make_reader().sign_in(ada).status == 401
    link = reader.link_in(ada, "account_deleted")
    reader.clock.advance(days=29)
    reader.open(link)
    assert make_reader().sign_in(ada).status == 401
    reader.press("confirm-submit")
    assert (reader.path, reader.heading) == ("/account/kept", "Your account is kept")
    assert reader.link("notice-next").path == "/signin"
    assert make_reader().sign_in(ada).path == "/account"
    assert reader.open(link).status == 410


def test_after_thirty_days_it_does_not(reader, ada, box):
    box.data(box.delete("/users/me"))
    reader.clock.advance(days=30, minutes=1)
    assert reader.open(reader.link_in(ada, "account_deleted")).status == 410
