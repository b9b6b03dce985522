"""One's own account at /v1 (C16, C25, C29, C36)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, event

from authserver.models import User, db
from tests.support.caller import PASSWORD, Caller

CPF, OTHER_CPF = "529.982.247-25", "111.444.777-35"
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


@pytest.fixture
def grace(make_caller: Callable[..., Caller]) -> Caller:
    """Somebody else, signed in."""
    other = make_caller()
    other.sign_up("grace@example.test", username="grace")
    other.sign_in("grace@example.test")
    return other


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
    assert set(data) == {"user", "roles", "permissions", "institutions", "cpf"}
    assert (data["roles"], data["institutions"], data["cpf"]) == ([], [], None)


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


def test_it_costs_two_reads_and_no_transaction(me: Caller) -> None:
    """The actor's, and one more: see the budget of `make bench`."""
    heard: list[str] = []

    def note(_conn: Any, _cursor: Any, sql: str, *_: Any) -> None:
        heard.append(sql)

    me.get("/users/me")
    event.listen(Engine, "before_cursor_execute", note)
    try:
        me.get("/users/me")
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert [sql.split()[0] for sql in heard] == ["SELECT", "SELECT"]


def test_nobody_is_nobody(api: Caller, ada: str) -> None:
    answer = api.get("/users/me")
    assert (answer.status_code, answer.json["code"]) == (401, "AUTH_102")


# -- PATCH /users/me


def test_s1_profile_literally(me: Caller) -> None:
    given = {
        "full_name": "Nome",
        "avatar_url": "https://example.com/me.png",
        "phone": "+5511999999999",
        "language": "pt-BR",
        "timezone": "America/Sao_Paulo",
    }
    user = me.data(me.patch("/users/me", given))["user"]
    assert {name: user[name] for name in given} == given
    assert me.data(me.get("/users/me"))["user"] == user


@pytest.mark.parametrize("name", ["display_name", "displayName", "nome", "full_name"])
def test_c13_a_name_in_every_spelling(me: Caller, name: str) -> None:
    user = me.data(me.patch("/users/me", {name: "  Ada   King "}))["user"]
    assert user["full_name"] == "Ada King"


def test_what_is_not_named_stays_and_null_takes_away(me: Caller) -> None:
    me.patch("/users/me", {"phone": "+5511999999999"})
    user = me.data(me.patch("/users/me", {"full_name": None}))["user"]
    assert (user["full_name"], user["phone"]) == (None, "+5511999999999")


def test_another_number_is_not_proved(me: Caller, app: Flask, ada: str) -> None:
    me.patch("/users/me", {"phone": "+5511999999999"})
    change(app, ada, is_phone_verified=True)
    user = me.data(me.patch("/users/me", {"phone": "+55 (11) 98888-8888"}))["user"]
    assert user["phone"] == "+5511988888888"
    assert user["is_phone_verified"] is False


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("avatar_url", "http://example.com/me.png"),
        ("avatar_url", "javascript:alert(1)"),
        ("avatar_url", "https://user@example.com/"),
        ("avatar_url", 'https://example.com/" onerror="x'),
        ("avatar_url", "https:///nowhere"),
        ("avatar_url", "https://["),
        ("phone", "0800"),
        ("phone", "+0111111111"),
        ("language", "english please"),
        ("language", "../../etc"),
        ("timezone", "Mars/Olympus"),
        ("timezone", "../../etc/passwd"),
        ("username", "ada@home"),
        ("username", "a"),
        ("date_of_birth", "1790-01-01"),
        ("date_of_birth", "2999-01-01"),
        ("date_of_birth", "yesterday"),
        ("cpf", "529.982.247-24"),
        ("full_name", "x" * 300),
        ("full_name", 7),
        ("full_name", "nul\x00"),
        ("status", "active"),
        ("roles", ["admin"]),
        ("email", "other@example.test"),
        ("password_hash", "x"),
        ("mfa_enabled", True),
    ],
)
def test_what_a_field_may_not_hold(
    me: Caller, app: Flask, ada: str, field: str, value: Any
) -> None:
    before = stored(app, ada)
    answer = me.patch("/users/me", {field: value})
    assert answer.status_code == 422
    assert [fault["field"] for fault in answer.json["errors"]] == [field]
    after = stored(app, ada)
    assert (after.updated_at, after.full_name) == (before.updated_at, before.full_name)


def test_all_faults_at_once_and_then_nothing_changes(me: Caller) -> None:
    wrong = {"full_name": "New", "phone": "x", "timezone": "x", "cpf": "1"}
    faults = me.patch("/users/me", wrong).json["errors"]
    assert sorted(f["field"] for f in faults) == ["cpf", "phone", "timezone"]
    assert me.data(me.get("/users/me"))["user"]["full_name"] == "Ada Lovelace"


@pytest.mark.parametrize(
    ("field", "value"),
    [("username", "Grace"), ("phone", "+5511977777777"), ("cpf", CPF)],
)
def test_what_is_somebody_elses_is_refused_by_field(
    me: Caller, grace: Caller, field: str, value: str
) -> None:
    """S3: CPF is unique; S1: user name and telephone are."""
    grace.data(grace.patch("/users/me", {"phone": "+5511977777777", "cpf": CPF}))
    answer = me.patch("/users/me", {field: value})
    assert answer.status_code == 409
    assert [fault["field"] for fault in answer.json["errors"]] == [field]


# -- C25


def test_c25_a_cpf_is_sealed_masked_and_can_be_taken_away(
    me: Caller, app: Flask, ada: str
) -> None:
    data = me.data(me.patch("/users/me", {"cpf": "52998224725"}))
    assert data["cpf"] == "***.982.247-**"
    kept = stored(app, ada)
    for column in (kept.cpf_sealed, kept.cpf_index):
        assert "52998224725" not in str(column)
        assert "982.247" not in str(column)
    assert me.data(me.patch("/users/me", {"cpf": None}))["cpf"] is None
    gone = stored(app, ada)
    assert (gone.cpf_sealed, gone.cpf_index) == (None, None)


@pytest.mark.parametrize("number", ["111.111.111-11", "529.982.247-52", "123"])
def test_c25_check_digits(me: Caller, number: str) -> None:
    assert me.patch("/users/me", {"cpf": number}).status_code == 422


def test_c25_ones_own_cpf_may_be_given_again(me: Caller) -> None:
    me.patch("/users/me", {"cpf": CPF})
    assert me.patch("/users/me", {"cpf": CPF}).status_code == 200
    assert me.data(me.patch("/users/me", {"cpf": OTHER_CPF}))["cpf"][3:6] == ".44"


# -- PATCH /users/me/password


OTHER = "Zwölf-Hähne-am-Kai-9"


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
