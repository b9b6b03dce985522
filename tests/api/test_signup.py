"""Sign up at /v1 (C12, C13, C25, C26)."""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest
from flask import Flask

from authserver.models import User, db
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
