"""Prove an address at /v1: by code, by link, again (C10, C12)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask

from authserver.clock import FrozenClock
from authserver.errors import BadCredentials
from authserver.models import Challenge, Session, User, db
from tests.support.caller import PASSWORD, Caller

BOB = "bob@example.test"
CPF = "529.982.247-25"
OTHER = "Zwölf-Hähne-am-Kai-9"


def account(app: Flask, email: str) -> User:
    with app.app_context():
        return db.session.query(User).filter_by(email=email).one()


def test_c10_code_or_link_either_spends_both(api: Caller, app: Flask) -> None:
    api.post("/auth/signup", {"email": BOB, "password": PASSWORD})
    code, token = api.code(BOB), api.link_token(BOB)
    api.data(api.post("/verification-token/verify", {"token": token}))
    assert account(app, BOB).is_email_verified
    again = api.post("/auth/verify-email", {"token": token})
    assert (again.status_code, again.json["code"]) == (410, "AUTH_107")
    late = api.post("/auth/verify-email", {"email": BOB, "code": code})
    assert (late.status_code, late.json["code"]) == (400, "AUTH_108")


def test_c10_a_code_takes_five_wrong_tries(api: Caller, app: Flask) -> None:
    api.post("/auth/signup", {"email": BOB, "password": PASSWORD})
    right = api.code(BOB)
    wrong = "000000" if right != "000000" else "000001"
    for _ in range(5):
        assert (
            api.post("/auth/verify-email", {"email": BOB, "code": wrong}).status_code
            == 400
        )
    late = api.post("/auth/verify-email", {"email": BOB, "code": right})
    assert late.status_code == 400
    assert not account(app, BOB).is_email_verified
    api.data(api.post("/auth/verify-email", {"code": api.link_token(BOB)}))


def test_a_code_is_wrong_alike_for_known_and_unknown(api: Caller, ada: str) -> None:
    api.post("/auth/signup", {"email": BOB, "password": PASSWORD})
    wrong = "000000" if api.code(BOB) != "000000" else "000001"
    answers = [
        api.post("/auth/verify-email", {"email": email, "code": wrong})
        for email in (BOB, ada, "nobody@example.test", "no address")
    ]
    assert {a.status_code for a in answers} == {400}
    assert len({a.json["message"] for a in answers}) == 1


def test_a_code_ends_with_its_time(api: Caller, clock: FrozenClock) -> None:
    """S1: 24 hours."""
    api.post("/auth/signup", {"email": BOB, "password": PASSWORD})
    code = api.code(BOB)
    clock.advance(hours=24, seconds=1)
    assert (
        api.post("/auth/verify-email", {"email": BOB, "code": code}).status_code == 400
    )


def test_resend_sends_another_code_that_works(api: Caller, app: Flask) -> None:
    """S0, S1, S2: a new code; what the try to sign up brought is still there."""
    api.post("/auth/signup", {"email": BOB, "password": PASSWORD, "full_name": "Bob"})
    first = api.code(BOB)
    api.data(api.post("/auth/verify-email/resend", {"email": BOB}))
    assert len(api.letters(BOB, "verify_email")) == 2
    second = api.code(BOB)
    assert second != first or api.link_token(BOB)
    api.data(api.post("/auth/verify-email", {"email": BOB, "code": second}))
    assert account(app, BOB).full_name == "Bob"
    api.sign_in(BOB)


def test_resend_never_takes_over_a_stranger_s_password(
    api: Caller, make_caller: Callable[..., Caller], app: Flask
) -> None:
    """Whose tries they were cannot be told by address: so no password is set."""
    stranger = make_caller(ip="198.51.100.66")
    stranger.post("/auth/signup", {"email": BOB, "password": OTHER})
    api.post("/auth/signup", {"email": BOB, "password": PASSWORD})
    api.post("/auth/verify-email/resend", {"email": BOB})
    given = {"email": BOB, "code": api.code(BOB)}
    done = api.data(api.post("/auth/verify-email", given))
    assert done == {"verified": True, "passwordResetRequired": True}
    assert account(app, BOB).password_hash is None
    for password in (OTHER, PASSWORD):
        answer = stranger.post("/auth/signin", {"email": BOB, "password": password})
        assert answer.json["code"] == BadCredentials.number


def test_a_stranger_s_session_ends_when_the_owner_verifies(
    api: Caller, make_caller: Callable[..., Caller], app: Flask
) -> None:
    """Who registered with another's address first is out, and so is their password."""
    stranger = make_caller(ip="198.51.100.66")
    held = stranger.data(
        stranger.post("/auth/register", {"email": BOB, "password": OTHER})
    )
    api.post("/auth/signup", {"email": BOB, "password": PASSWORD})
    api.data(api.post("/auth/verify-email", {"email": BOB, "code": api.code(BOB)}))
    given = {"refreshToken": held["refreshToken"]}
    assert stranger.post("/auth/refresh", given).status_code == 400
    said = stranger.post("/auth/introspect", {"token": held["accessToken"]})
    assert said.json["data"] == {"active": False}
    with app.app_context():
        assert db.session.query(Session).filter_by(is_active=True).count() == 0
    refused = stranger.post("/auth/signin", {"email": BOB, "password": OTHER})
    assert refused.status_code == 401
    api.sign_in(BOB)


def test_an_address_gets_no_more_letters_than_it_may_bear(
    api: Caller, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer stays the same, and the letters sent before stay good."""
    from authserver.adapters.throttle import Throttle

    services = app.extensions["services"]
    counted = Throttle({"letter:address": "2/minute"})
    letters = replace(services.letters, limiter=counted)
    signup = replace(services.signup, letters=letters)
    monkeypatch.setitem(app.extensions, "services", replace(services, signup=signup))
    api.post("/auth/signup", {"email": BOB, "password": PASSWORD})
    for _ in range(3):
        assert api.post("/auth/verify-email/resend", {"email": BOB}).status_code == 200
    assert len(api.letters(BOB)) == 2
    api.data(api.post("/auth/verify-email", {"email": BOB, "code": api.code(BOB)}))


def test_availability_is_told(api: Caller, ada: str) -> None:
    """S1: `{ "success": true, "data": { "emailAvailable": true } }`."""
    free = api.get("/auth/check-availability?email=user@example.com")
    assert api.data(free) == {"emailAvailable": True}
    taken = api.get("/auth/check-availability?email=ADA@Example.test&username=Ada")
    assert api.data(taken) == {"emailAvailable": False, "usernameAvailable": False}
    for query in ("", "?email=nonsense", "?username=a", "?phone=1"):
        assert api.get(f"/auth/check-availability{query}").status_code == 422


def test_a_challenge_keeps_no_secret_in_the_clear(api: Caller, app: Flask) -> None:
    api.post("/auth/signup", {"email": BOB, "password": PASSWORD, "cpf": CPF})
    code, token = api.code(BOB), api.link_token(BOB)
    with app.app_context():
        row = db.session.query(Challenge).filter_by(email=BOB).one()
        kept = " ".join(str(getattr(row, c.key)) for c in row.__mapper__.column_attrs)
    for secret in (code, token, token.split(".")[1], PASSWORD, "52998224725"):
        assert secret not in kept


def test_resend_from_another_device_follows_on_the_try(
    api: Caller, make_caller: Callable[..., Caller], app: Flask
) -> None:
    """Signed up on the phone, asked again twice from elsewhere: still one party."""
    api.post("/auth/signup", {"email": BOB, "password": PASSWORD, "full_name": "Bob"})
    for ip in ("198.51.100.1", "198.51.100.2"):
        device = make_caller(ip=ip)
        device.post("/auth/verify-email/resend", {"email": BOB})
    given = {"email": BOB, "code": api.code(BOB)}
    done = api.data(api.post("/auth/verify-email", given))
    assert done["passwordResetRequired"] is False
    assert account(app, BOB).full_name == "Bob"
    api.sign_in(BOB)
