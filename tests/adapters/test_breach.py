"""The passwords that everybody tries first."""

import time

import pytest
from hypothesis import given

from authserver.adapters.breach import LIST, BreachedPasswords
from tests.crypto.hostile import any_text

KNOWN = BreachedPasswords()


@pytest.mark.parametrize(
    "password",
    [
        "password",
        "12345678",
        "qwertyuiop",
        "Password123",  # the example of a seed: C26 says that it must fail
        "PASSWORD123",
        "P@ssw0rd",
        "Password123!",
        "!!Password!!",
        "P@ssw0rd2024!",
        "Sunshine#1",
        "iloveyou",
    ],
)
def test_what_everybody_tries_is_known(password):
    assert KNOWN.is_breached(password)


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "zK9#mQ2$vLp7",
        "Wren-harbour-41-lantern",
        "passwordless sign-in at sea",
        "",
        "!!!!!!!!!!!!!!!",
        "\ud800" * 20,
        "password" + "1" * 40,
    ],
)
def test_what_nobody_tries_is_not(password):
    assert not KNOWN.is_breached(password)


@given(any_text)
def test_no_string_makes_it_raise(password):
    assert KNOWN.is_breached(password) in (True, False)


def test_a_long_password_costs_no_more_than_a_short_one():
    """Composing a long run of accents takes quadratic time; nobody types one."""
    started = time.thread_time()
    assert not KNOWN.is_breached("e" + "\u0301\u0316" * 100_000)
    assert time.thread_time() - started < 0.5


def test_a_look_takes_microseconds():
    times = []
    for number in range(300):
        started = time.thread_time()
        KNOWN.is_breached(f"Wren-harbour-{number}-lantern")
        times.append(time.thread_time() - started)
    assert min(times) < 0.0005


def test_the_list_is_sorted_small_and_large_enough():
    data = LIST.read_bytes()
    hashes = [data[at : at + 5] for at in range(0, len(data), 5)]
    assert hashes == sorted(set(hashes))
    assert len(KNOWN) == len(hashes) > 30_000
    assert len(data) < 500_000


def test_the_first_and_the_last_of_the_list_are_found(tmp_path):
    """Where searches by halves go wrong."""
    import hashlib

    words = [f"word{n}" for n in range(7)]
    hashes = sorted(hashlib.sha256(word.encode()).digest()[:5] for word in words)
    for size in range(8):
        path = tmp_path / f"{size}.bin"
        path.write_bytes(b"".join(hashes[:size]))
        found = sum(BreachedPasswords(path)._knows(word) for word in words)
        assert found == size
