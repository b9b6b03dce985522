"""The password as a proof: what is counted, hashed and written (C4, C5)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from authserver.adapters.throttle import Throttle
from authserver.core.device import Device, here
from authserver.core.signin import SignIn
from authserver.errors import BadCredentials, TooManyTries
from authserver.models import LoginRecord, OutboxLetter, RateLimit, User
from authserver.services import Services
from tests.core.conftest import PASSWORD
from tests.support.cost import Meter, metered
from tests.support.noon import LATER

WINDOWS = "5/minute;10/15minutes"


@pytest.fixture
def limited(services: Services) -> Iterator[SignIn]:
    """Sign-in as in production: limits hold."""
    counters = Throttle(
        {"signin:account": WINDOWS},
        engine=services.reads.engine,
        table=RateLimit.__table__,
        clock=services.clock,
    )
    proof = replace(services.proof, limiter=counters)
    yield replace(services.signin, proof=proof)
    counters.shared.storage.reset()


@pytest.fixture
def meter(app: Flask, db: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Meter]:
    with metered(app, monkeypatch) as found:
        yield found


@pytest.fixture
def browser() -> Iterator[Callable[[str | None], None]]:
    """Say which browser asks from now on."""
    before = here.get()
    yield lambda cookie: here.set(Device(ip="203.0.113.7", browser=cookie))
    here.set(before)


def crowd(app: Flask, go: Callable[[], Any], size: int) -> list[Any]:
    """Do it in so many threads at one moment; give what each got or raised."""
    from authserver.models import db

    start, found = threading.Barrier(size), []

    def run() -> None:
        with app.app_context():
            start.wait()
            try:
                found.append(go())
                db.session.commit()
            except (BadCredentials, TooManyTries) as refusal:
                found.append(refusal)
                db.session.commit()

    racers = [threading.Thread(target=run) for _ in range(size)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    return found


def test_of_forty_wrong_passwords_at_one_moment_five_reach_the_hash(
    app: Flask, limited: SignIn, ada: User, meter: Meter, db: Any
) -> None:
    """C4: counted before it is hashed, by one statement."""
    db.session.commit()
    found = crowd(
        app, lambda: limited.with_password("ada", "wrong", remember=False), 40
    )
    kinds = [type(one) for one in found]
    assert (kinds.count(BadCredentials), kinds.count(TooManyTries)) == (5, 35)
    assert meter.hashes == 5
    assert db.session.query(LoginRecord).count() == 40


def test_failures_at_one_moment_are_all_counted(
    app: Flask, services: Services, ada: User, db: Any
) -> None:
    """C5: without limits, four threads are four failures; a fifth locks, once."""
    db.session.commit()

    def wrong() -> Any:
        return services.signin.with_password("ada", "wrong", remember=False)

    crowd(app, wrong, 4)
    db.session.rollback()
    assert db.session.get(User, ada.id).failed_login_attempts == 4
    db.session.commit()
    crowd(app, wrong, 4)
    db.session.rollback()
    user = db.session.get(User, ada.id)
    assert services.passwords.is_locked(user)
    letters = [
        row.letter
        for row in db.session.query(OutboxLetter).order_by(OutboxLetter.created_at)
    ]
    assert letters == ["account_locked"]


def test_a_sign_in_costs_one_hash_and_these_statements(
    services: Services, ada: User, meter: Meter, db: Any, browser: Any
) -> None:
    """The docstring of with_password lists them; the pair has its own three."""
    browser("b" * 43)
    services.pairs.own_app()
    services.keys.signer("RS256")
    services.resources.catalogue()
    db.session.commit()
    meter.reset()
    session, _ = services.signin.with_password("ada", PASSWORD, remember=True)
    db.session.flush()
    kinds = sorted(" ".join(one.split()[:2]).upper() for one in meter.statements)
    assert meter.hashes == 1
    assert sorted(one.split()[0] for one in kinds) == [
        "INSERT",  # auth.sessions
        "INSERT",  # auth.login_history
        "SELECT",  # the user
        "SELECT",  # whether this browser is known
        "SELECT",  # whether this device was seen before
        "UPDATE",  # the last visit
    ], meter.statements
    meter.reset()
    services.pairs.issue(ada, session)
    db.session.flush()
    # The subject of the tokens, the family, the refresh token.
    assert len(meter.statements) == 3, meter.statements
    assert meter.hashes == 0


def test_a_refusal_costs_one_hash_and_as_many_statements_for_nobody(
    services: Services, ada: User, meter: Meter, db: Any, browser: Any
) -> None:
    browser("b" * 43)
    costs = []
    for identifier in ("ada", "nobody", "nobody@example.test"):
        db.session.commit()
        meter.reset()
        with pytest.raises(BadCredentials):
            services.signin.with_password(identifier, "wrong", remember=False)
        db.session.commit()
        costs.append(meter.cost)
    assert costs == [(1, 4)] * 3, meter.statements


def test_an_old_hash_is_not_replaced_on_a_locked_account(
    services: Services, ada: User, meter: Meter, db: Any, clock: Any
) -> None:
    """C1, C5: a second run of the hash would tell that the password was right."""
    import bcrypt

    old = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(10)).decode()
    ada.password_hash = old
    ada.locked_until = LATER
    db.session.commit()
    meter.reset()
    with pytest.raises(BadCredentials):
        services.signin.with_password("ada", PASSWORD, remember=False)
    db.session.commit()
    assert meter.hashes == 1
    assert db.session.get(User, ada.id).password_hash == old


def test_a_known_browser_has_its_own_count(
    limited: SignIn, services: Services, ada: User, db: Any, browser: Any
) -> None:
    """OWASP's device cookies: strangers use up the account's tries, not the owner's."""
    browser("the owner's")
    services.signin.with_password("ada", PASSWORD, remember=False)
    db.session.commit()
    browser("a stranger's")
    for expected in [BadCredentials] * 5 + [TooManyTries]:
        with pytest.raises(expected):
            limited.with_password("ada", "wrong", remember=False)
        db.session.commit()
    browser("the owner's")
    assert limited.with_password("ada", PASSWORD, remember=False)
    db.session.commit()
    for expected in [BadCredentials] * 5 + [TooManyTries]:
        with pytest.raises(expected):
            limited.with_password("ada", "wrong", remember=False)
        db.session.commit()


def test_a_lock_is_not_made_longer_by_more_wrong_passwords(
    services: Services, ada: User, db: Any, clock: Any
) -> None:
    """Else a stranger who goes on would lock it for ever."""
    for minute in range(14):
        for _ in range(5):
            with pytest.raises(BadCredentials):
                services.signin.with_password("ada", "wrong", remember=False)
            db.session.commit()
        clock.advance(minutes=1)
        assert minute < 15
    clock.advance(minutes=1, seconds=1)
    assert services.signin.with_password("ada", PASSWORD, remember=False)
