"""One's own password at /v1 (S0, ASVS 6.2.3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from authserver.models import User, db
from tests.support.caller import PASSWORD, Caller

OTHER = "Zwölf-Hähne-am-Kai-9"


def change(app: Flask, email: str, **columns: Any) -> None:
    with app.app_context():
        user = db.session.query(User).filter_by(email=email).one()
        for name, value in columns.items():
            setattr(user, name, value)
        db.session.commit()


def stored(app: Flask, email: str) -> User:
    with app.app_context():
        user: User = db.session.query(User).filter_by(email=email).one()
        db.session.expunge(user)
        return user


@pytest.fixture
def me(api: Caller, ada: str) -> Caller:
    """Ada, signed in."""
    api.sign_in(ada)
    return api


@pytest.mark.parametrize(
    ("current", "new"),
    [("current_password", "new_password"), ("currentPassword", "password")],
)
def test_a_password_is_changed_by_whoever_knows_it(
    me: Caller, make_caller: Callable[..., Caller], ada: str, current: str, new: str
) -> None:
    elsewhere = make_caller()
    elsewhere.sign_in(ada)
    me.data(me.patch("/users/me/password", {current: PASSWORD, new: OTHER}))
    assert me.get("/users/me").status_code == 200
    assert elsewhere.get("/users/me").status_code == 401
    assert len(me.letters(ada, "password_changed")) == 1
    fresh = make_caller()
    given = {"email": ada, "password": PASSWORD}
    assert fresh.post("/auth/signin", given).status_code == 401
    fresh.sign_in(ada, OTHER)


def test_the_present_password_must_be_right_and_its_tries_count(
    me: Caller, app: Flask, ada: str
) -> None:
    given = {"current_password": "wrong", "new_password": OTHER}
    answer = me.patch("/users/me/password", given)
    assert (answer.status_code, answer.json["code"]) == (401, "AUTH_101")
    assert stored(app, ada).failed_login_attempts == 1
    missing = me.patch("/users/me/password", {"new_password": OTHER})
    assert missing.status_code == 422
    assert missing.json["errors"][0]["field"] == "current_password"


@pytest.mark.parametrize("weak", ["Password123", "short", PASSWORD, "Lovelace-Ada-2"])
def test_a_weak_password_or_the_same_is_refused(me: Caller, weak: str) -> None:
    given = {"current_password": PASSWORD, "new_password": weak}
    answer = me.patch("/users/me/password", given)
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == "password"


def test_whoever_has_none_must_have_proved_lately_to_be_there(
    me: Caller, app: Flask, ada: str
) -> None:
    change(app, ada, password_hash=None)
    me.clock.advance(minutes=11)
    late = me.patch("/users/me/password", {"new_password": OTHER})
    assert (late.status_code, late.json["code"]) == (403, "AUTH_104")
    me.clock.advance(minutes=-11)
    assert me.patch("/users/me/password", {"new_password": OTHER}).status_code == 200
