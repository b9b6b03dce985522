"""Somebody whom operators look after; the fixtures are taken over by `conftest.py`."""

from collections.abc import Callable
from typing import Any

import pytest

from authserver.models import SecurityEvent
from tests.support.reader import Reader


@pytest.fixture
def admin(enter: Callable[..., Reader]) -> Reader:
    """An administrator's browser, signed in."""
    return enter("admin")


@pytest.fixture
def bob(add: Callable[..., str]) -> str:
    """The id of somebody without a role of note."""
    return add("bob", full_name="Bob Builder")


def page_of(user_id: str) -> str:
    return f"/console/users/{user_id}"


def events(db: Any, name: str) -> list[SecurityEvent]:
    """What the security log has under a name."""
    db.session.rollback()
    found = db.session.query(SecurityEvent).filter_by(event=name)
    return found.order_by(SecurityEvent.id).all()
