"""TOTP and backup codes (RFC 6238, C14, C15)."""

import threading
from typing import Any

import pyotp
import pytest
from flask import Flask

from authserver.clock import FrozenClock
from authserver.errors import Conflict, NotFound, WrongCode
from authserver.models import User
from authserver.services import Services


@pytest.fixture
def totp(services: Services, ada: User, db: Any, clock: FrozenClock) -> pyotp.TOTP:
    """Ada with an authenticator app that is on."""
    app = pyotp.TOTP(services.mfa.begin(ada).secret)
    services.mfa.confirm(ada, app.at(clock.now()))
    db.session.commit()
    clock.advance(seconds=30)
    return app


def test_nothing_is_on_before_a_first_code(services: Services, ada: User) -> None:
    with pytest.raises(NotFound):
        services.mfa.confirm(ada, "123456")
    enrolment = services.mfa.begin(ada)
    assert services.mfa.pending(ada) == enrolment
    assert not ada.mfa_enabled
    with pytest.raises(WrongCode):
        services.mfa.confirm(ada, "000000")
    assert not ada.mfa_enabled


def test_the_secret_is_sealed(services: Services, ada: User) -> None:
    secret = services.mfa.begin(ada).secret
    assert secret not in str(ada.mfa_secret)


def test_a_code_is_taken_once(
    services: Services, ada: User, totp: pyotp.TOTP, clock: FrozenClock
) -> None:
    """RFC 6238 §5.2."""
    code = totp.at(clock.now())
    assert services.mfa.check(ada, code) == "otp"
    with pytest.raises(WrongCode):
        services.mfa.check(ada, code)


def test_a_clock_that_is_one_step_off_is_forgiven(
    services: Services, ada: User, totp: pyotp.TOTP, clock: FrozenClock
) -> None:
    clock.advance(minutes=10)
    early = totp.at(int(clock.now().timestamp()) + 30)
    assert services.mfa.check(ada, early) == "otp"
    far = totp.at(int(clock.now().timestamp()) + 90)
    with pytest.raises(WrongCode):
        services.mfa.check(ada, far)


def test_enrolling_twice_needs_the_first_to_go(
    services: Services, ada: User, totp: pyotp.TOTP
) -> None:
    with pytest.raises(Conflict):
        services.mfa.begin(ada)
    services.mfa.disable(ada)
    assert (ada.mfa_secret, ada.mfa_backup_codes) == (None, None)
    services.mfa.begin(ada)


def test_each_backup_code_works_once_however_it_is_typed(
    services: Services, ada: User, totp: pyotp.TOTP, db: Any
) -> None:
    codes = services.mfa.new_backup_codes(ada)
    db.session.commit()
    assert len(set(codes)) == 10
    services.mfa.check(ada, f" {codes[0].upper()} ")
    db.session.commit()
    with pytest.raises(WrongCode):
        services.mfa.check(ada, codes[0])
    assert services.mfa.backup_codes(ada) == codes[1:]
    assert not any(code in str(ada.mfa_backup_codes) for code in codes)


def test_eight_threads_with_one_backup_code_have_one_winner(
    services: Services, ada: User, totp: pyotp.TOTP, db: Any, app: Flask
) -> None:
    code = services.mfa.new_backup_codes(ada)[0]
    db.session.commit()
    user_id, start, answers = ada.id, threading.Barrier(8), []
    db.session.rollback()

    def go() -> None:
        with app.app_context():
            start.wait()
            try:
                services.mfa.check(services.users.get(user_id), code)
                db.session.commit()
                answers.append("won")
            except WrongCode:
                db.session.rollback()
                answers.append("late")

    racers = [threading.Thread(target=go) for _ in range(8)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert sorted(answers) == ["late"] * 7 + ["won"]


def test_eight_threads_with_one_totp_code_have_one_winner(
    services: Services,
    ada: User,
    totp: pyotp.TOTP,
    db: Any,
    app: Flask,
    clock: FrozenClock,
) -> None:
    code, user_id = totp.at(clock.now()), ada.id
    start, answers = threading.Barrier(8), []
    db.session.rollback()

    def go() -> None:
        with app.app_context():
            user = services.users.get(user_id)
            db.session.commit()
            start.wait()
            try:
                services.mfa.check(user, code)
                db.session.commit()
                answers.append("won")
            except WrongCode:
                db.session.rollback()
                answers.append("late")

    racers = [threading.Thread(target=go) for _ in range(8)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert sorted(answers) == ["late"] * 7 + ["won"]
