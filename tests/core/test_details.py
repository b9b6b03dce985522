"""Authorization details: read strictly, compared whole, said in words (RFC 9396)."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver.core import details
from authserver.errors import InvalidDetails

PAY: dict[str, Any] = {
    "type": "payment",
    "actions": ["initiate", "status"],
    "amount": {"value": "12.50", "currency": "EUR"},
    "urgent": True,
}


@pytest.mark.spec("RFC 9396 §2")
@pytest.mark.parametrize(
    "bad",
    [
        "",
        "{}",
        "[]",
        '{"type":"payment"}',
        '["payment"]',
        "[null]",
        '[{"kind":"payment"}]',
        '[{"type":7}]',
        '[{"type":"payment","type":"other"}]',
        '[{"type":"payment","amount":NaN}]',
        '[{"type":"payment","amount":1e999}]',
        '[{"type":"payment","amount":' + "9" * 5000 + "}]",
        '[{"type":"payment","to":"a\\u0000b"}]',
        '[{"type":"payment","to":"\\ud800"}]',
        '[{"type":"payment","to":"\\u202egnp.exe"}]',
        '[{"type":"payment","\\u0007":1}]',
        "[" * 100_000,
        '[{"type":"payment","to":' + "[" * 14 + "]" * 14 + "}]",
        json.dumps([{"type": "payment"}] * 21),
        json.dumps([{"type": "payment", "to": "x" * 20_000}]),
    ],
)
def test_what_is_no_array_of_clean_objects_is_refused(bad: str) -> None:
    with pytest.raises(InvalidDetails):
        details.parse(bad)


@given(st.text(max_size=300))
def test_no_text_is_a_fault_of_ours(text: str) -> None:
    try:
        found = details.parse(text)
    except InvalidDetails:
        return
    assert all("type" in one for one in found)


def test_numbers_mean_the_same_after_a_table() -> None:
    (found,) = details.parse('[{"type":"t","n":1.0,"m":0.5,"k":12}]')
    assert json.dumps(found) == '{"type": "t", "n": 1, "m": 0.5, "k": 12}'
    assert details.parse(None) == []


@pytest.mark.spec("RFC 9396 §6")
@pytest.mark.parametrize(
    ("changed", "is_within"),
    [
        ({}, True),
        ({"actions": ["status"]}, True),
        ({"actions": ["status", "initiate"]}, True),
        ({"actions": ["status", "cancel"]}, False),
        ({"actions": []}, False),
        ({"amount": {"value": "12.51", "currency": "EUR"}}, False),
        ({"amount": {"currency": "EUR", "value": "12.50"}}, True),
        ({"urgent": 1}, False),
        ({"urgent": False}, False),
        ({"type": "other"}, False),
        ({"payee": "Me"}, False),
        ({"actions": None}, False),
    ],
)
def test_a_token_request_gets_what_was_granted_or_less(
    changed: dict[str, Any], is_within: bool
) -> None:
    asked = [PAY | changed]
    if is_within:
        assert details.narrowed([PAY], asked) == asked
    else:
        with pytest.raises(InvalidDetails):
            details.narrowed([PAY], asked)


@pytest.mark.parametrize("left_out", ["actions", "amount", "urgent"])
def test_a_field_that_is_left_out_is_no_narrowing(left_out: str) -> None:
    """Without its actions an object may mean all of them."""
    less = {name: value for name, value in PAY.items() if name != left_out}
    with pytest.raises(InvalidDetails):
        details.narrowed([PAY], [less])
    assert details.narrowed([PAY], []) == [PAY]
    with pytest.raises(InvalidDetails):
        details.narrowed([], [PAY])


def test_a_remembered_consent_covers_the_same_objects_alone() -> None:
    less = PAY | {"actions": ["status"]}
    assert details.covers([PAY, less], [less])
    assert details.covers(None, [])
    assert not details.covers([PAY], [less])
    assert not details.covers(None, [PAY])
    assert details.merged([PAY], [less, PAY]) == [PAY, less]


def test_a_person_is_told_of_every_field() -> None:
    sentence = "Pay {amount.value} {amount.currency} to {payee.name}"
    assert details.said(sentence, PAY) == "Pay 12.50 EUR to -"
    assert details.unsaid(sentence, PAY) == {
        "actions": ["initiate", "status"],
        "urgent": True,
    }
    assert details.in_words(PAY["actions"]) == "initiate, status"
    assert details.in_words({"a": [1, None, True]}) == "a: 1, -, true"


def test_a_sentence_reaches_values_alone() -> None:
    """No attribute, no index, no format of Python's."""
    sentence = "{__class__} {amount.__class__} {0} {amount[value]} {type!r} {}"
    said = details.said(sentence, PAY)
    assert said == "- - {0} {amount[value]} {type!r} {}"
