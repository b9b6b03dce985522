"""One-time secrets: spent once, expired in time, tried five times."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from authserver.clock import FrozenClock
from authserver.core.challenges import MAX_ATTEMPTS, Challenges, Issued, Purpose
from authserver.core.device import Device, here
from authserver.errors import ChallengeExpired, WrongCode
from authserver.models import User
from authserver.services import Services

VERIFY = Purpose.VERIFY_EMAIL


@pytest.fixture
def challenges(services: Services) -> Challenges:
    return services.challenges


@pytest.fixture
def issued(challenges: Challenges, ada: User, db: Any) -> Issued:
    made = challenges.issue(VERIFY, ada.id, ttl=timedelta(hours=1), email=ada.email)
    db.session.commit()
    return made


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_link_and_code_are_two_keys_to_one_lock(
    challenges: Challenges, issued: Issued
) -> None:
    """C10: either spends both."""
    challenges.redeem_token(VERIFY, issued.token)
    with pytest.raises(ChallengeExpired):
        challenges.redeem_code(VERIFY, str(issued.row.id), issued.code)


def test_looking_spends_nothing(challenges: Challenges, issued: Issued) -> None:
    for _ in range(3):
        challenges.look(VERIFY, issued.token)
    assert challenges.redeem_token(VERIFY, issued.token).is_used


def test_a_code_may_be_typed_with_gaps(challenges: Challenges, issued: Issued) -> None:
    typed = f" {issued.code[:3]}-{issued.code[3:]} "
    assert challenges.redeem_code(VERIFY, str(issued.row.id), typed).is_used


def test_five_wrong_codes_end_it(
    challenges: Challenges, issued: Issued, db: Any
) -> None:
    handle = str(issued.row.id)
    for _ in range(MAX_ATTEMPTS):
        with pytest.raises(WrongCode):
            challenges.redeem_code(VERIFY, handle, wrong(issued.code))
        db.session.commit()
    with pytest.raises(ChallengeExpired):
        challenges.redeem_code(VERIFY, handle, issued.code)


def test_it_expires(challenges: Challenges, issued: Issued, clock: FrozenClock) -> None:
    clock.advance(hours=1)
    with pytest.raises(ChallengeExpired):
        challenges.redeem_token(VERIFY, issued.token)
    with pytest.raises(ChallengeExpired):
        challenges.look(VERIFY, issued.token)


def test_a_secret_is_for_one_purpose(challenges: Challenges, issued: Issued) -> None:
    with pytest.raises(ChallengeExpired):
        challenges.redeem_token(Purpose.RESET_PASSWORD, issued.token)


@pytest.mark.parametrize(
    "token", ["", "x", "\x00", "\ud800", "a.b", None, "9" * 10_000]
)
def test_what_is_no_token_is_refused(
    challenges: Challenges, db: Any, token: Any
) -> None:
    with pytest.raises(ChallengeExpired):
        challenges.redeem_token(VERIFY, token)
    with pytest.raises(ChallengeExpired):
        challenges.redeem_code(VERIFY, token, "123456")


def test_only_fingerprints_are_kept(issued: Issued) -> None:
    secret = issued.token.partition(".")[2]
    kept = " ".join(str(value) for value in vars(issued.row).values())
    assert secret not in kept
    assert issued.code not in (issued.row.code_hash, issued.row.token_hash)


def test_only_the_browser_that_began_finds_it_by_handle(
    challenges: Challenges, ada: User, db: Any
) -> None:
    mark = here.set(Device(browser="mine"))
    made = challenges.issue(VERIFY, ada.id, ttl=timedelta(hours=1))
    db.session.commit()
    assert challenges.look_here(VERIFY, str(made.row.id)).id == made.row.id
    for other in (Device(browser="other"), Device()):
        here.set(other)
        with pytest.raises(ChallengeExpired):
            challenges.look_here(VERIFY, str(made.row.id))
    here.reset(mark)


@pytest.mark.parametrize("way", ["link", "code"])
def test_eight_threads_with_one_secret_have_one_winner(
    app: Flask, challenges: Challenges, issued: Issued, db: Any, way: str
) -> None:
    token, code, handle = issued.token, issued.code, str(issued.row.id)
    start, answers = threading.Barrier(5), []
    db.session.rollback()

    def go() -> None:
        with app.app_context():
            start.wait()
            try:
                if way == "link":
                    challenges.redeem_token(VERIFY, token)
                else:
                    challenges.redeem_code(VERIFY, handle, code)
                db.session.commit()
                answers.append("won")
            except ChallengeExpired:
                db.session.rollback()
                answers.append("late")

    racers = [threading.Thread(target=go) for _ in range(5)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert sorted(answers) == ["late"] * 4 + ["won"]


def test_ten_wrong_codes_at_one_moment_are_five_tries(
    app: Flask, challenges: Challenges, issued: Issued, db: Any
) -> None:
    """The try is counted before the code is compared."""
    bad, handle = wrong(issued.code), str(issued.row.id)
    start, answers = threading.Barrier(10), []
    db.session.rollback()

    def go() -> None:
        with app.app_context():
            start.wait()
            try:
                challenges.redeem_code(VERIFY, handle, bad)
            except WrongCode:
                db.session.commit()
                answers.append("compared")
            except ChallengeExpired:
                db.session.rollback()
                answers.append("refused")

    racers = [threading.Thread(target=go) for _ in range(10)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert sorted(answers) == ["compared"] * 5 + ["refused"] * 5
