"""Password hashes: ours, bcrypt, those imported; and what a hostile one may do."""

import re
import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from authserver.crypto import password_hash
from authserver.crypto.password_hash import PasswordHasher
from tests.crypto.hostile import any_text

LONG = "correct horse battery staple " * 4  # 116 characters
PEPPER, NEWER = b"pepper" * 6, b"newer!" * 6


def argon(**changed):
    """The cheapest Argon2id there is: its strength is not what we test here."""
    return PasswordHasher(**{"memory_kib": 8, "iterations": 1, **changed})


def bcrypt(**changed):
    return PasswordHasher(algorithm="bcrypt", bcrypt_rounds=10, **changed)


@pytest.mark.parametrize("make", [argon, bcrypt])
@pytest.mark.parametrize("pepper", [None, PEPPER])
@pytest.mark.parametrize(
    "password", ["", "xyzzy", "pässwörd", LONG, "a\x00b", "\ud800"]
)
def test_the_right_password_fits_and_another_does_not(make, pepper, password):
    hasher = make(pepper=pepper)
    encoded = hasher.hash(password)
    assert hasher.verify(encoded, password)
    assert not hasher.verify(encoded, password + "!")
    assert not hasher.needs_rehash(encoded)
    assert password == "" or password not in encoded
    assert hasher.hash(password) != encoded


def test_the_default_is_what_owasp_recommends():
    encoded = PasswordHasher().hash("x")
    assert re.fullmatch(
        r"\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}", encoded
    )


@pytest.mark.parametrize("make", [argon, bcrypt])
def test_every_byte_of_a_long_password_counts(make):
    hasher = make()
    assert not hasher.verify(hasher.hash(LONG), LONG[:-1] + "?")


def test_bcrypt_writes_the_common_form_when_the_password_fits_in_it():
    assert bcrypt().hash("short").startswith("$2b$10$")
    assert bcrypt().hash(LONG).startswith("$bcrypt-sha256$v=2,t=2b,r=10$")


def test_composed_and_decomposed_letters_are_the_same_password():
    """RFC 8265 §4.2.1: one keyboard sends é, another e and an accent."""
    hasher = argon()
    assert hasher.verify(hasher.hash("caf\u00e9"), "cafe\u0301")


@pytest.mark.parametrize(
    ("wanted", "had"),
    [
        (argon(), argon(iterations=2)),
        (argon(), argon(memory_kib=16)),
        (argon(), argon(memory_kib=16, lanes=2)),
        (argon(), argon(pepper=PEPPER)),
        (argon(pepper=PEPPER), argon()),
        (argon(pepper=NEWER, former_peppers=[PEPPER]), argon(pepper=PEPPER)),
        (argon(), bcrypt()),
        (bcrypt(), argon()),
        (bcrypt(pepper=PEPPER), bcrypt()),
        (PasswordHasher(algorithm="bcrypt", bcrypt_rounds=11), bcrypt()),
    ],
)
@pytest.mark.parametrize("password", ["short", LONG])
def test_what_we_would_write_otherwise_today_is_due_for_a_new_hash(
    wanted, had, password
):
    assert wanted.needs_rehash(had.hash(password))


@pytest.mark.parametrize("make", [argon, bcrypt])
def test_a_pepper_can_be_replaced(make):
    old = make(pepper=PEPPER).hash("x")
    both = make(pepper=NEWER, former_peppers=[PEPPER])
    assert both.verify(old, "x")
    assert both.verify(both.hash("x"), "x")
    assert not make(pepper=NEWER).verify(old, "x")
    assert not make().verify(old, "x")


@pytest.mark.parametrize("make", [argon, bcrypt])
def test_a_hash_that_names_an_unknown_pepper_is_refused(make):
    """Even when it was made without any: it says of itself that it was not."""
    encoded = make().hash(LONG)
    named = re.sub(r"(p=1|r=10)\$", r"\1,keyid=AAAAAAAA$", encoded)
    assert named != encoded
    assert make().verify(encoded, LONG)
    assert not make().verify(named, LONG)


@pytest.mark.parametrize("make", [argon, bcrypt])
def test_the_stolen_hash_is_worth_nothing_without_the_pepper(make):
    """Whoever strips the key id from the string must not get a verifiable hash."""
    encoded = make(pepper=PEPPER).hash("x")
    stripped = re.sub(r",keyid=[^$]*", "", encoded)
    assert stripped != encoded
    assert not make().verify(stripped, "x")


SHAPES = st.from_regex(
    r"\$(argon2id|2b|scrypt|pbkdf2-sha256|bcrypt-sha256)\$[ -~]{0,60}", fullmatch=True
)


@given(st.one_of(any_text, SHAPES), any_text)
@settings(deadline=None)
def test_no_string_makes_it_raise(encoded, password):
    hasher = argon()
    assert hasher.verify(encoded, password) is False
    assert hasher.needs_rehash(encoded) is True


@given(any_text)
@settings(deadline=None)
def test_every_string_can_be_a_password(password):
    hasher = argon()
    assert hasher.verify(hasher.hash(password), password)


def test_a_hostile_password_does_not_take_quadratic_time():
    """Composing a long run of accents is slow; nobody types one."""
    hasher, started = argon(), time.thread_time()
    password = "e" + "\u0301\u0316" * 500_000
    assert hasher.verify(hasher.hash(password), password)
    assert time.thread_time() - started < 5


def test_burning_is_the_work_of_a_verification(monkeypatch):
    """One run, and at what the hashes that are verified cost."""
    hasher, runs = PasswordHasher(memory_kib=8192, iterations=3), []
    encoded = hasher.hash("x")
    real = password_hash.Argon2id

    def spied(**options):
        runs.append([options[n] for n in ("memory_cost", "iterations", "lanes")])
        return real(**options)

    monkeypatch.setattr(password_hash, "Argon2id", spied)
    hasher.burn("y")
    (cost,) = runs
    assert encoded.split("$")[3] == "m={},t={},p={}".format(*cost)


def test_no_more_run_at_once_than_allowed(monkeypatch):
    running, seen, lock = [0], [], threading.Lock()
    real = password_hash.Argon2id

    class Counting:
        def __init__(self, **options):
            self.inner = real(**options)

        def derive_phc_encoded(self, data):
            with lock:
                running[0] += 1
                seen.append(running[0])
            try:
                return self.inner.derive_phc_encoded(data)
            finally:
                with lock:
                    running[0] -= 1

    monkeypatch.setattr(password_hash, "Argon2id", Counting)
    hasher = PasswordHasher(memory_kib=8192, max_concurrent=2)
    crowd = [threading.Thread(target=hasher.hash, args=("x",)) for _ in range(12)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert len(seen) == 12
    assert max(seen) <= 2


@pytest.mark.parametrize(
    "options",
    [{"bcrypt_rounds": 9}, {"bcrypt_rounds": 31}, {"algorithm": "md5"}],
)
def test_weak_or_absurd_settings_are_refused(options):
    with pytest.raises(ValueError):
        PasswordHasher(**options)
