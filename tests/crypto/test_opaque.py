"""Opaque secrets and handles: what comes out, and that nothing hostile crashes."""

import hashlib
import string
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver.crypto import opaque
from tests.crypto.hostile import any_text

ANYTHING = st.one_of(
    any_text,
    st.none(),
    st.binary(),
    st.integers(),
)


def test_a_secret_is_32_random_bytes_in_43_url_safe_characters():
    secrets = {opaque.new_secret() for _ in range(200)}
    assert len(secrets) == 200
    safe = set(string.ascii_letters + string.digits + "-_")
    assert all(len(secret) == 43 and set(secret) <= safe for secret in secrets)


def test_a_handle_comes_apart_as_it_was_put_together():
    selector, verifier, token = opaque.new_handle()
    assert opaque.split_handle(token) == (selector, verifier)
    assert isinstance(selector, uuid.UUID)


SELECTOR, VERIFIER = "0b0d8f0e-5d2c-4a5c-9d57-0a8b1f4f6c11", "v" * 43


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        SELECTOR,
        f"{SELECTOR}.",
        f".{VERIFIER}",
        f"{SELECTOR}.{VERIFIER}.",
        f"{SELECTOR}.{VERIFIER}\n",
        f" {SELECTOR}.{VERIFIER}",
        f"{SELECTOR}.{VERIFIER[:-1]}",
        f"{SELECTOR}.{VERIFIER}v",
        f"{SELECTOR}.{VERIFIER[:-1]}=",
        f"{SELECTOR}.{VERIFIER[:-1]}é",
        f"{SELECTOR.upper()}.{VERIFIER}",
        f"{{{SELECTOR}}}.{VERIFIER}",
        f"urn:uuid:{SELECTOR}.{VERIFIER}",
        f"{SELECTOR.replace('-', '')}.{VERIFIER}",
        "\ud800" * 80,
        None,
        7,
        b"bytes",
    ],
)
def test_a_handle_has_exactly_one_spelling(token):
    assert opaque.split_handle(f"{SELECTOR}.{VERIFIER}") is not None
    assert opaque.split_handle(token) is None


@given(ANYTHING)
def test_splitting_never_raises(token):
    assert opaque.split_handle(token) is None


def test_a_fingerprint_without_a_key_is_sha_256():
    assert opaque.fingerprint("abc") == hashlib.sha256(b"abc").hexdigest()


def test_a_fingerprint_with_a_key_is_the_hmac_of_rfc_4231():
    """RFC 4231 §4.3, test case 2."""
    assert (
        opaque.fingerprint("what do ya want for nothing?", key=b"Jefe")
        == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )


@given(any_text, any_text)
def test_sameness_and_fingerprints_take_every_string(a, b):
    assert opaque.same(a, b) is (a == b)
    assert (opaque.fingerprint(a) == opaque.fingerprint(b)) is (a == b)


def test_a_code_keeps_its_leading_zeros(monkeypatch):
    monkeypatch.setattr(opaque.secrets, "randbelow", lambda _top: 42)
    assert opaque.new_code() == "000042"
    assert opaque.new_code(8) == "00000042"


def test_codes_cover_the_whole_range():
    """With 2000 draws each first digit comes up, or the range is wrong."""
    codes = [opaque.new_code() for _ in range(2000)]
    assert {code[0] for code in codes} == set(string.digits)
    assert {len(code) for code in codes} == {6}


def test_a_word_is_drawn_from_the_whole_alphabet():
    words = {opaque.new_word(10, "bcdfgh") for _ in range(100)}
    assert len(words) == 100
    assert set("".join(words)) == set("bcdfgh")
    assert {len(word) for word in words} == {10}
