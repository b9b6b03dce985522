"""The first administrator: admin/admin on a trial, and not for long (C22)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from authserver.config import TRIAL_PASSWORD, load
from authserver.errors import ConfigError, InvalidInput, PasswordChangeNeeded
from authserver.models import User, UserRole
from authserver.services import Services
from tests.core.conftest import PASSWORD


@pytest.fixture
def empty(db: Any) -> None:
    """Nobody holds a role, as before the first start."""
    db.session.query(UserRole).delete()
    db.session.query(User).delete()
    db.session.commit()


def first(services: Services, db: Any, **settings: Any) -> str | None:
    chosen = replace(services.settings, **settings)
    link = replace(services.people, settings=chosen).ensure_admin()
    db.session.commit()
    return link


@pytest.mark.parametrize(
    ("kind", "password"), [("development", TRIAL_PASSWORD), ("test", "")]
)
def test_only_a_development_server_has_a_default(kind: str, password: str) -> None:
    """In production there is none: a one-time link is printed."""
    assert load({"APP_ENV": kind}).admin_password == password


def test_production_refuses_the_default(tmp_path: Any) -> None:
    environ = {
        "APP_ENV": "production",
        "APP_URL": "https://auth.example.test",
        "AUTHSERVER_HOME": str(tmp_path),
    }
    assert load(environ).admin_password == ""
    with pytest.raises(ConfigError, match="ADMIN_PASSWORD"):
        load(environ | {"ADMIN_PASSWORD": "admin"})


def test_the_default_lets_in_to_be_changed_and_for_nothing_else(
    services: Services, db: Any, empty: None
) -> None:
    """S2: admin, admin@example.com, admin; roles and institution as it says."""
    assert first(services, db, admin_password=TRIAL_PASSWORD) is None
    with pytest.raises(PasswordChangeNeeded) as due:
        services.signin.with_password("admin", "admin", remember=True)
    db.session.commit()
    with pytest.raises(InvalidInput):
        services.recovery.reset(due.value.ticket, "admin")
    user = services.recovery.reset(due.value.ticket, PASSWORD)
    db.session.commit()
    assert user.email == "admin@example.com"
    assert services.signin.with_password("admin", PASSWORD, remember=True)


def test_a_password_that_was_chosen_may_stay(
    services: Services, db: Any, empty: None
) -> None:
    first(services, db, admin_password=PASSWORD)
    assert services.signin.with_password("admin", PASSWORD, remember=True)


def test_without_one_there_is_a_link_once(
    services: Services, db: Any, empty: None
) -> None:
    link = first(services, db)
    assert link is not None
    assert link.startswith("https://auth.example.test/setup?token=")
    assert first(services, db) is None
