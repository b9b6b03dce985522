"""The thread beside requests deletes what is over."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from authserver.http import delivery
from authserver.http.delivery import Delivery
from authserver.models import RevokedToken
from authserver.services import Services


@pytest.fixture
def over(services: Services, db: Any) -> None:
    """Three rows that are over."""
    ended = services.clock.now() - timedelta(days=8)
    db.session.add_all([RevokedToken(jti=str(n), expires_at=ended) for n in range(3)])
    db.session.commit()


def left(db: Any) -> int:
    """Count, and let go: a transaction that is open would keep the thread waiting."""
    found = int(db.session.query(RevokedToken).count())
    db.session.rollback()
    return found


def test_it_tidies_and_commits(app: Flask, db: Any, over: None) -> None:
    assert Delivery(app).tidy_once() == 3
    assert left(db) == 0
    assert Delivery(app).tidy_once() == 0


def test_not_at_once_and_then_not_all_the_time(
    app: Flask, db: Any, over: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr(delivery.time, "monotonic", lambda: now[0])
    thread = Delivery(app)
    thread.tidy_if_due()
    assert left(db) == 3
    now[0] += delivery.FIRST_TIDY_SECONDS
    thread.tidy_if_due()
    thread.tidy_if_due()
    assert thread.tidies_at == now[0] + delivery.TIDY_EVERY_SECONDS
    assert left(db) == 0


def test_while_there_is_more_it_goes_on_at_the_next_look(
    app: Flask, db: Any, over: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("authserver.core.housekeeping.BATCH", 1)
    monkeypatch.setattr(delivery, "FIRST_TIDY_SECONDS", 0.0)
    thread = Delivery(app)
    for count in (2, 1, 0):
        thread.tidy_if_due()
        assert left(db) == count
