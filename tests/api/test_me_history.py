"""One's own history at /v1: tries to sign in, and the security log."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

import pytest

from tests.support.caller import PASSWORD, Caller


@pytest.fixture
def me(api: Caller, ada: str) -> Caller:
    api.sign_in(ada)
    return api


def test_granted_and_refused_tries_of_ones_own_the_latest_first(
    me: Caller, make_caller: Callable[..., Caller], ada: str
) -> None:
    other = make_caller(ip="198.51.100.9")
    other.sign_up("grace@example.test")
    other.sign_in("grace@example.test")
    stranger = make_caller(ip="198.51.100.8")
    stranger.post("/auth/signin", {"email": ada, "password": "wrong"})
    records = me.data(me.get("/users/me/login-history"))["records"]
    assert [(r["status"], r["ip_address"]) for r in records] == [
        ("failure", "198.51.100.8"),
        ("success", "203.0.113.7"),
    ]
    assert records[0]["failure_reason"] == "wrong password"
    assert records[0]["auth_method"] == "password"


def test_pages_go_on_after_the_last_row(me: Caller, ada: str) -> None:
    for _ in range(6):
        me.post("/auth/signin", {"email": ada, "password": PASSWORD})
    seen: list[int] = []
    cursor = ""
    while cursor is not None:
        page = me.data(me.get(f"/users/me/login-history?limit=3{cursor}"))
        seen += [record["id"] for record in page["records"]]
        following = page["nextCursor"]
        cursor = f"&cursor={following}" if following else None
    assert len(seen) == len(set(seen)) == 7
    assert seen == sorted(seen, reverse=True)


def written(keys: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(keys).encode()).decode().rstrip("=")


@pytest.mark.parametrize("path", ["login-history", "security-logs"])
@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "%00",
        "é",
        written({}),
        written([]),
        written(["x"]),
        written([None]),
        written([True]),
        written([-1]),
        written([1.5]),
        written([2**63]),
        written([1, 2]),
        written([[1]]),
    ],
)
def test_a_cursor_that_is_not_ours_is_refused(
    me: Caller, path: str, cursor: str
) -> None:
    answer = me.get(f"/users/me/{path}?cursor={cursor}")
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == "cursor"


@pytest.mark.parametrize("limit", ["0", "201", "-1", "x", "1e3", ""])
def test_how_many_at_most(me: Caller, limit: str) -> None:
    assert me.get(f"/users/me/security-logs?limit={limit}").status_code == 422


def test_the_security_log_says_what_happened_and_whether_it_was_oneself(
    me: Caller,
) -> None:
    me.patch("/users/me", {"full_name": "Ada King"})
    records = me.data(me.get("/users/me/security-logs"))["records"]
    assert records[0]["event"] == "user:profile:changed"
    assert records[0]["by_you"] is True
    assert len(records[0]["trace_id"]) == 32
    assert "facts" not in records[0]
    assert "actor_id" not in records[0]
