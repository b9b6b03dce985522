"""Tokens in cookies, the double submit, and other origins (C23)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from werkzeug.http import parse_cookie

from tests.support.caller import PASSWORD, Caller

COOKIES = {"X_Token_Delivery": "cookie"}
FRIEND = "https://app.example.test"


@pytest.fixture
def set_to(app: Flask) -> Iterator[Callable[..., None]]:
    """Change settings of the running application."""
    before = app.extensions["services"]

    def change(**settings: Any) -> None:
        chosen = replace(before.settings, **settings)
        app.extensions["services"] = replace(before, settings=chosen)

    yield change
    app.extensions["services"] = before


def cookies_of(answer: Any) -> dict[str, str]:
    lines = answer.headers.getlist("Set-Cookie")
    return {line.split("=", 1)[0]: line for line in lines}


def enter(api: Caller, email: str) -> Any:
    given = {"email": email, "password": PASSWORD}
    return api.post("/auth/signin", given, **COOKIES)


def test_tokens_come_in_cookies_out_of_reach_of_scripts(api: Caller, ada: str) -> None:
    answer = enter(api, ada)
    data = api.data(answer)
    assert data["tokenType"] == "Cookie"
    assert not {"accessToken", "refreshToken"} & data.keys()
    found = cookies_of(answer)
    for name, age in (("__Host-access", 900), ("__Host-refresh", 7 * 86400)):
        line = found[name]
        for flag in ("HttpOnly", "Secure", "SameSite=Lax", "Path=/", f"Max-Age={age}"):
            assert flag in line
        assert "Domain" not in line
    readable = found["__Host-csrf"]
    assert "HttpOnly" not in readable
    assert parse_cookie(readable)["__Host-csrf"] == data["csrfToken"]


def test_a_call_by_cookie_needs_the_header_unless_it_only_reads(
    api: Caller, ada: str
) -> None:
    """Another site can make a browser send the cookie, and not read the token."""
    token = api.data(enter(api, ada))["csrfToken"]
    given = {"password": PASSWORD}
    for header in ({}, {"X_CSRF_Token": "x"}, {"X_CSRF_Token": token[::-1]}):
        refused = api.post("/auth/reauthenticate", given, **header)
        assert (refused.status_code, refused.json["code"]) == (400, "AUTH_007")
    assert (
        api.post("/auth/reauthenticate", given, X_CSRF_Token=token).status_code == 200
    )


def test_the_token_of_another_browser_does_not_fit(
    api: Caller, make_caller: Callable[..., Caller], ada: str
) -> None:
    enter(api, ada)
    theirs = make_caller().data(make_caller().get("/auth/csrf"))["csrfToken"]
    given = {"password": PASSWORD}
    refused = api.post("/auth/reauthenticate", given, X_CSRF_Token=theirs)
    assert refused.json["code"] == "AUTH_007"


def test_the_token_can_be_asked_for(api: Caller, ada: str) -> None:
    enter(api, ada)
    answer = api.get("/auth/csrf")
    token = api.data(answer)["csrfToken"]
    assert "__Host-csrf" in cookies_of(answer)
    given = {"password": PASSWORD}
    assert (
        api.post("/auth/reauthenticate", given, X_CSRF_Token=token).status_code == 200
    )


def test_refreshing_by_cookie(api: Caller, ada: str) -> None:
    token = api.data(enter(api, ada))["csrfToken"]
    first = api.client.get_cookie("__Host-refresh", domain="auth.example.test")
    assert api.post("/auth/refresh", {}).json["code"] == "AUTH_007"
    answer = api.post("/auth/refresh", {}, X_CSRF_Token=token)
    assert api.data(answer)["tokenType"] == "Cookie"
    second = api.client.get_cookie("__Host-refresh", domain="auth.example.test")
    assert first.value != second.value
    api.client.delete_cookie("__Host-refresh", domain="auth.example.test")
    assert api.post("/auth/refresh", {}, X_CSRF_Token=token).status_code == 401


def test_signing_out_takes_the_cookies_back(api: Caller, ada: str) -> None:
    token = api.data(enter(api, ada))["csrfToken"]
    assert api.post("/auth/logout", {}).json["code"] == "AUTH_007"
    answer = api.post("/auth/logout", {}, X_CSRF_Token=token)
    assert answer.status_code == 204
    assert {"__Host-access", "__Host-refresh"} <= cookies_of(answer).keys()
    for name in ("__Host-access", "__Host-refresh"):
        assert api.client.get_cookie(name, domain="auth.example.test") is None


def test_the_operator_may_choose_cookies_for_all(
    api: Caller, ada: str, set_to: Callable[..., None]
) -> None:
    """COOKIE_MODE=true; a call may still say otherwise."""
    set_to(cookie_mode=True)
    given = {"email": ada, "password": PASSWORD}
    assert api.data(api.post("/auth/signin", given))["tokenType"] == "Cookie"
    plain = api.post("/auth/signin", given, X_Token_Delivery="body")
    assert api.data(plain)["tokenType"] == "Bearer"


def test_only_named_origins_may_read(api: Caller, set_to: Callable[..., None]) -> None:
    set_to(cors_origins=(FRIEND,))
    friend = api.get("/", Origin=FRIEND)
    assert friend.headers["Access-Control-Allow-Origin"] == FRIEND
    assert friend.headers["Access-Control-Allow-Credentials"] == "true"
    strangers = [
        "https://evil.example",
        "null",
        f"{FRIEND}.evil.example",
        FRIEND.replace("https", "http"),
        f"{FRIEND}:8443",
        "https://APP.example.test",
    ]
    for origin in strangers:
        answer = api.get("/", Origin=origin)
        names = [n for n, _ in answer.headers if n.startswith("Access-Control")]
        assert names == [], origin
        assert "Origin" in answer.headers["Vary"]


def test_a_preflight_is_answered_for_named_origins(
    api: Caller, set_to: Callable[..., None]
) -> None:
    """Fetch §3.2.2; what our own front ends send may be sent."""
    set_to(cors_origins=(FRIEND,))
    wish = {
        "Access_Control_Request_Method": "POST",
        "Access_Control_Request_Headers": "content-type,x-csrf-token",
    }
    answer = api.call("OPTIONS", "/auth/signin", Origin=FRIEND, **wish)
    allowed = answer.headers["Access-Control-Allow-Headers"].lower()
    assert answer.status_code == 200
    assert {"content-type", "x-csrf-token", "x-token-delivery"} <= set(
        allowed.split(", ")
    )
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    refused = api.call("OPTIONS", "/auth/signin", Origin="https://evil.example", **wish)
    assert "Access-Control-Allow-Origin" not in refused.headers


def test_without_a_list_no_origin_may(api: Caller) -> None:
    assert "Access-Control-Allow-Origin" not in api.get("/", Origin=FRIEND).headers


@pytest.mark.parametrize(
    "origins",
    ["*", "app.example.com", "https://app.example.com/", "http://app.example.com",
     "https://App.example.com", "https://u@app.example.com", "null"],
)  # fmt: skip
def test_an_origin_that_no_browser_writes_is_refused_at_the_start(origins: str) -> None:
    from authserver.config import load
    from authserver.errors import ConfigError

    with pytest.raises(ConfigError, match="CORS_ORIGINS"):
        load({"APP_ENV": "test", "CORS_ORIGINS": origins})
