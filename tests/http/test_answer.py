"""What every answer carries, and carries once."""

from typing import Any

import pytest


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/account", 303),
        ("GET", "/static/style.css?v=1", 200),
        ("GET", "/signup", 200),
        ("GET", "/static/style.css", 200),
        ("GET", "/userinfo", 401),
        ("OPTIONS", "/token", 200),
        ("POST", "/token", 400),
        ("GET", "/v1/users/me", 401),
        ("GET", "/nowhere", 404),
        ("HEAD", "/signup", 200),
    ],
)
def test_no_header_comes_twice(app: Any, method: str, path: str, status: int) -> None:
    answer = app.test_client().open(path, method=method, buffered=True)
    assert answer.status_code == status
    names = [name.lower() for name, _ in answer.headers]
    several = {"set-cookie", "www-authenticate"}
    once = [name for name in names if name not in several]
    assert len(once) == len(set(once)), once
    assert {"x-content-type-options", "x-trace-id", "cache-control"} <= set(once)


@pytest.mark.parametrize("host", ["evil.example", "auth.example.test:80", "", "[", "é"])
def test_a_host_header_decides_nothing(app: Any, host: str) -> None:
    """Where we are is settled by our settings: links and redirects do not follow it."""
    asked = {"client_id": "nobody", "response_type": "code"}
    for path in ("/account", "/authorize", "/signup"):
        answer = app.test_client().get(path, query_string=asked, headers={"Host": host})
        assert answer.status_code < 500
        told = answer.get_data(as_text=True) + answer.headers.get("Location", "")
        assert not host or f"//{host}" not in told
