"""Sign in at /v1 (C4, C5, C8, C12, C13, C22)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pyotp
import pytest
from flask import Flask

from authserver.clock import FrozenClock
from authserver.models import LoginRecord, Session, User, db
from tests.support.caller import PASSWORD, Caller
from tests.support.noon import LATER

WRONG = "not the right one"
OTHER = "Zwölf-Hähne-am-Kai-9"


def change(app: Flask, email: str, **columns: Any) -> None:
    with app.app_context():
        user = db.session.query(User).filter_by(email=email).one()
        for name, value in columns.items():
            setattr(user, name, value)
        db.session.commit()


def history(app: Flask) -> list[tuple[Any, ...]]:
    with app.app_context():
        rows = db.session.query(LoginRecord).order_by(LoginRecord.id)
        return [(r.action, r.status, r.auth_method, r.failure_reason) for r in rows]


def test_s1_signin_literally(api: Caller, app: Flask, ada: str) -> None:
    answer = api.post("/auth/signin", {"email": ada, "password": PASSWORD})
    assert answer.status_code == 200
    assert answer.json["success"] is True
    data = answer.json["data"]
    assert data["accessToken"].count(".") == 2
    assert data["refreshToken"].count(".") == 1
    with app.app_context():
        session = db.session.query(Session).one()
        assert str(session.id) == data["sessionId"]
        assert (session.kind, session.ip_address) == ("api", "203.0.113.7")
    assert history(app) == [("login", "success", "password", None)]


@pytest.mark.parametrize("path", ["/auth/signin", "/auth/login"])
@pytest.mark.parametrize(
    "who",
    [
        {"identifier": "ada"},
        {"identifier": "ADA@example.test"},
        {"email": "ada@example.test"},
        {"username": "Ada"},
    ],
)
def test_c13_address_or_name_in_every_spelling(
    api: Caller, ada: str, path: str, who: dict[str, str]
) -> None:
    assert api.data(api.post(path, {**who, "senha": PASSWORD}))["accessToken"]


def test_every_wrong_way_is_one_answer(api: Caller, app: Flask, ada: str) -> None:
    """Unknown, wrong, locked: the same status, body and headers."""
    tries = [
        {"email": "nobody@example.test", "password": PASSWORD},
        {"email": ada, "password": WRONG},
        {"identifier": "nobody", "password": PASSWORD},
        {"email": ada, "password": "x" * 1000},
    ]
    answers = [api.post("/auth/signin", one) for one in tries]
    until = LATER
    change(app, ada, locked_until=until, failed_login_attempts=0)
    locked = Caller(app, api.clock)
    answers.append(locked.post("/auth/signin", {"email": ada, "password": PASSWORD}))
    assert {a.status_code for a in answers} == {401}
    bodies = [a.json | {"traceId": ""} for a in answers]
    assert all(body == bodies[0] for body in bodies)
    assert answers[0].json["code"] == "AUTH_101"
    assert [line[1:] for line in history(app)] == [
        ("failure", "password", "unknown user"),
        ("failure", "password", "wrong password"),
        ("failure", "password", "unknown user"),
        ("failure", "password", "wrong password"),
        ("failure", "password", "password is locked"),
    ]


def test_c5_the_owner_s_browser_is_not_locked_out(
    api: Caller, make_caller: Callable[..., Caller], ada: str, app: Flask
) -> None:
    """Its cookie has signed this user in before; everybody else waits."""
    api.sign_in(ada)
    stranger = make_caller(ip="198.51.100.66")
    for _ in range(5):
        stranger.post("/auth/signin", {"email": ada, "password": WRONG})
    assert api.letters(ada)[-1]["X-Letter"] == "account_locked"
    right = {"email": ada, "password": PASSWORD}
    assert stranger.post("/auth/signin", right).status_code == 401
    assert make_caller().post("/auth/signin", right).status_code == 401
    assert api.post("/auth/signin", right).status_code == 200
    # That the owner is in says nothing of the stranger.
    assert stranger.post("/auth/signin", right).status_code == 401
    stranger.clock.advance(minutes=15, seconds=1)
    assert stranger.post("/auth/signin", right).status_code == 200


def test_c5_a_browser_of_somebody_else_is_as_good_as_unknown(
    api: Caller, make_caller: Callable[..., Caller], ada: str, app: Flask
) -> None:
    other = make_caller()
    other.sign_up("bob@example.test")
    other.sign_in("bob@example.test")
    change(app, ada, locked_until=LATER)
    other.token = None
    right = {"email": ada, "password": PASSWORD}
    assert other.post("/auth/signin", right).status_code == 401


def test_c5_a_magic_link_opens_a_locked_account(
    api: Caller, ada: str, app: Flask
) -> None:
    """Only the password is locked."""
    change(app, ada, locked_until=LATER)
    api.post("/auth/magic-link", {"email": ada})
    token = api.link_token(ada, "magic_link")
    api.data(api.post("/auth/magic-link/verify", {"token": token}))


@pytest.mark.parametrize(
    ("given", "days"), [({}, 7), ({"remember": True}, 7), ({"remember": False}, 1)]
)
def test_c8_how_long_it_is_remembered(
    api: Caller, ada: str, clock: FrozenClock, given: dict[str, bool], days: int
) -> None:
    """Seven days of idle life by default, one when it is not to be remembered."""
    found = api.sign_in(ada, **given)
    assert found["refreshExpiresIn"] == days * 86400
    clock.advance(days=days, seconds=-5)
    pair = api.data(api.post("/auth/refresh", {"refreshToken": found["refreshToken"]}))
    assert pair["refreshExpiresIn"] == days * 86400
    clock.advance(days=days, seconds=5)
    late = api.post("/auth/refresh", {"refreshToken": pair["refreshToken"]})
    assert late.status_code == 400


def test_c8_no_family_outlives_thirty_days(
    api: Caller, ada: str, clock: FrozenClock
) -> None:
    token = api.sign_in(ada)["refreshToken"]
    began = clock.now()
    while clock.now() - began < timedelta(days=29):
        clock.advance(days=6)
        pair = api.post("/auth/refresh", {"refreshToken": token}).json
        if not pair["success"]:
            break
        token = pair["data"]["refreshToken"]
    clock.advance(days=1)
    assert api.post("/auth/refresh", {"refreshToken": token}).status_code == 400
    assert clock.now() - began <= timedelta(days=32)


def with_totp(app: Flask, email: str, clock: FrozenClock) -> pyotp.TOTP:
    with app.app_context():
        mfa = app.extensions["services"].mfa
        user = db.session.query(User).filter_by(email=email).one()
        totp = pyotp.TOTP(mfa.begin(user).secret)
        mfa.confirm(user, totp.at(clock.now()))
        db.session.commit()
    clock.advance(seconds=60)
    return totp


def test_c13_a_second_factor_is_asked_for_or_comes_along(
    api: Caller, ada: str, app: Flask, clock: FrozenClock
) -> None:
    """S2 sends twoFactorCode inline; S0 takes the second step."""
    totp = with_totp(app, ada, clock)
    due = api.data(api.post("/auth/signin", {"email": ada, "password": PASSWORD}))
    assert due.keys() == {"mfaRequired", "mfaToken", "methods"}
    assert due["mfaRequired"] is True
    assert "totp" in due["methods"]
    wrong = api.post(
        "/auth/signin",
        {"identifier": "ada", "password": PASSWORD, "twoFactorCode": "000000"},
    )
    assert (wrong.status_code, wrong.json["code"]) == (400, "AUTH_108")
    code = totp.at(clock.now() + timedelta(seconds=1))
    found = api.sign_in(ada, twoFactorCode=code)
    assert found["accessToken"]
    assert [line[1:] for line in history(app)] == [
        ("failure", "password", "second factor: wrong_code"),
        ("success", "password", None),
    ]


def test_c22_a_default_password_must_go_first(
    api: Caller, ada: str, app: Flask
) -> None:
    change(app, ada, must_change_password=True)
    due = api.data(api.post("/auth/signin", {"email": ada, "password": PASSWORD}))
    assert due["passwordChangeRequired"] is True
    weak = api.post(
        "/auth/reset-password", {"token": due["resetToken"], "password": "admin"}
    )
    assert weak.status_code == 422
    given = {"token": due["resetToken"], "new_password": OTHER}
    api.data(api.post("/auth/reset-password", given))
    assert api.post("/auth/reset-password", given).status_code == 410
    api.sign_in(ada, OTHER)


@pytest.mark.parametrize("status", ["locked", "disabled"])
def test_a_suspended_account_is_told_to_its_owner_alone(
    api: Caller, ada: str, app: Flask, status: str
) -> None:
    change(app, ada, status=status)
    wrong = api.post("/auth/signin", {"email": ada, "password": WRONG})
    right = api.post("/auth/signin", {"email": ada, "password": PASSWORD})
    assert (wrong.status_code, right.status_code) == (401, 403)
    assert right.json["code"] == "AUTH_105"


def test_an_unverified_address_is_told_after_the_right_password(
    api: Caller, app: Flask
) -> None:
    api.post("/auth/signup", {"email": "bob@example.test", "password": PASSWORD})
    wrong = api.post("/auth/signin", {"email": "bob@example.test", "password": WRONG})
    right = api.post(
        "/auth/signin", {"email": "bob@example.test", "password": PASSWORD}
    )
    assert (wrong.status_code, wrong.json["code"]) == (401, "AUTH_101")
    assert (right.status_code, right.json["code"]) == (403, "AUTH_109")
    assert history(app)[-1] == ("login", "failure", "password", "not_verified")


def test_reauthenticating_opens_sudo_mode_for_ten_minutes(
    api: Caller, ada: str, app: Flask, clock: FrozenClock
) -> None:
    """C14, ASVS 7.5.3; the try is counted and recorded as a sign-in's is."""
    session_id = api.sign_in(ada)["sessionId"]
    clock.advance(minutes=11)
    assert api.post("/auth/reauthenticate", {"password": WRONG}).status_code == 401
    assert api.post("/auth/reauthenticate", {}).status_code == 403
    until = api.data(api.post("/auth/reauthenticate", {"password": PASSWORD}))
    said = datetime.fromisoformat(until["confirmedUntil"])
    assert said == clock.now() + timedelta(minutes=10)
    with app.app_context():
        session = db.session.query(Session).one()
        assert str(session.id) == session_id
        assert session.confirmed_at == clock.now()
    assert history(app)[1:] == [
        ("reauthenticate", "failure", "password", "wrong password"),
        ("reauthenticate", "success", "password", None),
    ]
    api.token = None
    refused = api.post("/auth/reauthenticate", {"password": PASSWORD})
    assert (refused.status_code, refused.json["code"]) == (401, "AUTH_102")
    assert refused.headers["WWW-Authenticate"].startswith("Bearer")
