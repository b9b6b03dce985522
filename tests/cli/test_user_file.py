"""Files of people: what is in them, on which line, and what is no such file."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver.cli.user_file import CHUNK, LONGEST_RECORD, format_of, records
from authserver.errors import ConfigError


def read(text, kind="csv"):
    return [(r.line, dict(r.given), r.fault) for r in records(io.StringIO(text), kind)]


def test_rows_with_their_lines():
    text = 'email,full_name\na@x.test,A\nb@x.test,"B\nof two lines"\nc@x.test,C\n'
    assert read(text) == [
        (2, {"email": "a@x.test", "full_name": "A"}, ""),
        (3, {"email": "b@x.test", "full_name": "B\nof two lines"}, ""),
        (5, {"email": "c@x.test", "full_name": "C"}, ""),
    ]


def test_semicolons_where_the_comma_is_for_decimals():
    assert read("email;nome\r\na@x.test;A, B\r\n")[0][1]["nome"] == "A, B"


def test_a_row_that_is_none_is_a_fault_and_the_next_is_read():
    text = "email,full_name\na@x.test\n\nb@x.test,B,C\nc@x.test,C\n"
    assert [(line, fault) for line, _, fault in read(text)] == [
        (2, "has 1 fields, the first line 2"),
        (4, "has 3 fields, the first line 2"),
        (5, ""),
    ]


def test_a_row_that_does_not_end_or_is_too_long_is_a_fault():
    ((line, _, fault),) = read('email\n"a@x.test\n')
    assert (line, fault.startswith("is no row of a CSV file")) == (2, True)
    found = read(f"email\n{'x' * (LONGEST_RECORD + 1)}\nb@x.test\n")
    assert "is no row" in found[0][2]


@pytest.mark.parametrize("text", ["", "\n", "email,shoe_size\n", "a@x.test,Ada\n"])
def test_a_file_whose_first_line_names_no_fields_is_refused(text):
    with pytest.raises(ConfigError, match="Line 1"):
        read(text)


ADA, BOB = {"email": "a@x.test", "roles": ["user"]}, {"email": "b@x.test"}


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (json.dumps([ADA, BOB]), [1, 1]),
        (json.dumps([ADA, BOB], indent=1), [2, 8]),
        (f"{json.dumps(ADA)}\n{json.dumps(BOB)}\n", [1, 2]),
        (f"\n\n{json.dumps(ADA)}\n\n{json.dumps(BOB)}", [3, 5]),
        (json.dumps(ADA) + json.dumps(BOB), [1, 1]),
    ],
)
def test_an_array_or_an_object_on_each_line(text, lines):
    found = read(text, "json")
    assert [given for _, given, _ in found] == [ADA, BOB]
    assert [line for line, _, _ in found] == lines


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("", []),
        ("[]", []),
        ("[5, {}]", ["is no JSON object", ""]),
        ("5", ["is no JSON object"]),
        ('[{"email": NaN}]', ["is no JSON, and ends the reading"]),
        ('[{"a": 1}, {"b"', ["", "is no JSON, and ends the reading"]),
        ('[{"a": 1}', ["", "the array does not end"]),
        ("[" * 100_000, ["is no JSON, and ends the reading"]),
        ("{" + '"a":{' * 50_000, ["is no JSON, and ends the reading"]),
        ("nonsense", ["is no JSON, and ends the reading"]),
    ],
)
def test_json_that_is_none_is_a_fault_where_it_stands(text, faults):
    found = [fault for _, _, fault in read(text, "json")]
    assert len(found) == len(faults)
    assert all(said.startswith(why) for said, why in zip(found, faults, strict=True))


def test_an_object_longer_than_a_piece_of_reading_is_whole_and_one_too_long_is_none():
    long = {"email": "a@x.test", "metadata": {"x": "y" * (3 * CHUNK)}}
    assert read(json.dumps([long, BOB]), "json")[0][1] == long
    endless = io.StringIO('[{"email": "' + "x" * (3 * LONGEST_RECORD))
    assert len(list(records(endless, "json"))) == 1
    assert endless.tell() < 2 * LONGEST_RECORD


def test_what_is_not_utf_8_is_refused(tmp_path):
    path = tmp_path / "people.csv"
    path.write_bytes("email,nome\na@x.test,João\n".encode("latin-1"))
    with path.open(encoding="utf-8") as file, pytest.raises(ConfigError, match="UTF-8"):
        list(records(file, "csv"))


def test_the_name_of_a_file_tells_its_format(tmp_path):
    assert format_of(tmp_path / "a.CSV", None) == "csv"
    assert format_of(tmp_path / "a.jsonl", None) == "json"
    assert format_of(tmp_path / "a.csv", "json") == "json"
    with pytest.raises(ConfigError, match="--format"):
        format_of(tmp_path / "a.txt", None)


@given(st.text(max_size=200), st.sampled_from(["csv", "json"]))
def test_whatever_a_file_holds_is_read_or_refused(text, kind):
    try:
        for record in records(io.StringIO(text), kind):
            assert record.line >= 1
    except ConfigError:
        assert kind == "csv"
