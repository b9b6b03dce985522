"""Another e-mail address at /v1."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from flask import Flask

from authserver.models import User, db
from tests.support.caller import PASSWORD, Caller

NEW = "ada@new.example.test"


@pytest.fixture
def me(api: Caller, ada: str) -> Caller:
    api.sign_in(ada)
    return api


@pytest.fixture
def grace(make_caller: Callable[..., Caller]) -> Caller:
    other = make_caller()
    other.sign_up("grace@example.test")
    other.sign_in("grace@example.test")
    return other


def email_of(caller: Caller) -> str:
    return str(caller.data(caller.get("/users/me"))["user"]["email"])


@pytest.mark.parametrize("field", ["email", "new_email", "newEmail"])
def test_the_code_of_the_letter_changes_it(me: Caller, ada: str, field: str) -> None:
    asked = me.post("/users/me/email", {field: f" {NEW.upper()} "})
    assert asked.status_code == 202
    assert me.data(asked)["email"] == NEW
    assert email_of(me) == ada
    given = {"code": me.code(NEW, "email_change_confirm")}
    assert me.data(me.post("/users/me/email/confirm", given))["user"]["email"] == NEW
    assert email_of(me) == NEW
    assert len(me.letters(ada, "email_change_notice")) == 1
    me.token = None
    me.sign_in(NEW)


def test_so_does_the_token_of_its_link(me: Caller) -> None:
    me.post("/users/me/email", {"email": NEW})
    given = {"token": me.link_token(NEW, "email_change_confirm")}
    me.data(me.post("/users/me/email/confirm", given))
    assert email_of(me) == NEW


def test_the_new_address_is_a_proved_one(me: Caller) -> None:
    before = me.data(me.get("/users/me"))["user"]["email_verified_at"]
    me.post("/users/me/email", {"email": NEW})
    given = {"code": me.code(NEW, "email_change_confirm")}
    user = me.data(me.post("/users/me/email/confirm", given))["user"]
    assert user["is_email_verified"] is True
    assert user["email_verified_at"] > before


def test_nobody_uses_the_link_of_somebody_else(me: Caller, grace: Caller) -> None:
    me.post("/users/me/email", {"email": NEW})
    given = {"token": me.link_token(NEW, "email_change_confirm")}
    assert grace.post("/users/me/email/confirm", given).status_code == 410
    assert email_of(grace) == "grace@example.test"
    code = {"code": me.code(NEW, "email_change_confirm")}
    assert grace.post("/users/me/email/confirm", code).status_code == 400


def test_five_wrong_codes_end_it(me: Caller, ada: str) -> None:
    me.post("/users/me/email", {"email": NEW})
    right = me.code(NEW, "email_change_confirm")
    wrong = "000000" if right != "000000" else "111111"
    for _ in range(5):
        answer = me.post("/users/me/email/confirm", {"code": wrong})
        assert (answer.status_code, answer.json["code"]) == (400, "AUTH_108")
    assert me.post("/users/me/email/confirm", {"code": right}).status_code == 400
    assert email_of(me) == ada


def test_a_newer_request_ends_the_one_before(me: Caller) -> None:
    me.post("/users/me/email", {"email": NEW})
    old = me.code(NEW, "email_change_confirm")
    me.post("/users/me/email", {"email": "other@new.example.test"})
    assert me.post("/users/me/email/confirm", {"code": old}).status_code == 400


def test_c12_an_address_with_an_account_is_answered_alike(
    me: Caller, grace: Caller
) -> None:
    free = me.post("/users/me/email", {"email": NEW})
    taken = me.post("/users/me/email", {"email": "grace@example.test"})
    assert free.status_code == taken.status_code == 202
    assert set(free.json["data"]) == set(taken.json["data"])
    assert grace.letters("grace@example.test", "email_change_confirm") == []
    assert len(grace.letters("grace@example.test", "account_exists")) == 1


def test_it_wants_a_recent_proof_or_the_password(me: Caller) -> None:
    me.clock.advance(minutes=11)
    late = me.post("/users/me/email", {"email": NEW})
    assert (late.status_code, late.json["code"]) == (403, "AUTH_104")
    wrong = me.post("/users/me/email", {"email": NEW, "password": "wrong"})
    assert wrong.status_code == 401
    assert me.letters(NEW) == []
    right = {"email": NEW, "password": PASSWORD}
    assert me.post("/users/me/email", right).status_code == 202


@pytest.mark.parametrize("email", ["", "x", "a@b@c", "ada@example.test", "\x00@x.y"])
def test_what_is_no_other_address(me: Caller, email: str) -> None:
    answer = me.post("/users/me/email", {"email": email})
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == "email"


def test_links_that_went_to_the_old_address_end(me: Caller, ada: str) -> None:
    """Who reads the old mailbox from now on is not known."""
    me.post("/auth/forgot-password", {"email": ada})
    token = me.link_token(ada, "reset_password")
    me.post("/users/me/email", {"email": NEW})
    code = me.code(NEW, "email_change_confirm")
    me.data(me.post("/users/me/email/confirm", {"code": code}))
    given = {"token": token, "password": "Zwölf-Hähne-am-Kai-9"}
    assert me.post("/auth/reset-password", given).status_code == 410


def test_a_thief_cannot_undo_the_undo(me: Caller, services: object, ada: str) -> None:
    """Two changes by a thief; the first owner's link ends the thief's links."""
    for address in ("thief@one.example.test", "thief@two.example.test"):
        me.post("/users/me/email", {"email": address})
        given = {"code": me.code(address, "email_change_confirm")}
        me.data(me.post("/users/me/email/confirm", given))
    changes = services.email_changes  # type: ignore[attr-defined]
    changes.undo(me.link_token(ada, "email_change_notice"))
    db.session.commit()
    from authserver.errors import ChallengeExpired

    with pytest.raises(ChallengeExpired):
        changes.undo(me.link_token("thief@one.example.test", "email_change_notice"))
    db.session.rollback()
    assert db.session.query(User).filter_by(email=ada).count() == 1
    db.session.rollback()
    assert me.get("/users/me").status_code == 401


def test_of_two_who_reach_for_one_address_one_gets_it(
    me: Caller, grace: Caller, app: Flask
) -> None:
    codes = []
    for caller in (me, grace):
        caller.post("/users/me/email", {"email": NEW})
        codes.append(caller.code(NEW, "email_change_confirm"))
    start, answers = threading.Barrier(2), []

    def go(caller: Caller, code: str) -> None:
        start.wait()
        answers.append(
            caller.post("/users/me/email/confirm", {"code": code}).status_code
        )

    racers = [
        threading.Thread(target=go, args=pair)
        for pair in zip((me, grace), codes, strict=True)
    ]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert sorted(answers) == [200, 409]
    with app.app_context():
        assert db.session.query(User).filter_by(email=NEW).count() == 1
