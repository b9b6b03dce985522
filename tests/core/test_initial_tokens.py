"""Initial access tokens: as many clients as uses, and not one more (RFC 7591 §3)."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest

from authserver.clock import FrozenClock
from authserver.core.initial_tokens import InitialTokens
from authserver.errors import InvalidInput, InvalidToken, NotFound
from authserver.services import Services

RACERS = 50
DAY = timedelta(days=1)


@pytest.fixture
def tokens(services: Services, db: Any) -> InitialTokens:
    return services.initial_tokens


def made(tokens: InitialTokens, db: Any, *, uses: int = 1) -> str:
    _, token = tokens.create(uses=uses, life=DAY)
    db.session.commit()
    return token


def test_a_token_is_spent_as_often_as_it_has_uses(
    tokens: InitialTokens, db: Any
) -> None:
    token = made(tokens, db, uses=2)
    for _ in range(2):
        tokens.spend(tokens.look(token))
        db.session.commit()
    with pytest.raises(InvalidToken):
        tokens.look(token)


def test_the_token_itself_is_not_kept(tokens: InitialTokens, db: Any) -> None:
    token = made(tokens, db)
    (row,) = tokens.list_all()
    assert token not in (row.token_hash, row.note) and len(row.token_hash) == 64


def test_what_has_ended_is_no_token(
    tokens: InitialTokens, db: Any, clock: FrozenClock
) -> None:
    """Expired, revoked, unknown: one answer for all."""
    revoked = made(tokens, db)
    (row,) = tokens.list_all()
    tokens.revoke(str(row.id))
    expired = made(tokens, db)
    for token in (revoked, "", "x" * 43, "\ud800"):
        with pytest.raises(InvalidToken):
            tokens.look(token)
    assert tokens.look(expired)
    clock.advance(days=1, seconds=1)
    with pytest.raises(InvalidToken):
        tokens.look(expired)


def test_a_use_that_is_gone_meanwhile_is_noticed(
    tokens: InitialTokens, db: Any
) -> None:
    """Between the look and the spending somebody else was there."""
    token = made(tokens, db)
    first, second = tokens.look(token), tokens.look(token)
    tokens.spend(first)
    db.session.commit()
    with pytest.raises(InvalidToken):
        tokens.spend(second)


def test_of_fifty_at_once_one_wins(app: Any, tokens: InitialTokens, db: Any) -> None:
    """One statement finds it unspent and spends it."""
    token = made(tokens, db)
    shown, line = tokens.look(token), threading.Barrier(RACERS)
    won: list[bool] = []

    def go() -> None:
        with app.app_context():
            line.wait()
            try:
                tokens.spend(shown)
                db.session.commit()
                won.append(True)
            except InvalidToken:
                db.session.rollback()
                won.append(False)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=go) for _ in range(RACERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == [False] * (RACERS - 1) + [True]


@pytest.mark.parametrize(
    ("field", "wishes"),
    [
        ("uses", {"uses": 0}),
        ("uses", {"uses": -1}),
        ("uses", {"uses": 10**9}),
        ("life", {"life": timedelta()}),
        ("life", {"life": timedelta(days=3651)}),
        ("note", {"note": "x" * 201}),
        ("note", {"note": "a\x00"}),
        ("profile", {"profile": "magic"}),
    ],
)
def test_a_token_that_makes_no_sense_is_not_made(
    tokens: InitialTokens, field: str, wishes: dict[str, Any]
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        tokens.create(**({"uses": 1, "life": DAY} | wishes))
    assert list(refusal.value.fields) == [field]


@pytest.mark.parametrize("name", ["", "x", "00000000-0000-0000-0000-000000000000"])
def test_what_is_not_there_cannot_be_revoked(tokens: InitialTokens, name: str) -> None:
    with pytest.raises(NotFound):
        tokens.revoke(name)
