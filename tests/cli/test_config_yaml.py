"""Configuration files as text: what is written is read, what is hostile is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver.cli import config_file
from authserver.cli.config_yaml import MAX_BYTES, read, write

TEXTS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12
)
SCALARS = (
    TEXTS
    | st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(
        ["no", "on", "1e3", "007", "08", "<<", "=", "~", "12:30", "\x85\u2028"]
    )
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3)
    ),
    max_leaves=12,
)


@given(VALUES)
def test_what_is_written_is_read(value):
    tree = read(write(value))
    assert (tree.value, tree.faults) == (value, [])


def test_a_language_is_no_refusal_and_a_word_is_no_date():
    tree = read("no: yes\nday: 2026-01-01\nclock: 12:30\nmode: 0777\nis: true\n")
    assert tree.value == {
        "no": "yes",
        "day": "2026-01-01",
        "clock": "12:30",
        "mode": "0777",
        "is": True,
    }


def test_each_thing_has_its_line():
    tree = read("a:\n  - b: 1\n    c:\n      - x\n      - y\n")
    assert tree.line(("a", 0, "b")) == 2
    assert tree.line(("a", 0, "c", 1)) == 5
    assert tree.line(("a", 0, "not there")) == 2
    assert tree.line(("not there",)) == 1


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("a: 1\nb: &x 1\n", 2, "Anchors"),
        ("a: 1\nb: *x\n", 2, "Anchors"),
        ("a: 1\nb: !!python/object/apply:os.system [id]\n", 2, "Tags"),
        ("a: 1\nb: !mine 1\n", 2, "Tags"),
        ("a: 1\na: 2\n", 2, "twice"),
        ("a: 1\n? [1]\n: 2\n", 2, "name must be text"),
        ('a: 1\nb: "\\0"\n', 2, "Not valid text"),
        ('a: 1\nb: "\\ud800"\n', 2, "Not valid text"),
        ("a: 1\n---\nb: 2\n", 2, "One document"),
        ("a: 1\nb: [\n", 3, "No YAML"),
        ("a: 1\nb: \x07\n", 1, "character"),
        (f"a: 1\nb: {'9' * 5000}\n", 2, "too long"),
        (f"a: 1\nb: {'9' * 400}.0\n", 2, "too long"),
        ("[" * 5000 + "]" * 5000, 1, "Too deep"),
    ],
)
def test_what_is_hostile_is_a_fault_on_its_line(text, line, word):
    (fault,) = read(text).faults
    assert fault[0] == line
    assert word in fault[1]


def test_a_file_without_end_is_refused_unread():
    document = config_file.read(b"[" * (MAX_BYTES + 1))
    (fault,) = document.faults
    assert (fault.line, "longer" in fault.said) == (1, True)
    assert document.sections == {}
