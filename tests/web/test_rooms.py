"""Devices, apps, activity, privacy: seen and ended by their owner alone."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from flask import Flask

from authserver.core.audit import EventTag
from authserver.core.grants import Authorization
from authserver.core.logs import LogWanted
from authserver.models import db
from tests.support.caller import PASSWORD
from tests.support.reader import Reader

BOB = "bob@example.test"
HOME = "https://notes.example.test"


@pytest.fixture
def bob(make_reader: Any) -> Reader:
    """Somebody else, signed in."""
    reader = make_reader(ip="198.51.100.9")
    reader.post_box.sign_up(BOB, full_name="Bob")
    assert reader.sign_in(BOB).path == "/account"
    return reader


@pytest.fixture
def notes(app: Flask, at_home: Reader, ada: str) -> str:
    """An app that Ada has let in, and that holds a token; its client_id."""
    services = app.extensions["services"]
    with app.app_context():
        row, _ = services.clients.register(
            name="Harbour Notes", redirect_uris=[f"{HOME}/back"]
        )
        db.session.flush()
        user = services.users.find_by_email(ada)
        services.consents.remember(user.id, row.id, ["openid", "email"])
        client_id = str(row.client_id)
        db.session.commit()
        services.clients.cache.clear()
        asked = Authorization(
            user_id=user.id,
            session_id=None,
            redirect_uri=f"{HOME}/back",
            scopes=("openid", "email", "offline_access"),
            auth_time=services.clock.now(),
            acr="1",
            amr=("pwd",),
            nonce="n",
            challenge="c" * 43,
        )
        services.grants.issue_code(services.clients.find(client_id), asked)
        db.session.commit()
    return client_id


def session_of(page: Reader) -> str:
    """The id of the one other session on a page of devices."""
    ends = [f.action for f in page.document.forms if f.action.endswith("/end")]
    assert len(ends) == 1
    return ends[0]


# -- Devices


def test_a_device_is_signed_out_from_another(at_home, make_reader, ada):
    phone = make_reader(ip="198.51.100.9")
    phone.sign_in(ada)
    at_home.open("/account/sessions")
    assert at_home.text.count("This device") == 1
    assert "198.51.100.9" in at_home.text
    at_home.press_in(session_of(at_home))
    assert at_home.path == "/account/sessions"
    assert "That device is signed out." in at_home.text
    assert "198.51.100.9" not in at_home.text
    assert phone.open("/account").path == "/signin"


def test_all_others_are_signed_out_at_once(at_home, make_reader, ada):
    others = [make_reader(), make_reader()]
    for other in others:
        other.sign_in(ada)
    at_home.open("/account/sessions").press("sessions-revoke")
    assert "All other devices are signed out." in at_home.text
    assert not at_home.has("sessions-revoke")
    assert [other.open("/account").path for other in others] == ["/signin"] * 2


def test_nobody_ends_a_session_of_somebody_else(at_home, bob, make_reader, ada):
    """IDOR: the id is known, and it is as if there were none."""
    phone = make_reader()
    phone.sign_in(ada)
    theirs = session_of(at_home.open("/account/sessions"))
    bob.open("/account/profile").send(theirs)
    assert bob.status == 404
    unknown = f"/account/sessions/{uuid.uuid4()}/end"
    assert bob.open("/account/profile").send(unknown).status == 404
    assert phone.open("/account").path == "/account"
    assert "203.0.113.7" not in bob.open("/account/sessions").text


def test_ending_the_session_that_asks_signs_out(at_home, make_reader, ada):
    phone = make_reader()
    phone.sign_in(ada)
    mine = session_of(phone.open("/account/sessions"))
    at_home.open("/account/profile").send(mine)
    assert at_home.path == "/signed-out"
    assert at_home.open("/account").path == "/signin"


# -- Apps


def test_an_app_is_put_out(at_home, notes):
    at_home.open("/account/apps")
    assert "Harbour Notes" in at_home.text
    assert "See your email address" in at_home.text
    at_home.press_in(f"/account/apps/{notes}/remove")
    assert "The app has no access any more." in at_home.text
    assert "Harbour Notes" not in at_home.text
    assert (
        at_home.open("/account/profile").send(f"/account/apps/{notes}/remove").status
        == 404
    )


def test_nobody_puts_out_an_app_of_somebody_else(at_home, bob, notes):
    assert "Harbour Notes" not in bob.open("/account/apps").text
    assert (
        bob.open("/account/profile").send(f"/account/apps/{notes}/remove").status == 404
    )
    assert "Harbour Notes" in at_home.open("/account/apps").text


# -- Activity


def test_what_happened_is_told(at_home, make_reader, ada):
    make_reader(ip="198.51.100.9").sign_in(ada, "wrong")
    at_home.open("/account/activity")
    assert "Attempt to sign in" in at_home.text
    assert "Refused" in at_home.text
    assert "198.51.100.9" in at_home.text
    assert "Account created" in at_home.text


def test_page_after_page_shows_every_line_once(at_home, app, ada):
    services = app.extensions["services"]
    with app.app_context():
        user = services.users.find_by_email(ada)
        for number in range(70):
            if number % 3:
                services.audit.record_signin(
                    user_id=user.id, identifier=ada, method="password"
                )
            else:
                services.audit.record(EventTag.PROFILE_CHANGED, user_id=user.id)
        db.session.commit()
        wanted, read = LogWanted(user_id=user.id), services.logs
        lines = [*read.sign_ins(wanted, limit=500).rows]
        lines += read.events(wanted, limit=500).rows
    counts = []
    at_home.open("/account/activity")
    while True:
        shown = [e for e in at_home.document.get("events").walk() if e.tag == "li"]
        counts.append(len(shown))
        older = [e for e in at_home.document.all("a") if e.get("rel") == "next"]
        if not older:
            break
        at_home.open(older[0].get("href"))
    assert counts[:-1] == [30] * (len(counts) - 1)
    assert sum(counts) == len(lines)


def test_nobody_reads_what_happened_to_somebody_else(at_home, bob):
    assert "203.0.113.7" not in bob.open("/account/activity").text
    for strange in ("0.0", "1.1", "x", "-1.2", "9" * 30):
        assert bob.open(f"/account/activity?before={strange}").status == 200
        assert "Ada" not in bob.text


# -- Privacy


def test_ones_data_as_a_file(at_home, ada):
    at_home.open("/account/privacy").link("export-link")
    assert at_home.answer.mimetype == "application/json"
    assert "attachment" in at_home.answer.headers["Content-Disposition"]
    found = json.loads(at_home.answer.text)
    assert found["user"]["email"] == ada
    assert "password_hash" not in found["user"]
    at_home.open("/account/privacy").link("export-html")
    assert at_home.heading == "Everything we keep about you"


def test_after_a_proof_one_comes_back_to_where_the_file_is(at_home, clock):
    """A file leaves the page as it was: one asks for it again."""
    clock.advance(minutes=11)
    at_home.open("/account/privacy").link("export-link")
    at_home.fill(password=PASSWORD).press("reauth-submit")
    assert at_home.path == "/account/privacy"
    assert at_home.link("export-link").answer.mimetype == "application/json"


def test_an_account_is_deleted_and_taken_back(at_home, ada):
    at_home.open("/account/privacy").fill(confirm="bob@example.test")
    assert at_home.press("delete-submit").status == 422
    assert at_home.has("confirm-error")
    at_home.fill(confirm=ada.upper()).press("delete-submit")
    assert (at_home.path, at_home.heading) == ("/goodbye", "Your account is deleted")
    assert at_home.open("/account").path == "/signin"
    assert at_home.sign_in(ada).status == 401
    at_home.open(at_home.link_in(ada, "account_deleted")).press("confirm-submit")
    assert at_home.status == 200
    assert at_home.sign_in(ada).path == "/account"


def test_no_account_is_deleted_without_a_fresh_proof(at_home, ada, clock):
    at_home.open("/account/privacy").fill(confirm=ada)
    clock.advance(minutes=11)
    assert at_home.press("delete-submit").path == "/reauth"
    assert at_home.open("/account").path == "/account"
