"""One's own profile at /v1: what may be changed, and to what (C13, C25)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from authserver.models import User, db
from tests.support.caller import Caller
from tests.support.cost import metered

CPF, OTHER_CPF = "529.982.247-25", "111.444.777-35"


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


def test_an_account_is_one_read(
    app: Flask, me: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The token, and all that its owner may see, at once."""
    me.data(me.get("/users/me"))
    with metered(app, monkeypatch) as meter:
        me.data(me.get("/users/me"))
    assert len(meter.statements) == 1


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
