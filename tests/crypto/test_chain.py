"""Links: each answers for its line and for all before it."""

import datetime as dt
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver.crypto.chain import START, Chain, UnknownKey, canonical

KEY, OTHER = b"k" * 32, b"o" * 32
LINE = {"id": 1, "event": "a:b:c", "facts": {"x": [1, None, "é"]}, "position": 1}


def test_a_link_fits_its_line_in_its_place():
    chain = Chain([KEY])
    link = chain.link(START, LINE)
    assert chain.fits(link, START, LINE)
    assert not chain.fits(link, START, LINE | {"id": 2})
    assert not chain.fits(link, link, LINE)
    assert not chain.fits(None, START, LINE)
    assert not chain.fits("", START, LINE)
    assert not chain.fits(link[:-1], START, LINE)
    assert not chain.fits(f"{link[:-1]}é", START, LINE)


def test_without_the_key_there_is_no_link():
    link = Chain([OTHER]).link(START, LINE)
    with pytest.raises(UnknownKey):
        Chain([KEY]).fits(link, START, LINE)
    forged = Chain([KEY]).link(START, LINE).partition(".")[0] + "." + link[9:]
    assert not Chain([KEY]).fits(forged, START, LINE)


def test_an_older_key_still_counts_and_makes_no_more():
    old = Chain([OTHER]).link(START, LINE)
    both = Chain([KEY, OTHER])
    assert both.fits(old, START, LINE)
    assert both.link(START, LINE) == Chain([KEY]).link(START, LINE)


def test_one_spelling():
    noon = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
    there = noon.astimezone(dt.timezone(dt.timedelta(hours=-3)))
    key = uuid.UUID(int=1)
    assert canonical({"b": noon, "a": key}) == canonical({"a": str(key), "b": there})
    assert b"2026-11-20T12:00:00.000000+00:00" in canonical({"a": noon})
    with pytest.raises(TypeError):
        canonical({"a": object()})


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)
lines = st.dictionaries(st.text(max_size=6), values, max_size=4)


@given(lines, lines)
def test_two_lines_have_one_link_only_if_they_are_one(first, second):
    chain = Chain([KEY])
    same = chain.fits(chain.link(START, first), START, second)
    assert same == (canonical(first) == canonical(second))
