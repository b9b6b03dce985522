"""One person of another service: what a file may say, and every fault at once."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver.core.newcomer import SPELLINGS, Reader, spelled

ADA = {
    "email": "Ada@Example.Test",
    "password_hash": "$2b$10$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
    "verified": "true",
}
ROLES = {"user": 1, "admin": 2}


def read(**changed):
    reader = Reader(2, {**ADA, **changed}, roles=ROLES)
    return reader.read(), reader.faults


def test_a_person_with_everything():
    key = uuid.uuid4()
    found, faults = read(
        id=str(key),
        username="ada",
        full_name="Ada  Lovelace",
        phone="+55 11 99999-9999",
        cpf="529.982.247-25",
        roles="user; Admin",
        institutions=["north", "south", "north"],
        totp_secret="jbsw y3dp ehpk 3pxp",
        language="pt_BR",
        timezone="America/Recife",
        date_of_birth="1815-12-10",
        avatar_url="https://pictures.example/ada.png",
        metadata='{"plan": "gold"}',
        created_at="2019-05-01T10:00:00-03:00",
    )
    assert faults == []
    assert (found.id, found.email, found.hash_kind) == (
        key,
        "ada@example.test",
        "bcrypt",
    )
    assert found.columns["full_name"] == "Ada Lovelace"
    assert found.columns["phone"] == "+5511999999999"
    assert (found.cpf, found.totp_secret) == ("52998224725", "JBSWY3DPEHPK3PXP")
    assert found.roles == ("user", "Admin")
    assert found.institutions == ("north", "south")
    assert found.columns["status"] == "active"
    assert found.columns["language"] == "pt-BR"
    assert found.columns["extra"] == {"plan": "gold"}
    assert found.columns["created_at"].isoformat() == "2019-05-01T13:00:00+00:00"


def test_an_address_alone_is_enough():
    reader = Reader(2, {"email": "ada@example.test"}, roles=ROLES)
    found = reader.read()
    assert (found.hash_kind, found.columns["password_hash"]) == (None, None)
    assert found.columns["status"] == "pending_verification"
    assert found.columns["is_email_verified"] is False


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "x"),
        ("email", ""),
        ("email", 5),
        ("email", {"a": 1}),
        ("email", "a\x00@example.test"),
        ("id", "x"),
        ("id", 5),
        ("id", ["x"]),
        ("username", "a@b"),
        ("username", "a b"),
        ("username", ["x"]),
        ("full_name", "x" * 201),
        ("phone", "123"),
        ("cpf", "123"),
        ("password_hash", "plain text"),
        (
            "password_hash",
            "$2b$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        ),
        ("password_hash", 5),
        ("verified", "perhaps"),
        ("status", "deleted"),
        ("status", "gone"),
        ("status", ["active"]),
        ("roles", "nobody"),
        ("roles", 5),
        ("roles", [5]),
        ("institutions", "a b"),
        ("institutions", {"a": 1}),
        ("totp_secret", "short"),
        ("totp_secret", "A" * 17),
        ("totp_secret", "A" * 200),
        ("totp_secret", "1" * 16),
        ("language", "x"),
        ("language", "pt-BR-" + "x" * 40),
        ("timezone", "Mars/Olympus"),
        ("date_of_birth", "10/12/1815"),
        ("avatar_url", "javascript:alert(1)"),
        ("avatar_url", "http://plain.example/"),
        ("metadata", "[]"),
        ("metadata", "x"),
        ("metadata", '{"a": NaN}'),
        ("metadata", '{"a": 1e999}'),
        ("metadata", {"a": "\x00"}),
        ("metadata", {"a": "\ud800"}),
        ("metadata", {"a": "x" * 70_000}),
        ("created_at", "2019-05-01"),
        ("created_at", "2019-05-01T10:00:00"),
        ("created_at", "0001-01-01T00:00:00+14:00"),
    ],
)
def test_what_cannot_be_taken_over_is_named_by_its_field(field, value):
    found, faults = read(**{field: value})
    assert found is None
    assert [name for name, _ in faults] == [field]
    assert not any(str(value) in why for _, why in faults if len(str(value)) > 6)


def test_all_faults_of_a_line_come_at_once():
    _, faults = read(email="x", phone="1", cpf="2", roles="nobody", status="gone")
    assert {name for name, _ in faults} == {"email", "phone", "cpf", "roles", "status"}


def test_nobody_is_active_with_an_address_that_nobody_has_proved():
    _, faults = read(verified=False, status="active")
    assert [name for name, _ in faults] == ["status"]


@pytest.mark.parametrize("name", ["password", "Senha"])
def test_a_password_in_the_clear_is_not_taken(name):
    _, faults = read(**{name: "hunter2"})
    assert faults == [(name, "is not taken in the clear: give password_hash")]


def test_a_field_that_is_not_known_or_given_twice_is_a_fault():
    assert read(shoe_size="41")[1] == [("shoe_size", "is not known here")]
    assert read(e_mail="b@example.test")[1] == [("email", "is given twice")]


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("isEmailVerified", "verified"),
        ("passwordHash", "password_hash"),
        ("Display Name", "full_name"),
        ("date-of-birth", "date_of_birth"),
        ("nome", "full_name"),
        ("twoFactorSecret", "totp_secret"),
        ("unknown", None),
    ],
)
def test_the_spellings_of_others(name, ours):
    assert spelled(name) == ours


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from([*SPELLINGS, "x"]), values, max_size=6))
def test_whatever_a_file_says_is_a_person_or_a_fault(record):
    reader = Reader(2, record, roles=ROLES)
    found = reader.read()
    assert (found is None) == bool(reader.faults)
