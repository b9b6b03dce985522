"""Passkeys by pages, with an authenticator in software (WebAuthn Level 3 §7)."""

from __future__ import annotations

import json
from typing import Any

import pyotp
import pytest

from tests.support.authenticator import PRESENT, Authenticator
from tests.support.caller import PASSWORD
from tests.support.reader import Reader

NEW = "/account/security/passkeys/new"


def options_on(page: Reader, form: str = "passkey-form") -> str:
    return page.document.get(form).get("data-options")


def add(page: Reader, key: Authenticator, name: str = "", **lies: Any) -> Reader:
    page.open(NEW)
    made = key.create(options_on(page), **lies)
    return page.send(NEW, credential=made, name=name)


def enter(page: Reader, key: Authenticator, **lies: Any) -> Reader:
    page.open("/signin")
    signed = key.get(options_on(page), **lies)
    return page.send("/signin/passkey", credential=signed)


@pytest.fixture
def key(at_home: Reader) -> Authenticator:
    """Ada's passkey."""
    made = Authenticator()
    assert add(at_home, made, "work laptop").path == "/account/security"
    return made


def test_one_is_added_and_signs_in_alone(at_home, key, make_reader, ada):
    assert "A passkey was added." in at_home.text
    assert "work laptop" in at_home.text
    assert at_home.letters(ada)[-1] in ("mfa_changed", "new_device")
    phone = make_reader()
    assert enter(phone, key).path == "/account"
    assert "last used" in phone.open("/account/security").text


def test_it_leads_back_to_where_one_was_going(key, make_reader):
    phone = make_reader().open("/account/sessions")
    signed = key.get(options_on(phone))
    form = phone.document.get("passkey-form").get("action")
    assert phone.send(form, credential=signed).path == "/account/sessions"


def test_it_is_two_factors_in_one(at_home, key, make_reader, app, ada):
    """No code is asked for, and the session has the highest acr."""
    from authserver.models import Session, User, db

    turn_on_totp(at_home)
    assert enter(make_reader(), key).path == "/account"
    with app.app_context():
        user = db.session.query(User).filter_by(email=ada).one()
        found = db.session.query(Session).filter_by(user_id=user.id)
        last = found.order_by(Session.created_at.desc()).first()
        assert last is not None
        assert (last.acr, last.amr) == ("phr", ["hwk", "user", "mfa"])


def turn_on_totp(page: Reader) -> None:
    page.open("/account/security/totp")
    totp = pyotp.TOTP(page.document.get("totp-secret").get("data-text"))
    page.fill(code=totp.at(page.clock.now())).press("totp-submit")
    assert page.has("backup-codes")


def test_it_answers_a_second_factor(at_home, key, make_reader, ada):
    turn_on_totp(at_home)
    phone = make_reader().open("/account/privacy")
    phone.fill(username=ada, password=PASSWORD).press("login-submit")
    phone.link("mfa-passkey")
    signed = key.get(options_on(phone, "mfa-form"))
    assert phone.send(phone.url, credential=signed).path == "/account/privacy"


def test_a_second_factor_of_somebody_else_is_none(at_home, key, make_reader, ada):
    bob = make_reader()
    bob.post_box.sign_up("bob@example.test", full_name="Bob")
    bob.sign_in("bob@example.test")
    theirs = Authenticator()
    add(bob, theirs)
    turn_on_totp(at_home)
    phone = make_reader()
    phone.sign_in(ada)
    phone.link("mfa-passkey")
    for liar in (theirs, Authenticator(id=key.id, handle=key.handle)):
        signed = liar.get(options_on(phone, "mfa-form"))
        assert phone.send(phone.url, credential=signed).status == 401
    assert phone.open("/account").path == "/signin"


LIES = {
    "another origin": {"origin": "https://evil.example"},
    "another site": {"rp_id": "evil.example"},
    "nobody verified": {"flags": PRESENT},
    "nobody present": {"flags": 0},
    "a challenge of its own": {"challenge": "AAAA"},
    "another person": {"handle": b"0123456789abcdef"},
    "a count that went back": {"step": -1},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_signs_nobody_in(at_home, key, make_reader, lie):
    phone = make_reader()
    assert enter(phone, key).path == "/account"
    liar = make_reader()
    assert enter(liar, key, **LIES[lie]).status == 401
    assert liar.has("signin-form")
    assert liar.open("/account").path == "/signin"


@pytest.mark.parametrize("lie", list(LIES)[:5])
def test_a_lie_adds_nothing(at_home, lie):
    assert add(at_home, Authenticator(), **LIES[lie]).status == 422
    assert at_home.has("error-summary")
    assert "form" in at_home.document.get("passkey-form").tag
    assert "No passkey" not in at_home.open("/account/security").text
    assert not [f for f in at_home.document.forms if "passkeys" in f.action]


def test_another_key_under_a_known_id_signs_nobody_in(at_home, key, make_reader):
    forged = Authenticator(id=key.id, handle=key.handle)
    assert enter(make_reader(), forged).status == 401


def test_an_answer_is_good_once(at_home, key, make_reader):
    phone = make_reader().open("/signin")
    signed = key.get(options_on(phone), step=0)  # as synced ones do: no count
    assert phone.send("/signin/passkey", credential=signed).path == "/account"
    phone.open("/signin?again=1")
    assert phone.send("/signin/passkey", credential=signed).status == 401


def test_an_answer_is_good_in_its_browser_alone(at_home, key, make_reader):
    victim, thief = make_reader().open("/signin"), make_reader().open("/signin")
    signed = key.get(options_on(victim))
    assert thief.send("/signin/passkey", credential=signed).status == 401


def test_an_answer_is_good_for_five_minutes(at_home, key, make_reader, clock):
    phone = make_reader().open("/signin")
    signed = key.get(options_on(phone))
    clock.advance(minutes=6)
    assert phone.send("/signin/passkey", credential=signed).status == 401


def test_a_challenge_is_good_for_its_purpose_alone(at_home, key, make_reader):
    """What was asked to add a passkey does not sign in."""
    phone = make_reader().open("/signin")
    asked = json.loads(options_on(phone))
    at_home.open(NEW)
    asked["challenge"] = json.loads(options_on(at_home))["challenge"]
    at_home.send("/signin/passkey", credential=key.get(asked))
    assert at_home.status == 401


RUBBISH = ["", "x", "[]", "{}", "null", '{"response":{}}', "[" * 9999, "9" * 30000]
RUBBISH += ['{"rawId":1,"response":{"clientDataJSON":"e30"}}', '{"response":[1]}']


@pytest.mark.parametrize("rubbish", RUBBISH, ids=range(len(RUBBISH)))
def test_rubbish_is_refused_and_no_fault(at_home, make_reader, rubbish):
    phone = make_reader().open("/signin")
    assert phone.send("/signin/passkey", credential=rubbish).status == 401
    at_home.open(NEW)
    assert at_home.send(NEW, credential=rubbish).status == 422


def test_one_is_removed(at_home, key, make_reader, ada):
    at_home.open("/account/security")
    remove = next(f.action for f in at_home.document.forms if "passkeys" in f.action)
    bob = make_reader()
    bob.post_box.sign_up("bob@example.test", full_name="Bob")
    bob.sign_in("bob@example.test")
    assert bob.open("/account/profile").send(remove).status == 404
    at_home.press_in(remove)
    assert "A passkey was removed." in at_home.text
    assert enter(make_reader(), key).status == 401


def test_the_last_way_in_stays(at_home, key, app, ada):
    from authserver.models import User, db

    with app.app_context():
        db.session.query(User).filter_by(email=ada).one().password_hash = None
        db.session.commit()
    at_home.open("/account/security")
    remove = next(f.action for f in at_home.document.forms if "passkeys" in f.action)
    assert at_home.press_in(remove).status == 409
    assert "last way to sign in" in at_home.text
    second = Authenticator()
    add(at_home, second)
    at_home.open("/account/security").press_in(remove)
    assert at_home.path == "/account/security"


def test_none_is_added_without_a_fresh_proof(at_home, clock):
    at_home.open(NEW)
    made = Authenticator().create(options_on(at_home))
    clock.advance(minutes=11)
    assert at_home.send(NEW, credential=made).path == "/reauth"
    assert at_home.open(NEW).path == "/reauth"


def test_one_key_is_added_once(at_home, key, make_reader):
    again = Authenticator(key=key.key, id=key.id)
    assert add(at_home, again).status == 422
