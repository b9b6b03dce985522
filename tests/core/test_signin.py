"""Proofs in, session out (C1, C4, C5)."""

from dataclasses import replace
from typing import Any

import bcrypt
import pytest

from authserver.clock import FrozenClock
from authserver.errors import (
    AccountSuspended,
    BadCredentials,
    ChallengeExpired,
    NotVerified,
    SecondFactorNeeded,
    WrongCode,
)
from authserver.models import LoginRecord, OutboxLetter, User
from authserver.services import Services
from tests.core.conftest import PASSWORD


@pytest.fixture
def signin(services: Services, db: Any) -> Any:
    def go(
        identifier: str = "ada@example.test", password: str = PASSWORD, **more: Any
    ) -> Any:
        try:
            found = services.signin.with_password(
                identifier, password, **({"remember": False} | more)
            )
        except Exception as refusal:
            if getattr(refusal, "recorded", False):
                db.session.commit()
            else:
                db.session.rollback()
            raise
        db.session.commit()
        return found

    return go


@pytest.mark.parametrize(
    "typed", ["ada@example.test", " ADA@Example.TEST ", "ada", "Ada"]
)
def test_address_or_user_name_in_any_case(signin: Any, ada: User, typed: str) -> None:
    session, cookie = signin(typed)
    assert session.user_id == ada.id
    assert cookie.count(".") == 1


@pytest.mark.parametrize(
    ("identifier", "password"),
    [
        ("ada", "wrong"),
        ("nobody", PASSWORD),
        ("nobody@example.test", PASSWORD),
        ("ada\x00", PASSWORD),
        ("", PASSWORD),
        ("ada", ""),
        ("ada", PASSWORD + " "),
        ("ada", "x" * 100_000),
    ],
)
def test_all_that_is_wrong_looks_alike(
    signin: Any, ada: User, db: Any, identifier: str, password: str
) -> None:
    with pytest.raises(BadCredentials) as refusal:
        signin(identifier, password)
    assert refusal.value.public == "That sign-in did not work."
    assert db.session.query(LoginRecord).one().status == "failure"


def test_every_try_costs_one_hash(
    services: Services, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Known or unknown, right or wrong: the work is the same."""
    hasher, runs = services.passwords.hasher, []
    for name in ("verify", "burn"):
        original = getattr(hasher, name)

        def counted(*args: Any, original: Any = original) -> Any:
            runs.append(1)
            return original(*args)

        monkeypatch.setattr(hasher, name, counted)
    for identifier in ("ada", "nobody"):
        runs.clear()
        with pytest.raises(BadCredentials):
            services.signin.with_password(identifier, "wrong", remember=False)
        assert len(runs) == 1


def test_five_failures_lock_the_password_and_tell_the_owner(
    signin: Any, ada: User, db: Any, clock: FrozenClock
) -> None:
    """C5: the same words as ever, for 15 minutes."""
    for _ in range(5):
        with pytest.raises(BadCredentials):
            signin(password="wrong")
    with pytest.raises(BadCredentials):
        signin()
    letters = [
        row.letter
        for row in db.session.query(OutboxLetter).order_by(OutboxLetter.created_at)
    ]
    assert letters == ["account_locked"]
    clock.advance(minutes=15, seconds=1)
    signin()
    assert db.session.get(User, ada.id).failed_login_attempts == 0


def test_an_old_hash_is_replaced_on_the_way_in(signin: Any, ada: User, db: Any) -> None:
    """C1: every stored hash keeps working, and becomes Argon2id."""
    old = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(10)).decode()
    ada.password_hash = old
    db.session.commit()
    signin()
    new = db.session.get(User, ada.id).password_hash
    assert new.startswith("$argon2id$")
    signin()


def test_who_may_not_is_told_only_after_the_right_password(
    signin: Any, ada: User, db: Any
) -> None:
    ada.status = "disabled"
    db.session.commit()
    with pytest.raises(BadCredentials):
        signin(password="wrong")
    with pytest.raises(AccountSuspended):
        signin()


def test_an_unverified_address_comes_first(signin: Any, ada: User, db: Any) -> None:
    ada.is_email_verified = False
    db.session.commit()
    with pytest.raises(NotVerified):
        signin()


def test_a_second_factor_is_asked_for_and_taken(
    signin: Any, services: Services, ada: User, db: Any, clock: FrozenClock
) -> None:
    import pyotp

    totp = pyotp.TOTP(services.mfa.begin(ada).secret)
    services.mfa.confirm(ada, totp.at(clock.now()))
    db.session.commit()
    clock.advance(seconds=30)
    with pytest.raises(SecondFactorNeeded) as due:
        signin()
    with pytest.raises(WrongCode):
        services.signin.with_second_factor(due.value.ticket, "000000")
    db.session.commit()
    code = totp.at(clock.now())
    session, _ = services.signin.with_second_factor(due.value.ticket, code)
    db.session.commit()
    assert (session.acr, session.amr) == ("2", ["pwd", "otp", "mfa"])
    with pytest.raises(ChallengeExpired):
        services.signin.with_second_factor(due.value.ticket, code)


def test_the_code_may_come_along(
    signin: Any, services: Services, ada: User, db: Any, clock: FrozenClock
) -> None:
    """C13: twoFactorCode inline gives the session at once."""
    import pyotp

    totp = pyotp.TOTP(services.mfa.begin(ada).secret)
    services.mfa.confirm(ada, totp.at(clock.now()))
    db.session.commit()
    clock.advance(seconds=30)
    session, _ = signin(code=totp.at(clock.now()))
    assert session.acr == "2"


def test_the_account_limit_stands_before_the_hash(
    services: Services, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """C4: what is too often never reaches the hash."""
    from authserver.errors import TooManyTries

    class Full:
        def hit(self, name: str, key: str) -> None:
            raise TooManyTries(f"{name} {key}")

    monkeypatch.setattr(services.passwords.hasher, "verify", None)
    proof = replace(services.proof, limiter=Full())
    limited = replace(services.signin, proof=proof)
    with pytest.raises(TooManyTries):
        limited.with_password("ada", PASSWORD, remember=False)
