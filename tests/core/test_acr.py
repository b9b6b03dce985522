"""The classes of authentication that we tell of (OIDC Core §5.5.1.1, RFC 9470 §4)."""

from typing import Any

import pytest

from authserver.core import acr


@pytest.mark.parametrize(
    ("amr", "reached"),
    [
        (["pwd"], "1"),
        (["pwd", "otp", "mfa"], "2"),
        (["pwd", "kba", "mfa"], "2"),
        (["hwk", "user", "mfa"], "phr"),
        (["pwd", "swk", "user", "mfa"], "phr"),
        (["hwk"], "1"),
        ([], "1"),
    ],
)
def test_the_proofs_say_the_class(amr: list[str], reached: str) -> None:
    assert acr.reached(amr) == reached


@pytest.mark.parametrize(
    ("asked", "has", "told"),
    [
        ("1 2", "1", "1"),
        ("1 2", "2", "2"),
        ("1 2", "phr", "2"),
        ("1", "phr", "1"),
        ("phr", "2", "2"),
        ("urn:of:others", "2", "2"),
        ("", "phr", "phr"),
    ],
)
def test_one_of_the_list_is_told_where_it_was_reached(
    asked: str, has: str, told: str
) -> None:
    assert acr.told(asked.split(), has) == told
    assert acr.satisfies(asked.split(), has) == (told in asked.split())


def wish(**facts: Any) -> dict[str, Any]:
    return {"id_token": {"acr": facts}, "userinfo": {}}


@pytest.mark.parametrize(
    ("values", "claims", "default", "asked"),
    [
        (None, None, (), set()),
        ("2 urn:of:others", None, (), {"2"}),
        ("urn:of:others", None, ("2",), set()),
        (None, wish(values=["1", "phr"]), (), {"1", "phr"}),
        (None, wish(value="2"), (), {"2"}),
        ("1", wish(values=["2"]), (), {"1"}),
        ("1", wish(values=["2"], essential=True), (), {"2"}),
        (None, wish(essential=True), ("2",), {"2"}),
        (None, {"id_token": {"acr": None}}, (), set()),
        (None, None, ("phr",), {"phr"}),
    ],
)
def test_what_is_asked_for(
    values: str | None, claims: Any, default: tuple[str, ...], asked: set[str]
) -> None:
    assert acr.asked_by(values, claims, default) == asked


def test_only_values_can_refuse() -> None:
    assert acr.essential_in(wish(essential=True)) == frozenset()
    assert acr.essential_in(wish(essential=True, values=["x"])) == {"x"}
    assert acr.essential_in(wish(values=["x"])) == frozenset()
    assert acr.essential_in(None) == frozenset()
