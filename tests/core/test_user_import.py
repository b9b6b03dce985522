"""People of another service come with their hashes, and sign in as before."""

import base64
import hashlib
import threading
import tracemalloc

import bcrypt
import pyotp
import pytest
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from sqlalchemy import func, select

from authserver.core.user_import import BATCH, Record
from authserver.errors import BadCredentials, SecondFactorNeeded
from authserver.models import (
    Institution,
    SecurityEvent,
    User,
    UserInstitution,
    UserRole,
)

SECRET = "Quatro-Faróis-47"
SALT = b"0123456789abcdef"
HASH = "$2b$10$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"


def b64(data):
    return base64.b64encode(data).decode()


def pbkdf2(rounds):
    return hashlib.pbkdf2_hmac("sha256", SECRET.encode(), SALT, rounds)


def scrypt():
    return hashlib.scrypt(SECRET.encode(), salt=SALT, n=1024, r=8, p=1, dklen=64)


def argon2():
    made = Argon2id(salt=SALT, length=32, iterations=3, lanes=2, memory_cost=64)
    return made.derive_phc_encoded(SECRET.encode())


HASHES = {
    "bcrypt": bcrypt.hashpw(SECRET.encode(), bcrypt.gensalt(4)).decode(),
    "argon2id": argon2(),
    "pbkdf2": f"pbkdf2_sha256$1000${SALT.decode()}${b64(pbkdf2(1000))}",
    "passlib": "$pbkdf2-sha256$1000$"
    + f"{b64(SALT)}${b64(pbkdf2(1000))}".replace("+", ".").replace("=", ""),
    "scrypt": f"$scrypt$ln=10,r=8,p=1${b64(SALT)}${b64(scrypt())}",
    "django": f"scrypt$1024${SALT.decode()}$8$1${b64(scrypt())}",
}


def person(number, **more):
    return {
        "email": f"p{number}@import.test",
        "password_hash": HASH,
        "verified": True,
        **more,
    }


def lines(*people):
    return [Record(number, one) for number, one in enumerate(people, 2)]


@pytest.fixture
def take(services, db):
    """Import people, and keep them."""

    def take(*people):
        report = services.user_import.take(lines(*people))
        db.session.commit()
        return report

    return take


def find(db, email):
    return db.session.scalar(select(User).where(User.email == email))


def count(db, table):
    return db.session.scalar(select(func.count()).select_from(table))


@pytest.mark.parametrize("kind", HASHES)
def test_whoever_comes_with_a_hash_signs_in_and_gets_one_of_ours(
    services, db, take, kind
):
    """C1: the string is kept as it is, and upgraded when its password comes."""
    report = take(person(1, password_hash=HASHES[kind], username="ada"))
    assert report.faults == []
    assert find(db, "p1@import.test").password_hash == HASHES[kind]
    with pytest.raises(BadCredentials):
        services.signin.with_password("ada", "another", remember=False)
    db.session.commit()
    services.signin.with_password("ada", SECRET, remember=False)
    db.session.commit()
    kept = find(db, "p1@import.test").password_hash
    assert kept.startswith("$argon2id$v=19$m=1024,t=2,p=1$")
    assert services.signin.with_password("ada", SECRET, remember=False)


def test_a_second_factor_comes_along(services, db, take, clock):
    secret = pyotp.random_base32()
    take(person(1, password_hash=HASHES["bcrypt"], totp_secret=secret))
    assert secret not in find(db, "p1@import.test").mfa_secret
    with pytest.raises(SecondFactorNeeded):
        services.signin.with_password("p1@import.test", SECRET, remember=False)
    session, _ = services.signin.with_password(
        "p1@import.test",
        SECRET,
        remember=False,
        code=pyotp.TOTP(secret).at(clock.now()),
    )
    assert "otp" in session.amr


def test_roles_institutions_and_the_rest_come_along(services, db, take):
    report = take(
        person(1, roles="user;Admin", institutions="north;south", cpf="529.982.247-25"),
        person(2, institutions="North"),
        person(3, password_hash=None, verified=False),
    )
    assert report.imported == 3
    assert report.hashes == {"bcrypt": 2, "none": 1}
    assert report.new_institutions == ["north", "south"]
    first = find(db, "p1@import.test")
    assert count(db, UserRole) == 2 + 2  # the administrator has two
    assert count(db, UserInstitution) == 1 + 3
    assert services.cpfs.find("529.982.247-25") == first.id
    assert services.cpfs.open(first.id, first.cpf_sealed) == "529.982.247-25"
    third = find(db, "p3@import.test")
    assert (third.status, third.password_hash) == ("pending_verification", None)
    events = db.session.scalars(
        select(SecurityEvent).where(SecurityEvent.event == "user:account:imported")
    ).all()
    assert {event.facts["line"] for event in events} == {2, 3, 4}


def test_whoever_came_without_a_hash_asks_for_a_password_by_mail(services, db, take):
    take(person(1, password_hash=""))
    with pytest.raises(BadCredentials):
        services.signin.with_password("p1@import.test", "", remember=False)
    assert find(db, "p1@import.test").is_email_verified


# -- What is taken


@pytest.mark.parametrize(
    ("field", "first", "second"),
    [
        ("email", "one@import.test", "ONE@import.test"),
        ("username", "ada", "ADA"),
        ("phone", "+5511999999999", "+55 11 99999-9999"),
        ("cpf_index", "529.982.247-25", "52998224725"),
        ("id", "0" * 31 + "1", "00000000-0000-0000-0000-000000000001"),
    ],
)
@pytest.mark.parametrize("apart", [0, BATCH], ids=["one batch", "two batches"])
def test_what_an_earlier_line_has_is_taken(services, db, field, first, second, apart):
    name = field.removesuffix("_index")
    between = [person(100 + number) for number in range(apart)]
    people = [person(1, **{name: first}), *between, person(2, **{name: second})]
    report = services.user_import.take(lines(*people))
    (found,) = report.faults
    assert (found.line, found.field) == (len(people) + 1, field)
    assert "taken" in found.message
    assert report.imported == len(people) - 1


def test_what_somebody_here_has_is_taken(db, ada, take):
    report = take(person(1, username="Ada"), person(2, email="ada@example.test"))
    assert [(one.line, one.field) for one in report.faults] == [
        (2, "username"),
        (3, "email"),
    ]


def test_an_address_that_is_taken_in_the_very_moment_is_a_fault(
    services, db, monkeypatch, ada
):
    """Between the look and the writing somebody has signed up."""
    monkeypatch.setattr(type(services.user_import), "_taken", lambda *_: set())
    report = services.user_import.take(lines(person(1, email=ada.email), person(2)))
    db.session.commit()
    assert [one.line for one in report.faults] == [2]
    assert report.imported == 1
    assert find(db, ada.email).full_name == "Ada Lovelace"


def test_two_imports_of_one_file_at_one_moment_add_everybody_once(app, services, db):
    db.session.rollback()
    people = lines(*(person(number) for number in range(50)))
    start, reports = threading.Barrier(2), []

    def run():
        with app.app_context():
            from authserver.models import db as tables

            start.wait()
            reports.append(services.user_import.take(people))
            tables.session.commit()

    racers = [threading.Thread(target=run) for _ in range(2)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert sum(one.imported for one in reports) == 50
    assert count(db, User) == 51


def test_nothing_of_what_was_given_stands_in_a_fault(take):
    report = take(person(1, password_hash="hunter2-secret", totp_secret="short-secret"))
    assert "secret" not in " ".join(one.message for one in report.faults)


@pytest.mark.live
def test_three_thousand_people_in_the_memory_of_a_batch(services, db):
    def people():
        for number in range(3_000):
            more = {"username": f"user{number}", "full_name": f"Person {number}"}
            yield Record(number + 2, person(number, roles="user", **more))

    tracemalloc.start()
    report = services.user_import.take(people())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    db.session.commit()
    assert report.imported == 3_000
    assert peak < 12 << 20
    assert count(db, Institution) == 1
