"""The system at the console: how it is, and clean-up."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from authserver import __version__
from authserver.console import system
from authserver.core import housekeeping
from authserver.models import RevokedToken, SecurityEvent
from tests.support.reader import Reader


@pytest.fixture
def root(enter: Callable[..., Reader]) -> Reader:
    return enter("super_admin")


@pytest.fixture
def over(db: Any, clock: Any) -> Callable[[], int]:
    """Add rows that are over; give how many there are."""
    long_ago = clock.now() - timedelta(days=400)
    for _ in range(3):
        db.session.add(RevokedToken(jti=str(uuid.uuid4()), expires_at=long_ago))
    db.session.commit()

    def left() -> int:
        db.session.rollback()
        return db.session.query(RevokedToken).count()

    return left


def test_it_says_how_it_is(root, over):
    root.open("/console/system")
    assert __version__ in root.document.get("facts").text
    assert "ok" in root.document.get("checks").text
    assert "revoked_tokens 3" in root.document.get("over").text
    assert root.has("clean-on")


def test_what_is_over_goes_and_it_is_written_down(root, over, db):
    assert over() == 3
    root.open("/console/system").link("clean")
    assert over() == 3
    root.fill(reason="before the audit").press("confirm-submit")
    assert root.path == "/console/system"
    assert "Rows removed: " in root.document.get("done").text
    assert over() == 0
    assert "revoked_tokens" not in root.document.get("over").text
    assert "Rows removed: " in root.document.get("runs").text
    db.session.rollback()
    (event,) = db.session.query(SecurityEvent).filter_by(event="system:rows:cleaned")
    assert event.facts["removed"]["revoked_tokens"] == 3
    assert event.reason == "before the audit"
    assert event.actor_id is not None


def test_an_admin_looks_and_is_not_offered_to_clean(enter):
    admin = enter("admin").open("/console/system")
    assert admin.status == 200
    assert not admin.has("clean")
    admin.open("/account/profile").send("/console/system/clean")
    assert admin.status == 403


def test_a_press_does_some_and_the_page_says_what_is_left(root, over, monkeypatch):
    monkeypatch.setattr(housekeeping, "BATCH", 1)
    monkeypatch.setattr(housekeeping, "MOST_COUNTED", 2)
    monkeypatch.setattr(system, "MOST_COUNTED", 2)
    monkeypatch.setattr(system, "BATCHES", 1)
    assert "≥ 2" in root.open("/console/system").document.get("over").text
    for left in ("≥ 2", "revoked_tokens 1"):
        root.link("clean-on").press("confirm-submit")
        assert left in root.document.get("over").text
    assert over() == 1
