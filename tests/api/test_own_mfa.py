"""The second factor at /v1 (C13, C14, C15)."""

from __future__ import annotations

from typing import Any

import pyotp
import pytest
from flask import Flask

from authserver.models import User, db
from tests.support.caller import PASSWORD, Caller

SETUP = ["/auth/mfa/setup", "/auth/2fa/setup"]
ENABLE = ["/auth/mfa/enable", "/auth/2fa/enable"]
OFF = [("DELETE", "/auth/mfa/disable"), ("POST", "/auth/2fa/disable")]


@pytest.fixture
def me(api: Caller, ada: str) -> Caller:
    api.sign_in(ada)
    return api


@pytest.fixture
def totp(me: Caller) -> pyotp.TOTP:
    """Ada's authenticator app, which is on."""
    app = pyotp.TOTP(me.data(me.post(SETUP[0]))["secret"])
    me.data(me.post(ENABLE[0], {"code": app.at(me.clock.now())}))
    me.clock.advance(seconds=30)
    return app


def code(caller: Caller, totp: pyotp.TOTP) -> str:
    caller.clock.advance(seconds=30)
    return totp.at(caller.clock.now())


@pytest.mark.parametrize(("setup", "enable"), [*zip(SETUP, ENABLE, strict=True)])
def test_set_up_and_turn_on(me: Caller, ada: str, setup: str, enable: str) -> None:
    begun = me.data(me.post(setup))
    assert begun["otpauthUrl"].startswith("otpauth://totp/")
    assert begun["secret"] in begun["otpauthUrl"]
    assert begun["qr"].startswith("<svg")
    assert not me.data(me.get("/users/me"))["user"]["mfa_enabled"]
    given = {"token": pyotp.TOTP(begun["secret"]).at(me.clock.now())}
    on = me.data(me.post(enable, given))
    assert on["mfaEnabled"] is True
    assert len(set(on["backupCodes"])) == 10
    assert me.data(me.get("/users/me"))["user"]["mfa_enabled"]
    assert len(me.letters(ada, "mfa_changed")) == 1


def test_a_wrong_first_code_turns_nothing_on(me: Caller) -> None:
    missing = me.post(ENABLE[0], {"code": "123456"})
    assert missing.status_code == 404
    me.post(SETUP[0])
    wrong = me.post(ENABLE[0], {"code": "000000"})
    assert (wrong.status_code, wrong.json["code"]) == (400, "AUTH_108")
    assert not me.data(me.get("/users/me"))["user"]["mfa_enabled"]


def test_setting_up_wants_a_recent_proof(me: Caller) -> None:
    """Whoever has stolen a session must not lock its owner out."""
    me.clock.advance(minutes=11)
    answer = me.post(SETUP[0])
    assert (answer.status_code, answer.json["code"]) == (403, "AUTH_104")
    me.data(me.post("/auth/reauthenticate", {"password": PASSWORD}))
    me.data(me.post(SETUP[0]))


def test_it_is_set_up_once(me: Caller, totp: pyotp.TOTP) -> None:
    assert me.post(SETUP[0]).status_code == 409


# -- C13


def test_c13_the_step_by_ticket_gives_the_pair_as_a_sign_in(
    me: Caller, api: Caller, ada: str, totp: pyotp.TOTP
) -> None:
    api.token = None
    given = {"email": ada, "password": PASSWORD}
    due = api.data(api.post("/auth/signin", given))
    assert due["mfaRequired"] is True
    assert due["methods"] == ["totp", "backup_code"]
    assert "accessToken" not in due
    ticket = {"mfaToken": due["mfaToken"]}
    wrong = api.post("/auth/mfa/verify", ticket | {"code": "000000"})
    assert wrong.status_code == 400
    pair = api.data(api.post("/auth/mfa/verify", ticket | {"code": code(api, totp)}))
    api.token = pair["accessToken"]
    assert api.data(api.get("/sessions"))[0]["amr"] == ["pwd", "otp", "mfa"]
    spent = api.post("/auth/mfa/verify", ticket | {"code": code(api, totp)})
    assert (spent.status_code, spent.json["code"]) == (410, "AUTH_107")


def test_c13_an_inline_code_gives_it_at_once(
    me: Caller, api: Caller, ada: str, totp: pyotp.TOTP
) -> None:
    """S2: identifier, password and twoFactorCode."""
    api.token = None
    given = {"identifier": "ada", "password": PASSWORD}
    inline = given | {"twoFactorCode": code(api, totp)}
    pair = api.data(api.post("/auth/login", inline))
    assert {"accessToken", "refreshToken"} <= set(pair)
    replayed = api.post("/auth/login", inline)
    assert replayed.status_code == 400


def test_c13_the_keys_of_both_ways_are_the_same(
    me: Caller, api: Caller, ada: str, totp: pyotp.TOTP
) -> None:
    api.token = None
    given = {"email": ada, "password": PASSWORD}
    inline = api.data(
        api.post("/auth/signin", given | {"twoFactorCode": code(api, totp)})
    )
    ticket = api.data(api.post("/auth/signin", given))["mfaToken"]
    step = api.data(
        api.post("/auth/mfa/verify", {"mfaToken": ticket, "code": code(api, totp)})
    )
    assert set(step) == set(inline)


def test_c13_the_ticket_ends_after_five_minutes(
    me: Caller, api: Caller, ada: str, totp: pyotp.TOTP
) -> None:
    given = {"email": ada, "password": PASSWORD}
    ticket = api.data(api.post("/auth/signin", given))["mfaToken"]
    api.clock.advance(minutes=5)
    late = {"mfaToken": ticket, "code": code(api, totp)}
    assert api.post("/auth/mfa/verify", late).status_code == 410


def test_c13_by_cookie_as_well(
    me: Caller, api: Caller, ada: str, totp: pyotp.TOTP
) -> None:
    given = {"email": ada, "password": PASSWORD}
    ticket = api.data(api.post("/auth/signin", given))["mfaToken"]
    answer = api.post(
        "/auth/mfa/verify",
        {"mfaToken": ticket, "code": code(api, totp)},
        x_token_delivery="cookie",
    )
    assert "accessToken" not in api.data(answer)
    assert any("__Host-access" in one for one in answer.headers.getlist("Set-Cookie"))


@pytest.mark.parametrize("ticket", ["x", "a.b", "", "\x00", "é" * 99])
def test_a_ticket_that_is_none(api: Caller, ticket: str) -> None:
    answer = api.post("/auth/mfa/verify", {"mfaToken": ticket, "code": "123456"})
    assert answer.status_code in (410, 422)


# -- C14


@pytest.mark.parametrize(("method", "path"), OFF)
@pytest.mark.parametrize("by", ["password", "code", "token"])
def test_c14_off_by_password_or_code_by_either_verb(
    me: Caller, ada: str, totp: pyotp.TOTP, method: str, path: str, by: str
) -> None:
    proof = PASSWORD if by == "password" else code(me, totp)
    done = me.data(me.call(method, path, {by: proof}))
    assert done == {"backupCodes": [], "mfaEnabled": False}
    assert len(me.letters(ada, "mfa_changed")) == 2
    me.token = None
    me.sign_in(ada)


@pytest.mark.parametrize(("method", "path"), OFF)
def test_c14_it_wants_a_recent_proof_as_well(
    me: Caller, totp: pyotp.TOTP, method: str, path: str
) -> None:
    me.clock.advance(minutes=11)
    answer = me.call(method, path, {"password": PASSWORD})
    assert (answer.status_code, answer.json["code"]) == (403, "AUTH_104")
    assert me.data(me.get("/users/me"))["user"]["mfa_enabled"]


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({}, 422),
        ({"password": "wrong"}, 401),
        ({"code": "000000"}, 400),
        # A wrong code is not made good by a right password.
        ({"code": "000000", "password": PASSWORD}, 400),
    ],
)
def test_c14_without_a_right_proof_it_stays_on(
    me: Caller, totp: pyotp.TOTP, given: dict[str, str], status: int
) -> None:
    assert me.delete("/auth/mfa/disable", given).status_code == status
    assert me.data(me.get("/users/me"))["user"]["mfa_enabled"]


def test_what_is_off_cannot_be_turned_off(me: Caller) -> None:
    assert me.delete("/auth/mfa/disable", {"password": PASSWORD}).status_code == 409


# -- C15


def test_c15_backup_codes_are_shown_in_sudo_mode_and_stored_sealed(
    me: Caller, app: Flask, ada: str, totp: pyotp.TOTP
) -> None:
    codes = me.data(me.get("/auth/mfa/backup-codes"))["backupCodes"]
    assert len(codes) == 10
    with app.app_context():
        user = db.session.query(User).filter_by(email=ada).one()
        kept = f"{user.mfa_backup_codes} {user.backup_codes_sealed}"
    assert not any(one in kept for one in codes)
    me.clock.advance(minutes=11)
    assert me.get("/auth/mfa/backup-codes").status_code == 403
    assert me.post("/auth/mfa/backup-codes").status_code == 403


def test_c15_new_codes_end_the_old_ones(me: Caller, ada: str, totp: pyotp.TOTP) -> None:
    old = me.data(me.get("/auth/mfa/backup-codes"))["backupCodes"]
    new = me.data(me.post("/auth/mfa/backup-codes"))["backupCodes"]
    assert not set(old) & set(new)
    assert len(me.letters(ada, "mfa_changed")) == 2
    given: dict[str, Any] = {"email": ada, "password": PASSWORD}
    spent = me.post("/auth/signin", given | {"twoFactorCode": old[0]})
    assert spent.status_code == 400
    me.data(me.post("/auth/signin", given | {"twoFactorCode": new[0]}))
    assert me.data(me.get("/auth/mfa/backup-codes"))["backupCodes"] == new[1:]


def test_without_a_second_factor_there_are_no_codes(me: Caller) -> None:
    assert me.get("/auth/mfa/backup-codes").status_code == 404
    assert me.post("/auth/mfa/backup-codes").status_code == 409
