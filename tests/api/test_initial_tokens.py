"""Tokens to register apps with, by operators (RFC 7591 §3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.caller import Caller

Enter = Callable[..., Caller]
PATH = "/admin/initial-tokens"


def test_a_token_is_made_listed_and_revoked(enter: Enter) -> None:
    """It is told once; revoking keeps it on the list."""
    root = enter("super_admin", "root")
    made = root.post(PATH, {"uses": 3, "days": 2, "note": "Partner"})
    assert made.status_code == 201
    token = made.json["data"]
    assert token["token"] and (token["uses"], token["uses_left"]) == (3, 3)
    (listed,) = root.get(PATH).json["data"]
    assert "token" not in listed and listed["note"] == "Partner"
    ended = root.call("DELETE", f"{PATH}/{token['id']}")
    assert ended.status_code == 200 and ended.json["data"]["revoked_at"]
    assert root.get(PATH).json["data"][0]["revoked_at"]


@pytest.mark.parametrize(
    ("field", "wish"),
    [("uses", 0), ("uses", "3"), ("days", 0), ("days", 4000), ("note", "x" * 201),
     ("profile", "magic"), ("token", "mine")],
)  # fmt: skip
def test_a_bad_wish_is_named(enter: Enter, field: str, wish: Any) -> None:
    answer = enter("super_admin", "root").post(PATH, {field: wish})
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json["errors"]] == [field]


def test_what_is_not_there_is_not_found(enter: Enter) -> None:
    root = enter("super_admin", "root")
    nobody = "00000000-0000-0000-0000-000000000000"
    assert root.call("DELETE", f"{PATH}/{nobody}").status_code == 404
    assert root.call("DELETE", f"{PATH}/x").status_code == 404
