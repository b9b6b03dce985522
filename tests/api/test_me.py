"""One's own account at /v1 (C16, C18, C19, C29, C36)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, event

from authserver.models import User, db
from tests.support.caller import PASSWORD, Caller

S1_KEYS = [
    "id",
    "email",
    "phone",
    "username",
    "full_name",
    "avatar_url",
    "date_of_birth",
    "status",
    "is_email_verified",
    "is_phone_verified",
    "email_verified_at",
    "phone_verified_at",
    "failed_login_attempts",
    "locked_until",
    "last_password_change",
    "mfa_enabled",
    "mfa_secret",
    "mfa_backup_codes",
    "language",
    "timezone",
    "metadata",
    "last_login_at",
    "last_seen_at",
    "created_at",
    "updated_at",
    "deleted_at",
]


def change(app: Flask, email: str, **columns: Any) -> None:
    with app.app_context():
        user = db.session.query(User).filter_by(email=email).one()
        for name, value in columns.items():
            setattr(user, name, value)
        db.session.commit()


@pytest.fixture
def me(api: Caller, ada: str) -> Caller:
    """Ada, signed in."""
    api.sign_in(ada)
    return api


# -- GET /users/me


@pytest.mark.parametrize("path", ["/users/me", "/auth/me"])
def test_c16_the_26_keys_of_s1_in_their_order_and_no_secret(
    me: Caller, app: Flask, path: str
) -> None:
    change(app, "ada@example.test", mfa_secret="s1.x.y", mfa_backup_codes=["a" * 64])
    data = me.data(me.get(path))
    assert list(data["user"]) == S1_KEYS
    assert data["user"]["mfa_secret"] is None
    assert data["user"]["mfa_backup_codes"] is None
    assert "password_hash" not in data["user"]


def test_what_stands_beside_the_user(me: Caller) -> None:
    """S0: roles and permissions; C29: institutions."""
    data = me.data(me.get("/users/me"))
    assert (data["roles"], data["institutions"], data["cpf"]) == ([], [], None)
    assert data["permissions"] == []


def test_c19_the_names_of_s4_beside_the_columns_of_s1(
    me: Caller, app: Flask, ada: str
) -> None:
    data = me.data(me.get("/users/me"))
    assert (data["display_name"], data["is_active"]) == ("Ada Lovelace", True)
    assert data["email_verified"] is True
    change(app, ada, is_email_verified=False, status="pending_verification")
    data = me.data(me.get("/users/me"))
    assert (data["is_active"], data["email_verified"]) == (False, False)


def test_c18_roles_in_the_case_that_was_chosen(
    me: Caller, app: Flask, services: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.people.add(
        email="zoe@example.test", password=PASSWORD, verified=True, roles=["EDITOR"]
    )
    db.session.commit()
    me.sign_in("zoe@example.test")
    assert me.data(me.get("/users/me"))["roles"] == ["editor"]
    upper = replace(
        services.profiles, settings=replace(services.settings, role_case="upper")
    )
    monkeypatch.setitem(services.__dict__, "profiles", upper)
    assert me.data(me.get("/users/me"))["roles"] == ["EDITOR"]


def test_c29_institutions_by_their_codes(me: Caller, app: Flask, services: Any) -> None:
    services.people.add(
        email="zoe@example.test",
        password=PASSWORD,
        verified=True,
        roles=["editor"],
        institutions=["i1", "i2"],
    )
    db.session.commit()
    me.sign_in("zoe@example.test")
    data = me.data(me.get("/users/me"))
    assert data["institutions"] == ["i1", "i2"]
    assert data["roles"] == ["editor"]
    assert "profile:read" in data["permissions"]


def test_times_are_iso_8601_in_utc(me: Caller) -> None:
    user = me.data(me.get("/users/me"))["user"]
    for name in ("created_at", "updated_at", "email_verified_at", "last_login_at"):
        assert user[name].endswith("Z"), name
        assert datetime.fromisoformat(user[name]).tzinfo is not None


def test_c36_the_owner_sees_the_counters_of_the_lock(
    me: Caller, make_caller: Callable[..., Caller], ada: str
) -> None:
    stranger = make_caller()
    stranger.post("/auth/signin", {"email": ada, "password": "wrong"})
    user = me.data(me.get("/users/me"))["user"]
    assert user["failed_login_attempts"] == 1
    assert (user["locked_until"], user["deleted_at"]) == (None, None)


def test_it_costs_one_read_and_no_transaction(me: Caller) -> None:
    """The account comes with the actor: see the budget of `make bench`."""
    heard: list[str] = []

    def note(_conn: Any, _cursor: Any, sql: str, *_: Any) -> None:
        heard.append(sql)

    me.get("/users/me")
    event.listen(Engine, "before_cursor_execute", note)
    try:
        me.get("/users/me")
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert [sql.split()[0] for sql in heard] == ["SELECT"]


def test_nobody_is_nobody(api: Caller, ada: str) -> None:
    answer = api.get("/users/me")
    assert (answer.status_code, answer.json["code"]) == (401, "AUTH_102")
