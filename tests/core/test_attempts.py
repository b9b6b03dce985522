"""Out to a provider and back: once, in time, in the browser that was sent."""

import threading

import pytest

from authserver.core.attempts import LIFE, Wish
from authserver.core.device import Device, here
from authserver.errors import ChallengeExpired
from authserver.models import ConnectionAttempt


@pytest.fixture
def at_home():
    token = here.set(Device(browser="b" * 43))
    yield
    here.reset(token)


@pytest.fixture
def sent(services, db, at_home):
    """Somebody who was sent out; gives the state they come back with."""

    class Silent:
        title = "Silent"

        def authorization_url(self, errand):
            self.errand = errand
            return "https://idp.example.test/authorize"

    provider = Silent()
    services.attempts.providers["silent"] = provider
    try:
        services.attempts.begin("silent", Wish(face="api", remember=True))
        db.session.commit()
        yield provider.errand
    finally:
        del services.attempts.providers["silent"]


def test_what_was_sent_comes_back_once(services, db, sent):
    attempt = services.attempts.arrive("silent", sent.state)
    assert attempt.errand == sent
    assert (attempt.wish.face, attempt.wish.remember) == ("api", True)
    with pytest.raises(ChallengeExpired):
        services.attempts.arrive("silent", sent.state)


def test_after_ten_minutes_it_is_over(services, sent, clock):
    clock.advance(seconds=LIFE.total_seconds())
    with pytest.raises(ChallengeExpired):
        services.attempts.arrive("silent", sent.state)


@pytest.mark.parametrize("browser", ["c" * 43, None])
def test_another_browser_neither_uses_nor_spends_it(services, db, sent, browser):
    token = here.set(Device(browser=browser))
    with pytest.raises(ChallengeExpired):
        services.attempts.arrive("silent", sent.state)
    here.reset(token)
    assert services.attempts.arrive("silent", sent.state)


def test_another_secret_or_provider_neither_uses_nor_spends_it(services, db, sent):
    wrong = sent.state.partition(".")[0] + "." + "A" * 43
    for name, state in (("silent", wrong), ("other", sent.state), ("silent", "x")):
        with pytest.raises(ChallengeExpired):
            services.attempts.arrive(name, state)
    assert services.attempts.arrive("silent", sent.state)


def test_neither_state_nor_verifier_nor_nonce_stands_in_the_table(db, sent, services):
    row = db.session.query(ConnectionAttempt).one()
    kept = " ".join(str(value) for value in vars(row).values())
    for secret in (sent.state.partition(".")[2], sent.verifier, sent.nonce):
        assert secret not in kept


def test_eight_that_come_back_at_one_moment_are_one(app, services, sent):
    start, said = threading.Barrier(8), []

    def come():
        with app.app_context():
            from authserver.models import db as tables

            here.set(Device(browser="b" * 43))
            start.wait()
            try:
                services.attempts.arrive("silent", sent.state)
                tables.session.commit()
                said.append("in")
            except ChallengeExpired:
                tables.session.rollback()
                said.append("late")

    racers = [threading.Thread(target=come) for _ in range(8)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert sorted(said) == ["in"] + ["late"] * 7
