"""Refresh tokens (RFC 6749 §6, RFC 9700 §4.14, C9)."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from authserver.clock import FrozenClock
from authserver.core.apps import App
from authserver.errors import GrantReplayed, InvalidGrant, InvalidScope
from authserver.models import RefreshToken, TokenFamily, User
from authserver.services import Services
from tests.core.conftest import CALLBACK, VERIFIER


@pytest.fixture
def first(services: Services, db: Any, shop: App, issue: Callable[..., str]) -> str:
    """The first refresh token of a family."""
    granted = services.grants.redeem_code(
        issue(), app=shop, redirect_uri=CALLBACK, verifier=VERIFIER
    )
    token = services.refresh.with_first(granted).refresh_token
    db.session.commit()
    assert token is not None
    return token


@pytest.fixture
def rotate(services: Services, db: Any, shop: App) -> Callable[..., Any]:
    def give(token: str, *, app: App = shop, scopes: tuple[str, ...] = ()) -> Any:
        granted = services.refresh.rotate(token, app=app, scopes=scopes)
        db.session.commit()
        return granted

    return give


def test_rotation_keeps_what_the_sign_in_was(rotate: Any, first: str) -> None:
    """OIDC Core §12.2: auth_time is the original one, and nonce is gone."""
    granted = rotate(first)
    assert granted.refresh_token != first
    assert (granted.acr, granted.amr, granted.nonce) == ("1", ("pwd",), None)


def test_a_lost_answer_may_be_asked_for_again(
    rotate: Any, first: str, clock: FrozenClock, db: Any
) -> None:
    """C9: within 30 s the same client gets the very same successor."""
    successor = rotate(first).refresh_token
    clock.advance(seconds=29)
    assert rotate(first).refresh_token == successor
    assert db.session.query(RefreshToken).count() == 2


def test_after_the_grace_a_spent_token_is_a_replay(
    rotate: Any, first: str, clock: FrozenClock, db: Any
) -> None:
    rotate(first)
    clock.advance(seconds=31)
    with pytest.raises(GrantReplayed):
        rotate(first)
    db.session.commit()
    assert db.session.query(TokenFamily).one().revoked_at is not None


def test_once_the_successor_was_used_the_grace_is_over(
    rotate: Any, first: str, db: Any
) -> None:
    second = rotate(first).refresh_token
    third = rotate(second).refresh_token
    with pytest.raises(GrantReplayed):
        rotate(first)
    db.session.commit()
    with pytest.raises(InvalidGrant):
        rotate(third)


def test_another_client_learns_nothing_and_breaks_nothing(
    rotate: Any, first: str, services: Services, db: Any
) -> None:
    other, _ = services.clients.register(name="Other", redirect_uris=[CALLBACK])
    db.session.commit()
    with pytest.raises(InvalidGrant):
        rotate(first, app=services.clients.find(other.client_id))
    assert rotate(first).refresh_token


def test_less_scope_may_be_asked_and_more_not(rotate: Any, first: str) -> None:
    """RFC 6749 §6: and asking for less once does not shrink the grant."""
    narrow = rotate(first, scopes=("openid",))
    assert narrow.scopes == ("openid",)
    full = rotate(narrow.refresh_token)
    assert "email" in full.scopes
    with pytest.raises(InvalidScope):
        rotate(full.refresh_token, scopes=("openid", "roles"))


@pytest.mark.parametrize(
    "token",
    ["", "x", "a.b", "\x00", "00000000-0000-4000-8000-000000000000." + "A" * 43],
)
def test_what_is_no_token_is_refused(rotate: Any, token: str) -> None:
    with pytest.raises(InvalidGrant):
        rotate(token)


def test_an_idle_token_dies_after_a_week(
    rotate: Any, first: str, clock: FrozenClock
) -> None:
    clock.advance(days=7)
    with pytest.raises(InvalidGrant):
        rotate(first)


def test_a_family_ends_after_thirty_days_however_busy(
    rotate: Any, first: str, clock: FrozenClock
) -> None:
    token = first
    for _ in range(5):
        clock.advance(days=5)
        token = rotate(token).refresh_token
    clock.advance(days=5)
    with pytest.raises(InvalidGrant):
        rotate(token)


def test_a_locked_user_is_not_refreshed(
    rotate: Any, first: str, db: Any, ada: User
) -> None:
    ada.status = "disabled"
    db.session.commit()
    with pytest.raises(InvalidGrant):
        rotate(first)


@pytest.mark.parametrize(("grace", "winners"), [(0, 1), (30, 8)])
def test_eight_threads_with_one_token_make_one_successor(
    app: Flask,
    services: Services,
    shop: App,
    first: str,
    db: Any,
    grace: int,
    winners: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without grace one wins and the family dies; with it all get the same one.

    All have seen it unspent before the first of them spends it.
    """
    from dataclasses import replace
    from datetime import timedelta

    chosen = replace(services.settings, refresh_grace=timedelta(seconds=grace))
    refresh = replace(services.refresh, settings=chosen)
    start, given, refused = threading.Barrier(8), [], []
    db.session.rollback()
    find = type(refresh)._find

    def found(self: Any, token: str) -> Any:
        row = find(self, token)
        start.wait()
        return row

    monkeypatch.setattr(type(refresh), "_find", found)

    def go() -> None:
        with app.app_context():
            try:
                given.append(refresh.rotate(first, app=shop, scopes=()).refresh_token)
            except InvalidGrant as refusal:
                refused.append(refusal)
            db.session.commit()

    racers = [threading.Thread(target=go) for _ in range(8)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert (len(given), len(refused)) == (winners, 8 - winners)
    assert len(set(given)) == 1
    assert db.session.query(RefreshToken).count() == 2
    is_dead = db.session.query(TokenFamily).one().revoked_at is not None
    assert is_dead is (grace == 0)
