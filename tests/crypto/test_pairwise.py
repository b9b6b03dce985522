"""Pairwise subjects: OIDC Core §8.1, one demand after the other."""

import uuid

import pytest

from authserver.crypto import pairwise

KEY, OTHER_KEY = pairwise.new_key(), pairwise.new_key()
ADA, GRACE = uuid.uuid4(), uuid.uuid4()
HOME = "rp.example"


def test_one_person_is_one_subject_at_one_sector_for_ever():
    assert pairwise.conceal(KEY, HOME, ADA) == pairwise.conceal(KEY, HOME, ADA)


@pytest.mark.parametrize(
    ("key", "sector", "person"),
    [(OTHER_KEY, HOME, ADA), (KEY, "other.example", ADA), (KEY, HOME, GRACE)],
    ids=["key", "sector", "person"],
)
def test_another_key_sector_or_person_is_another_subject(key, sector, person):
    assert pairwise.conceal(key, sector, person) != pairwise.conceal(KEY, HOME, ADA)


def test_a_subject_is_short_ascii_and_says_nothing_of_the_person():
    """OIDC Core §2: at most 255 ASCII characters; §8.1: not reversible by others."""
    sub = pairwise.conceal(KEY, HOME, ADA)
    assert len(sub) == 43 and sub.isascii()
    assert ADA.hex not in sub and str(ADA) not in sub


def test_whoever_has_the_key_finds_the_person_again():
    assert pairwise.reveal(KEY, HOME, pairwise.conceal(KEY, HOME, ADA)) == ADA


def test_what_nobody_has_sealed_is_nobody():
    good = pairwise.conceal(KEY, HOME, ADA)
    foreign = pairwise.conceal(KEY, "other.example", ADA)
    changed = ("A" if good[0] != "A" else "B") + good[1:]
    spare = good[:-1] + chr(ord(good[-1]) + 1)
    made_up = [foreign, changed, spare, "", "x" * 43, good + "=", good[:-1], str(ADA)]
    for sub in [*made_up, None, 7, "é" * 43, "\ud800" * 43]:
        assert pairwise.reveal(KEY, HOME, sub) is None, sub
