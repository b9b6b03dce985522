"""Proof of work at sign-up: asked where it is due, judged before a password is hashed."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from authserver.core.proof_of_work import Shown
from authserver.crypto import work
from authserver.errors import ProofOfWorkNeeded
from authserver.models import User, db
from tests.support.caller import PASSWORD
from tests.support.puzzles import do_the_work, puzzle_on
from tests.support.reader import Reader

BOB = "bob@example.test"


def fill(page: Reader, email: str = BOB) -> Reader:
    page.open("/signup")
    for id_, value in (("full_name", "Bob"), ("email", email), ("password", PASSWORD)):
        page.document.get(id_).attributes["value"] = value
    return page


def people(app: Flask) -> int:
    with app.app_context():
        return db.session.query(User).filter_by(email=BOB).count()


def test_a_page_asks_nobody_to_work_for_nothing(reader, demand):
    demand("off")
    assert puzzle_on(reader.open("/signup")) is None
    demand("auto")
    assert puzzle_on(reader.open("/signup")) is None
    assert "worker-src" not in reader.answer.headers["Content-Security-Policy"]


def test_who_has_worked_goes_on(reader, demand, app):
    demand("always")
    do_the_work(fill(reader)).press("signup-submit")
    assert reader.path == "/verify"
    assert people(app) == 1
    assert (
        "worker-src 'self'"
        in reader.open("/signup").answer.headers["Content-Security-Policy"]
    )


def test_who_has_not_is_asked_before_anything_is_hashed(
    reader, demand, app, monkeypatch
):
    """What was typed stays, the password apart; nobody was added."""
    demand("always")
    passwords = app.extensions["services"].passwords
    hashed: list[str] = []
    monkeypatch.setattr(type(passwords), "hash", lambda _, text: hashed.append(text))
    for answer in (
        "",
        "x",
        "4.9.a:1,2",
        work.solve(puzzle_on(reader.open("/signup")))[:-1] + "x",
    ):
        fill(reader)
        (field,) = [e for e in reader.document.elements if e.get("name") == "work"]
        field.attributes["value"] = answer
        reader.press("signup-submit")
        assert (reader.status, reader.path) == (428, "/signup"), answer
        assert reader.document.get("email").get("value") == BOB
        assert puzzle_on(reader)
    assert (hashed, people(app)) == ([], 0)


def test_a_faulty_form_does_not_spend_the_work(reader, demand, app):
    demand("always")
    do_the_work(fill(reader, "no address")).press("signup-submit")
    assert reader.status == 422
    fill(reader)
    do_the_work(reader).press("signup-submit")
    assert reader.path == "/verify"


def test_work_counts_once_and_for_two_hours(demand, app, clock):
    asking = demand("always")
    with app.app_context():
        done = work.solve(asking.puzzle_for("n"))
        asking.require(Shown(done, "n"))
        with pytest.raises(ProofOfWorkNeeded, match="used before"):
            asking.require(Shown(done, "elsewhere"))
        late = work.solve(asking.puzzle_for("n"))
        clock.advance(hours=2, seconds=1)
        with pytest.raises(ProofOfWorkNeeded):
            asking.require(Shown(late, "n"))
        db.session.rollback()


def test_of_eight_threads_with_one_answer_one_goes_on(demand, app):
    asking = demand("always")
    done = Shown(work.solve(asking.puzzle_for("n") or ""), "n")
    start, found = threading.Barrier(8), []

    def go() -> None:
        with app.app_context():
            start.wait()
            try:
                asking.require(done)
                db.session.commit()
                found.append("on")
            except ProofOfWorkNeeded:
                db.session.rollback()
                found.append("no")

    racers = [threading.Thread(target=go) for _ in range(8)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert sorted(found) == ["no"] * 7 + ["on"]


def test_it_is_asked_of_a_network_that_begins_many(demand, app):
    """auto: by network, and by all of them together where a crowd comes."""
    limits = {"work:network": "2/hour", "work:all": "3/hour"}
    asking = demand("auto", **limits)
    with app.app_context():
        for network in ("a", "a"):
            assert asking.puzzle_for(network) is None
            asking.require(Shown("", network))
        assert asking.puzzle_for("a") and asking.puzzle_for("b") is None
        with pytest.raises(ProofOfWorkNeeded):
            asking.require(Shown("", "a"))
        asking.require(Shown("", "b"))
        with pytest.raises(ProofOfWorkNeeded):
            asking.require(Shown("", "c"))
        asking.require(Shown(work.solve(asking.puzzle_for("c") or ""), "c"))
        db.session.rollback()


@pytest.mark.parametrize("path", ["/auth/signup", "/auth/register"])
def test_a_front_end_is_asked_in_a_header_and_answers_in_one(reader, demand, path):
    demand("always")
    caller = reader.post_box
    given = {"email": BOB, "password": PASSWORD, "full_name": "Bob"}
    first = caller.post(path, given)
    assert first.status_code == 428
    assert "AUTH_116" in first.text
    puzzle = first.headers["X-Proof-Of-Work"]
    header = {"X_Proof_Of_Work": work.solve(puzzle)}
    assert caller.post(path, given, **header).status_code == 201
    other = given | {"email": "eve@example.test"}
    assert caller.post(path, other, **header).status_code == 428


def test_without_scripts_a_code_comes_first_and_the_password_afterwards(
    reader, demand, app, ask
):
    """No work, and nothing hashed: the letter is the proof; the app is not forgotten."""
    demand("always")
    reader.open(ask(prompt="create")).link("mail-signup")
    assert reader.path == "/signup/mail"
    reader.document.get("email").attributes["value"] = BOB
    reader.press("mail-signup-submit")
    assert reader.path == "/verify"
    reader.fill(code=reader.code(BOB)).press("verify-submit")
    assert reader.path == "/setup" and "administrator" not in reader.text
    reader.fill(password=PASSWORD).press("setup-submit")
    assert reader.path == "/back-at-the-app"
    assert reader.open("/account").path == "/account"


def test_a_stranger_who_was_there_first_does_not_keep_a_password(
    reader, make_reader, demand, app
):
    """Whoever has begun with somebody's address has nothing from its letter (C10)."""
    demand("off")
    fill(make_reader()).press("signup-submit")
    reader.open("/signup/mail")
    reader.document.get("email").attributes["value"] = BOB
    reader.press("mail-signup-submit").fill(code=reader.code(BOB))
    reader.press("verify-submit")
    assert reader.path == "/setup"
    assert make_reader().sign_in(BOB).path == "/signin"


def test_a_letter_changes_no_password_that_is_there(reader, ada, demand):
    """A known address looks the same, and its code leads nowhere."""
    reader.open("/signup/mail")
    reader.document.get("email").attributes["value"] = ada
    reader.press("mail-signup-submit")
    assert reader.path == "/verify"
    assert reader.letters(ada)[-1] == "account_exists"
    reader.fill(code="123456").press("verify-submit")
    assert reader.path == "/verify"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda p: p.replace("4.", "1.", 1),
        lambda p: p[:-1] + ("0" if p[-1] != "0" else "1"),
        lambda p: p.replace(p.split(".")[1], str(int(p.split(".")[1]) + 9)),
    ],
    ids=["easier", "signature", "longer"],
)
def test_a_puzzle_that_we_have_not_made_is_none(clock, spoil):
    ends = clock.now() + timedelta(minutes=1)
    puzzle = work.make(4, ends_at=ends, key=b"k")
    facts: dict[str, Any] = {"now": clock.now(), "key": b"k"}
    assert work.is_answered(work.solve(puzzle), **facts)
    assert not work.is_answered(work.solve(spoil(puzzle)), **facts)
    assert not work.is_answered(work.solve(puzzle), now=ends, key=b"other")
    wrong = ",".join(
        str(int(n) + 1) for n in work.solve(puzzle).split(":")[1].split(",")
    )
    assert not work.is_answered(f"{puzzle}:{wrong}", **facts)
