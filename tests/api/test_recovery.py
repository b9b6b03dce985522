"""A forgotten password, and sign-in by mail (C3, C5, C11, C12, C13)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from authserver.clock import FrozenClock
from authserver.models import Challenge, Session, TokenFamily, User, db
from tests.support.caller import PASSWORD, Caller
from tests.support.noon import LATER

NEW = "Zwölf-Hähne-am-Kai-9"
BOB = "bob@example.test"
FORGOT = ["/auth/forgot-password", "/auth/password/forgot", "/reset-password/request"]
RESET = ["/auth/reset-password", "/auth/password/reset", "/reset-password/confirm"]


def account(app: Flask, email: str) -> User:
    with app.app_context():
        return db.session.query(User).filter_by(email=email).one()


def change(app: Flask, email: str, **columns: Any) -> None:
    with app.app_context():
        user = db.session.query(User).filter_by(email=email).one()
        for name, value in columns.items():
            setattr(user, name, value)
        db.session.commit()


@pytest.fixture
def token(api: Caller, ada: str) -> str:
    """The token of a letter that Ada has asked for."""
    api.post("/auth/forgot-password", {"email": ada})
    return api.link_token(ada, "reset_password")


@pytest.mark.parametrize(("forgot", "reset"), list(zip(FORGOT, RESET, strict=True)))
@pytest.mark.parametrize("spelling", ["new_password", "password", "newPassword"])
def test_another_password_by_mail(
    api: Caller, ada: str, app: Flask, forgot: str, reset: str, spelling: str
) -> None:
    """S1, S2 and S3 by their own paths and words; S3's answer 204 (C3, C13)."""
    status = 204 if "/auth/password/" in forgot else 200
    assert api.post(forgot, {"email": ada}).status_code == status
    given = {"token": api.link_token(ada, "reset_password"), spelling: NEW}
    assert api.post(reset, given).status_code == status
    api.sign_in(ada, NEW)
    refused = api.post("/auth/signin", {"email": ada, "password": PASSWORD})
    assert refused.status_code == 401
    assert account(app, ada).last_password_change is not None
    assert api.letters(ada)[-1]["X-Letter"] == "password_changed"


def test_s1_s_own_new_password_is_refused_and_the_token_stays(
    api: Caller, ada: str, token: str
) -> None:
    """`NovaSenha123` has three kinds of characters and is short (C26)."""
    weak = api.post(
        "/auth/reset-password", {"token": token, "new_password": "NovaSenha123"}
    )
    assert weak.status_code == 422
    assert weak.json["errors"][0]["field"] == "password"
    api.data(api.post("/auth/reset-password", {"token": token, "password": NEW}))


def test_it_ends_every_session_and_every_token(
    api: Caller,
    make_caller: Callable[..., Caller],
    ada: str,
    app: Flask,
    token: str,
) -> None:
    """S2: all active refresh tokens are revoked."""
    held = [make_caller().sign_in(ada)["refreshToken"] for _ in range(3)]
    api.data(api.post("/auth/reset-password", {"token": token, "password": NEW}))
    for one in held:
        assert api.post("/auth/refresh", {"refreshToken": one}).status_code == 400
    with app.app_context():
        assert db.session.query(Session).filter_by(is_active=True).count() == 0
        assert db.session.query(TokenFamily).filter_by(revoked_at=None).count() == 0


def test_c11_the_token_is_a_uuid_and_a_secret_of_which_a_print_is_kept(
    app: Flask, token: str
) -> None:
    selector, secret = token.split(".")
    with app.app_context():
        row = db.session.query(Challenge).filter_by(token=selector).one()
    assert str(row.id) == selector
    assert len(secret) == 43
    assert secret not in row.token_hash


def test_it_works_once_and_for_an_hour(
    api: Caller, ada: str, token: str, clock: FrozenClock
) -> None:
    """S1: one hour; S4: single use."""
    given = {"token": token, "password": NEW}
    api.data(api.post("/auth/reset-password", given))
    assert api.post("/auth/reset-password", given).status_code == 410
    api.post("/auth/forgot-password", {"email": ada})
    late = api.link_token(ada, "reset_password")
    clock.advance(hours=1, seconds=1)
    answer = api.post("/auth/reset-password", {"token": late, "password": NEW})
    assert (answer.status_code, answer.json["code"]) == (410, "AUTH_107")


def test_a_newer_reset_makes_the_older_letter_void(api: Caller, ada: str) -> None:
    for _ in range(2):
        api.post("/auth/forgot-password", {"email": ada})
    letters = api.letters(ada, "reset_password")
    assert len(letters) == 2
    newest = api.link_token(ada, "reset_password")
    api.data(api.post("/auth/reset-password", {"token": newest, "password": NEW}))
    first = letters[0].get_body(("plain",)).get_content().split("token=")[1].split()[0]
    answer = api.post("/auth/reset-password", {"token": first, "password": PASSWORD})
    assert answer.status_code == 410


def test_a_letter_is_good_for_its_own_purpose_alone(
    api: Caller, ada: str, token: str
) -> None:
    api.post("/auth/magic-link", {"email": ada})
    magic = api.link_token(ada, "magic_link")
    given = {"token": magic, "password": NEW}
    assert api.post("/auth/reset-password", given).status_code == 410
    assert api.post("/auth/magic-link/verify", {"token": token}).status_code == 410
    assert api.post("/auth/verify-email", {"token": token}).status_code == 410


def test_c5_it_unlocks_a_locked_password(
    api: Caller, ada: str, app: Flask, token: str
) -> None:
    """The letter that tells of the lock has a link to this."""
    change(app, ada, locked_until=LATER)
    api.data(api.post("/auth/reset-password", {"token": token, "password": NEW}))
    api.sign_in(ada, NEW)


@pytest.mark.parametrize("status", ["locked", "disabled"])
def test_a_suspended_account_stays_suspended(
    api: Caller, ada: str, app: Flask, token: str, status: str
) -> None:
    change(app, ada, status=status)
    given = {"token": token, "password": NEW}
    assert api.post("/auth/reset-password", given).status_code == 410
    before = len(api.letters(ada))
    for path in ("/auth/forgot-password", "/auth/magic-link"):
        assert api.post(path, {"email": ada}).status_code == 200
    assert len(api.letters(ada)) == before


def test_it_proves_the_address_and_leaves_nothing_that_was_prepared(
    api: Caller, make_caller: Callable[..., Caller], app: Flask
) -> None:
    """A stranger registered first; the owner of the mailbox resets."""
    stranger = make_caller(ip="198.51.100.66")
    given = {"email": BOB, "password": PASSWORD}
    held = stranger.data(stranger.post("/auth/register", given))
    api.post("/auth/forgot-password", {"email": BOB})
    token = api.link_token(BOB, "reset_password")
    api.data(api.post("/auth/reset-password", {"token": token, "password": NEW}))
    assert account(app, BOB).status == "active"
    refused = {"refreshToken": held["refreshToken"]}
    assert stranger.post("/auth/refresh", refused).status_code == 400
    api.sign_in(BOB, NEW)


# -- Sign-in by mail


@pytest.fixture
def ask(api: Caller, ada: str) -> Callable[..., str]:
    def go(**headers: str) -> str:
        api.post("/auth/magic-link", {"email": ada}, **headers)
        return api.link_token(ada, "magic_link")

    return go


def test_s1_a_magic_link_signs_in(
    api: Caller, ask: Callable[..., str], app: Flask
) -> None:
    token = ask()
    found = api.data(api.post("/auth/magic-link/verify", {"token": token}))
    assert found["accessToken"]
    assert found["refreshToken"]
    assert api.post("/auth/magic-link/verify", {"token": token}).status_code == 410
    with app.app_context():
        session = db.session.query(Session).one()
    assert (session.kind, session.amr) == ("api", ["otp"])


def test_it_works_for_fifteen_minutes(
    api: Caller, ask: Callable[..., str], clock: FrozenClock
) -> None:
    token = ask()
    clock.advance(minutes=15)
    assert api.post("/auth/magic-link/verify", {"token": token}).status_code == 410


def test_the_code_of_the_letter_works_with_the_address(
    api: Caller, ada: str, ask: Callable[..., str]
) -> None:
    ask()
    code = api.code(ada, "magic_link")
    alone = api.post("/auth/magic-link/verify", {"code": code})
    assert alone.json["errors"][0]["field"] == "email"
    wrong = "000000" if code != "000000" else "000001"
    for email in (ada, "nobody@example.test"):
        answer = api.post("/auth/magic-link/verify", {"email": email, "code": wrong})
        assert (answer.status_code, answer.json["code"]) == (400, "AUTH_108")
    api.data(api.post("/auth/magic-link/verify", {"email": ada, "code": code}))


def test_it_opens_in_the_browser_that_asked_alone(
    api: Caller,
    make_caller: Callable[..., Caller],
    ada: str,
    ask: Callable[..., str],
) -> None:
    """Where there was one; and elsewhere it is not spent."""
    api.get("/auth/csrf")  # the browser gets its cookie
    token = ask()
    code = api.code(ada, "magic_link")
    thief = make_caller()
    answer = thief.post("/auth/magic-link/verify", {"token": token})
    assert answer.status_code == 410
    assert "browser" in answer.json["message"]
    other = thief.post("/auth/magic-link/verify", {"email": ada, "code": code})
    assert other.status_code == 400
    assert api.post("/auth/magic-link/verify", {"token": token}).status_code == 200


def test_a_second_factor_is_still_due(
    api: Caller, ada: str, app: Flask, clock: FrozenClock, ask: Callable[..., str]
) -> None:
    import pyotp

    with app.app_context():
        mfa = app.extensions["services"].mfa
        user = db.session.query(User).filter_by(email=ada).one()
        totp = pyotp.TOTP(mfa.begin(user).secret)
        mfa.confirm(user, totp.at(clock.now()))
        db.session.commit()
    due = api.data(api.post("/auth/magic-link/verify", {"token": ask()}))
    assert due["mfaRequired"] is True
    assert "accessToken" not in due


def test_it_proves_the_address_without_the_prepared_password(
    api: Caller, make_caller: Callable[..., Caller], app: Flask
) -> None:
    stranger = make_caller(ip="198.51.100.66")
    stranger.post("/auth/signup", {"email": BOB, "password": PASSWORD})
    api.post("/auth/magic-link", {"email": BOB})
    given = {"token": api.link_token(BOB, "magic_link")}
    api.data(api.post("/auth/magic-link/verify", given))
    user = account(app, BOB)
    assert (user.status, user.password_hash) == ("active", None)
    refused = stranger.post("/auth/signin", {"email": BOB, "password": PASSWORD})
    assert refused.status_code == 401
