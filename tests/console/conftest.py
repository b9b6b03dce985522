"""Operators of each role at their browsers, and the people they look after."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from authserver.models import User
from authserver.services import Services
from tests.console.people import admin, bob  # noqa: F401 -- fixtures
from tests.console.witness import every_deed_is_recorded  # noqa: F401 -- watches
from tests.support.caller import PASSWORD
from tests.support.reader import Reader
from tests.support.refused_app import good_ask, notes, wire  # noqa: F401 -- fixtures


@pytest.fixture
def add(services: Services, db: Any) -> Callable[..., str]:
    """Add somebody, by name; give their id."""

    def come(name: str, role: str = "user", **more: Any) -> str:
        row = services.people.add(
            email=f"{name}@example.test",
            password=PASSWORD,
            verified=True,
            roles=[role],
            **more,
        )
        db.session.commit()
        return str(row.id)

    return come


@pytest.fixture
def enter(
    make_reader: Callable[..., Reader], add: Callable[..., str]
) -> Callable[..., Reader]:
    """Add somebody with a role, and give their browser, signed in."""

    def come(role: str, name: str | None = None) -> Reader:
        add(name or role, role)
        reader = make_reader()
        assert reader.sign_in(f"{name or role}@example.test").path == "/account"
        return reader

    return come


@pytest.fixture
def stored(db: Any) -> Callable[[str], User]:
    """Read somebody anew."""

    def read(user_id: str) -> User:
        db.session.rollback()
        db.session.expire_all()
        return db.session.get(User, uuid.UUID(user_id))

    return read
