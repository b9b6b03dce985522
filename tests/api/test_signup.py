"""Sign up and verify at /v1 (C10, C12, C13, C25, C26)."""

from __future__ import annotations

import uuid
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


def test_s1_signup_literally(api: Caller, app: Flask) -> None:
    """S1's request and answer; its example password is known from leaks (C26)."""
    asked = {
        "email": "user@example.com",
        "password": "Password123",
        "full_name": "Nome Opcional",
    }
    refused = api.post("/auth/signup", asked)
    assert refused.status_code == 422
    assert refused.json["errors"] == [
        {
            "field": "password",
            "code": "invalid_input",
            "message": "This password is known from leaks. Choose another one.",
        }
    ]
    answer = api.post("/auth/signup", asked | {"password": PASSWORD})
    assert answer.status_code == 201
    user = account(app, "user@example.com")
    assert answer.json["success"] is True
    assert answer.json["data"]["user_id"] == str(user.id)
    assert (user.full_name, user.status) == ("Nome Opcional", "pending_verification")


def test_s1_verification_literally(api: Caller, app: Flask) -> None:
    api.post("/auth/signup", {"email": BOB, "password": PASSWORD})
    answer = api.post("/auth/verify-email", {"email": BOB, "code": api.code(BOB)})
    assert answer.json["success"] is True
    user = account(app, BOB)
    assert (user.is_email_verified, user.status) == (True, "active")
    assert user.email_verified_at is not None


@pytest.mark.parametrize(
    "spelling",
    ["display_name", "displayName", "fullName", "name", "nome", "full_name"],
)
def test_c13_a_name_in_every_spelling(api: Caller, app: Flask, spelling: str) -> None:
    given = {"email": BOB, "senha": PASSWORD, spelling: "Bob Sá"}
    assert api.data(api.post("/auth/signup", given))["user"]["full_name"] == "Bob Sá"
    assert account(app, BOB).full_name == "Bob Sá"


def test_c13_one_field_in_two_spellings_is_refused(api: Caller) -> None:
    given = {"email": BOB, "password": PASSWORD, "name": "A", "full_name": "B"}
    answer = api.post("/auth/signup", given)
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == "name"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "nobody"),
        ("email", "a@b@c"),
        ("email", "x" * 400 + "@example.test"),
        ("email", 7),
        ("email", None),
        ("password", "short"),
        ("password", "alllowercase1!"),
        ("password", "Aa1!" * 33),
        ("password", "bob@example.test"),
        ("password", ["Quatro-Faróis-47"]),
        ("username", "a"),
        ("username", "bob@home"),
        ("username", ".bob"),
        ("phone", "11 99999-9999"),
        ("phone", "+0123456789"),
        ("cpf", "111.111.111-11"),
        ("cpf", "529.982.247-26"),
        ("full_name", "x" * 201),
        ("unheard_of", "x"),
    ],
)
def test_each_wrong_field_is_named(
    api: Caller, app: Flask, field: str, value: object
) -> None:
    given = {"email": BOB, "password": PASSWORD, field: value}
    answer = api.post("/auth/signup", given)
    assert answer.status_code == 422
    assert {fault["field"] for fault in answer.json["errors"]} == {field}
    with app.app_context():
        assert db.session.query(User).filter_by(email=BOB).count() == 0


def test_all_faults_come_at_once(api: Caller) -> None:
    given = {"email": "nobody", "password": "short", "cpf": "1", "phone": "2"}
    answer = api.post("/auth/signup", given)
    named = {fault["field"] for fault in answer.json["errors"]}
    assert named == {"email", "password", "cpf", "phone"}


def test_c12_a_known_address_is_answered_alike(
    api: Caller, app: Flask, ada: str
) -> None:
    """Same status and shape, an id that is nobody's, and a letter to the owner."""
    given = {"password": OTHER, "full_name": "Mallory", "username": "mallory"}
    known = api.post("/auth/signup", {"email": ada, **given})
    fresh = api.post("/auth/signup", {"email": BOB, **given | {"username": "bob"}})
    assert known.status_code == fresh.status_code == 201
    told, new = known.json["data"], fresh.json["data"]
    assert told.keys() == new.keys()
    assert told["user"].keys() == new["user"].keys()
    assert told["user"]["full_name"] == "Mallory"
    assert told["user"]["status"] == "pending_verification"
    assert told["user_id"] != str(account(app, ada).id)
    assert api.letters(ada)[-1]["X-Letter"] == "account_exists"
    user = account(app, ada)
    assert (user.full_name, user.username) == ("Ada Lovelace", "ada")


def test_c12_an_id_tells_nothing_of_an_address(api: Caller, ada: str) -> None:
    """Only the try that made the account is told its id; all others a fresh one."""
    given = {"password": OTHER}
    of_known = {
        api.post("/auth/signup", {"email": ada, **given}).json["data"]["user_id"]
        for _ in range(3)
    }
    of_new = {
        api.post("/auth/signup", {"email": BOB, **given}).json["data"]["user_id"]
        for _ in range(3)
    }
    assert len(of_known) == len(of_new) == 3
    assert all(uuid.UUID(one).version == 4 for one in of_known | of_new)


def test_c12_a_taken_user_name_says_nothing_of_the_address(
    api: Caller, ada: str
) -> None:
    """User names are public; the refusal is the same for its owner's address."""
    answers = [
        api.post("/auth/signup", {"email": email, "password": OTHER, "username": "ADA"})
        for email in (ada, BOB)
    ]
    assert [a.status_code for a in answers] == [422, 422]
    assert answers[0].json["errors"] == answers[1].json["errors"]


def test_a_user_name_is_taken_by_whoever_proves_an_address_first(
    api: Caller, app: Flask
) -> None:
    """Nobody keeps a name from others by asking for it."""
    given = {"password": PASSWORD, "username": "captain"}
    for email in (BOB, "carla@example.test"):
        assert api.post("/auth/signup", {"email": email, **given}).status_code == 201
    for email in ("carla@example.test", BOB):
        api.data(
            api.post("/auth/verify-email", {"email": email, "code": api.code(email)})
        )
    assert account(app, "carla@example.test").username == "captain"
    assert account(app, BOB).username is None


def test_c12_register_gives_tokens_that_do_not_reach_far(
    api: Caller, app: Flask
) -> None:
    """S2's register; the scope is limited until the address is verified."""
    answer = api.post("/auth/register", {"email": BOB, "password": PASSWORD})
    assert answer.status_code == 201
    data = answer.json["data"]
    assert data["user_id"] == str(account(app, BOB).id)
    assert data["verificationRequired"] is True
    said = api.data(api.post("/auth/introspect", {"token": data["accessToken"]}))
    assert (said["active"], said["scope"]) == (True, "openid offline_access")
    assert "email" not in said
    given = {"email": BOB, "code": api.code(BOB)}
    api.data(api.post("/auth/verify-email", given))
    pair = api.data(api.post("/auth/refresh", {"refreshToken": data["refreshToken"]}))
    said = api.data(api.post("/auth/introspect", {"token": pair["accessToken"]}))
    assert "roles" in said["scope"]
    assert said["email"] == BOB


def test_c12_an_unverified_account_may_look_and_not_change(
    api: Caller, app: Flask
) -> None:
    given = {"email": BOB, "password": PASSWORD}
    api.token = api.data(api.post("/auth/register", given))["accessToken"]
    assert api.get("/users/me").status_code == 200
    refused = api.patch("/users/me", {"full_name": "Bob"})
    assert (refused.status_code, refused.json["code"]) == (403, "AUTH_109")
    # A role does not help: what it permits is for people who are who they say.
    with app.app_context():
        services = app.extensions["services"]
        user = db.session.query(User).filter_by(email=BOB).one()
        services.roles.assign(user.id, services.roles.find("super_admin"), by=None)
        db.session.commit()
    refused = api.get("/admin/users")
    assert (refused.status_code, refused.json["code"]) == (403, "AUTH_109")
    api.data(api.post("/auth/verify-email", {"email": BOB, "code": api.code(BOB)}))
    assert api.get("/admin/users").status_code == 200


def test_c12_register_refuses_what_is_taken(api: Caller, ada: str) -> None:
    """409, by field; also for an address whose account is not verified yet."""
    api.post(
        "/auth/register", {"email": BOB, "password": PASSWORD, "phone": "+55118888"}
    )
    again = api.post("/auth/register", {"email": BOB, "password": PASSWORD})
    known = api.post(
        "/auth/register", {"email": ada, "password": PASSWORD, "username": "carla"}
    )
    for answer in (again, known):
        assert (answer.status_code, answer.json["code"]) == (409, "AUTH_004")
        assert [fault["field"] for fault in answer.json["errors"]] == ["email"]


def test_c12_strict_takes_the_difference_away(
    api: Caller, app: Flask, ada: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ENUMERATION_PROTECTION=strict."""
    services = app.extensions["services"]
    strict = replace(services.settings, enumeration_protection="strict")
    signup = replace(services.signup, settings=strict)
    monkeypatch.setitem(app.extensions, "services", replace(services, signup=signup))
    answers = [
        api.post("/auth/register", {"email": email, "password": OTHER})
        for email in (ada, BOB, BOB)
    ]
    assert [a.status_code for a in answers] == [201, 201, 201]
    assert {frozenset(a.json["data"]) for a in answers} == {
        frozenset({"user_id", "user", "verificationRequired"})
    }
    for address in (ada, "nobody@example.test"):
        found = api.get(f"/auth/check-availability?email={address}")
        assert api.data(found) == {"emailAvailable": True}


def test_c25_number_and_cpf_are_kept_once_the_address_is_proved(
    api: Caller, app: Flask
) -> None:
    """S3's fields; the CPF is sealed, and only its owner's account has it."""
    given = {"nome": "Bob", "cpf": CPF, "telefone": "+55 11 99999-9999"}
    api.post("/auth/register", {"email": BOB, "senha": PASSWORD, **given})
    assert account(app, BOB).phone is None
    api.post("/auth/verify-email", {"email": BOB, "code": api.code(BOB)})
    user = account(app, BOB)
    assert user.phone == "+5511999999999"
    assert "529" not in (user.cpf_sealed or "")
    with app.app_context():
        cpfs = app.extensions["services"].cpfs
        assert cpfs.open(user.id, user.cpf_sealed) == CPF
    second = {"email": "carla@example.test", "password": PASSWORD, "cpf": CPF}
    refused = api.post("/auth/register", second)
    assert refused.status_code == 409
    assert refused.json["errors"][0]["field"] == "cpf"
    api.sign_up("carla@example.test", cpf=CPF, phone="+5511999999999")
    carla = account(app, "carla@example.test")
    assert (carla.cpf_index, carla.phone, carla.status) == (None, None, "active")


def test_c25_required_fields_are_the_operator_s_choice(
    api: Caller, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = app.extensions["services"]
    asking = replace(services.settings, signup_required_fields=("cpf", "phone"))
    signup = replace(services.signup, settings=asking)
    monkeypatch.setitem(app.extensions, "services", replace(services, signup=signup))
    answer = api.post("/auth/signup", {"email": BOB, "password": PASSWORD, "cpf": CPF})
    assert [fault["field"] for fault in answer.json["errors"]] == ["phone"]


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
