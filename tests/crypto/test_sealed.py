"""Sealed values: they open only where and with what they were sealed."""

import base64
import multiprocessing
import os
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver.crypto.sealed import (
    BadKey,
    SealBroken,
    Sealer,
    load_or_create_key,
    parse_key,
)
from tests.crypto.hostile import any_text

OLD, NEW = bytes(range(32)), bytes(range(32, 64))
SEALER = Sealer([NEW, OLD])


@given(st.binary(max_size=2000), st.binary(max_size=100))
def test_what_was_sealed_opens(plain, context):
    assert SEALER.open(SEALER.seal(plain, context), context) == plain


def test_two_seals_of_one_value_differ():
    assert SEALER.seal(b"x", b"") != SEALER.seal(b"x", b"")


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_a_value_does_not_open_in_another_place(here, there):
    sealed = SEALER.seal(b"secret", here)
    if here != there:
        with pytest.raises(SealBroken):
            SEALER.open(sealed, there)


@given(st.integers(0, 10_000), st.characters(codec="ascii"))
def test_one_changed_character_breaks_it(at, character):
    sealed = SEALER.seal(b"attack at dawn!!", b"c")  # its last character has spare bits
    at = len(sealed) - 1 - at % len(sealed)
    changed = sealed[:at] + character + sealed[at + 1 :]
    if changed != sealed:
        with pytest.raises(SealBroken):
            SEALER.open(changed, b"c")


@given(st.one_of(any_text, st.none(), st.binary()))
def test_what_is_no_envelope_is_refused_the_same_way(sealed):
    with pytest.raises(SealBroken):
        SEALER.open(sealed, b"c")


@pytest.mark.parametrize("body", ["", "A", "AAAAA", "A" * 37, "A" * 38, "A" * 200])
def test_bodies_of_all_lengths_are_refused(body):
    key_id = SEALER.seal(b"", b"").split(".")[1]
    with pytest.raises(SealBroken):
        SEALER.open(f"s1.{key_id}.{body}", b"")


def test_bits_to_spare_are_not_spare():
    """Two envelopes that decode alike would both open; one is enough."""
    sealed = SEALER.seal(b"attack at dawn!!", b"c")
    alphabet = base64.urlsafe_b64encode(bytes(range(256))).decode().rstrip("=")
    for character in set(alphabet) - {sealed[-1]}:
        with pytest.raises(SealBroken):
            SEALER.open(sealed[:-1] + character, b"c")


def test_an_old_key_still_opens_and_the_new_one_seals():
    sealed = Sealer([OLD]).seal(b"kept", b"c")
    assert SEALER.open(sealed, b"c") == b"kept"
    assert not SEALER.is_current(sealed)
    anew = SEALER.seal(b"kept", b"c")
    assert SEALER.is_current(anew)
    with pytest.raises(SealBroken):
        Sealer([OLD]).open(anew, b"c")


def test_the_key_id_cannot_be_exchanged():
    version, _, body = Sealer([OLD]).seal(b"x", b"c").split(".")
    new_id = SEALER.seal(b"x", b"c").split(".")[1]
    with pytest.raises(SealBroken):
        SEALER.open(f"{version}.{new_id}.{body}", b"c")


@pytest.mark.parametrize("keys", [[], [b"short"], [NEW, b"x" * 33]])
def test_a_sealer_takes_only_whole_keys(keys):
    with pytest.raises(BadKey):
        Sealer(keys)


@pytest.mark.parametrize(
    "text",
    [
        base64.b64encode(b"\xff" * 32).decode(),
        base64.urlsafe_b64encode(b"\xff" * 32).decode(),
        base64.urlsafe_b64encode(b"\xff" * 32).decode().rstrip("="),
        "ff" * 32,
        "  " + "FF" * 32 + "\n",
    ],
)
def test_a_key_may_be_written_in_four_ways(text):
    assert parse_key(text) == b"\xff" * 32


@pytest.mark.parametrize(
    "text", ["", "correct horse battery staple", "A" * 42, "A" * 44, "f" * 63, "é" * 43]
)
def test_what_is_no_key_is_refused_without_repeating_it(text):
    with pytest.raises(BadKey) as refusal:
        parse_key(text)
    assert not text or text not in str(refusal.value)


def test_a_key_file_is_made_once_and_is_private(tmp_path):
    path = tmp_path / "keys" / "kek"
    key = load_or_create_key(path)
    assert len(key) == 32
    assert load_or_create_key(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [entry.name for entry in path.parent.iterdir()] == ["kek"]


def test_a_generous_umask_changes_nothing(tmp_path):
    before = os.umask(0)
    try:
        load_or_create_key(tmp_path / "kek")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "kek").stat().st_mode) == 0o600


def test_a_key_that_anybody_may_write_is_refused(tmp_path):
    path = tmp_path / "kek"
    load_or_create_key(path)
    path.chmod(0o602)
    with pytest.raises(BadKey, match="written by anybody"):
        load_or_create_key(path)


def test_a_broken_key_file_is_left_alone(tmp_path):
    """A new key over an old file would lose everything the old one sealed."""
    path = tmp_path / "kek"
    path.write_text("not a key\n")
    with pytest.raises(BadKey):
        load_or_create_key(path)
    assert path.read_text() == "not a key\n"


def _load(path, start, answers):
    start.wait()
    answers.put(load_or_create_key(path))


def test_processes_that_start_together_get_one_key(tmp_path):
    context = multiprocessing.get_context("spawn")
    start, answers = context.Barrier(6), context.Queue()
    racers = [
        context.Process(target=_load, args=(tmp_path / "kek", start, answers))
        for _ in range(6)
    ]
    for racer in racers:
        racer.start()
    keys = {answers.get(timeout=60) for _ in racers}
    for racer in racers:
        racer.join()
    assert keys == {load_or_create_key(tmp_path / "kek")}
    assert [entry.name for entry in tmp_path.iterdir()] == ["kek"]
