"""Authorization codes (RFC 6749 §4.1, RFC 7636, RFC 9700 §4.5)."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from authserver.clock import FrozenClock
from authserver.core.apps import App
from authserver.errors import GrantReplayed, InvalidGrant
from authserver.http.unit_of_work import settle_refusal
from authserver.models import TokenFamily, User
from authserver.services import Services
from tests.core.conftest import CALLBACK, VERIFIER

Issue = Callable[..., str]


@pytest.fixture
def redeem(services: Services, db: Any, shop: App) -> Callable[..., Any]:
    """Redeem as the right client does; keywords change one thing."""

    def give(code: str, **changed: Any) -> Any:
        facts = {"app": shop, "redirect_uri": CALLBACK, "verifier": VERIFIER} | changed
        granted = services.grants.redeem_code(code, **facts)
        db.session.commit()
        return granted

    return give


def test_a_good_code_gives_the_grant_of_its_sign_in(
    redeem: Any, issue: Issue, ada: User
) -> None:
    granted = redeem(issue())
    assert granted.subject.id == ada.id
    assert granted.scopes == ("openid", "email", "offline_access")
    assert (granted.nonce, granted.acr, granted.amr) == ("n", "1", ("pwd",))


@pytest.mark.parametrize(
    "changed",
    [
        {"redirect_uri": "https://shop.example.test/other"},
        {"redirect_uri": None},
        {"verifier": "w" * 43},
        {"verifier": None},
        {"verifier": ""},
    ],
)
def test_one_wrong_thing_is_refused_and_spends_nothing(
    redeem: Any, issue: Issue, db: Any, changed: dict[str, Any]
) -> None:
    """RFC 6749 §4.1.3, RFC 7636 §4.6."""
    code = issue()
    with pytest.raises(InvalidGrant):
        redeem(code, **changed)
    db.session.rollback()
    assert redeem(code).scopes


def test_a_code_is_for_its_client_alone(
    redeem: Any, issue: Issue, services: Services, db: Any
) -> None:
    other, _ = services.clients.register(name="Other", redirect_uris=[CALLBACK])
    db.session.commit()
    with pytest.raises(InvalidGrant):
        redeem(issue(), app=services.clients.find(other.client_id))


def test_a_code_lives_for_a_minute(
    redeem: Any, issue: Issue, clock: FrozenClock
) -> None:
    code = issue()
    clock.advance(seconds=60)
    with pytest.raises(InvalidGrant):
        redeem(code)


def test_a_verifier_without_a_challenge_is_refused(redeem: Any, issue: Issue) -> None:
    """RFC 9700 §4.8.2: somebody stripped the challenge."""
    code = issue(challenge=None)
    with pytest.raises(InvalidGrant):
        redeem(code)
    assert redeem(code, verifier=None).scopes


def test_a_locked_user_gets_nothing(
    redeem: Any, issue: Issue, db: Any, ada: User
) -> None:
    code = issue()
    ada.status = "locked"
    db.session.commit()
    with pytest.raises(InvalidGrant):
        redeem(code)


def test_a_replay_takes_the_family_down_and_that_survives_the_refusal(
    redeem: Any, issue: Issue, db: Any, app: Flask
) -> None:
    """RFC 6749 §4.1.2: SHOULD revoke all tokens previously issued on that code."""
    code = issue()
    redeem(code)
    with pytest.raises(GrantReplayed) as refusal, app.test_request_context():
        redeem(code)
    with app.test_request_context():
        settle_refusal(refusal.value)
    assert db.session.query(TokenFamily).one().revoked_at is not None


def test_eight_threads_with_one_code_have_one_winner(
    app: Flask, services: Services, issue: Issue, shop: App, db: Any
) -> None:
    """One atomic statement spends a code; the losers' alarm revokes the winner."""
    code, start, answers = issue(), threading.Barrier(8), []
    db.session.rollback()

    def go() -> None:
        with app.app_context():
            start.wait()
            try:
                services.grants.redeem_code(
                    code, app=shop, redirect_uri=CALLBACK, verifier=VERIFIER
                )
                db.session.commit()
                answers.append("won")
            except GrantReplayed:
                db.session.commit()
                answers.append("replayed")

    racers = [threading.Thread(target=go) for _ in range(8)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert sorted(answers) == ["replayed"] * 7 + ["won"]
    assert db.session.query(TokenFamily).one().revoked_at is not None


def test_the_family_has_its_absolute_end(
    redeem: Any, issue: Issue, db: Any, services: Services
) -> None:
    redeem(issue())
    family = db.session.query(TokenFamily).one()
    assert family.expires_at - family.created_at == timedelta(days=30)
