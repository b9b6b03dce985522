"""Other services at /v1: who may begin what, and where browsers are sent on.

The way out and back with real providers is in ``tests/interop``.
"""

from __future__ import annotations

from collections.abc import Iterator
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from flask import Flask

from authserver.adapters.fetcher import Fetcher
from authserver.adapters.social.base import App
from authserver.adapters.social.github import GitHub
from authserver.http import provider_return
from tests.support.caller import ORIGIN, Caller
from tests.support.hub import Hub

FRONT_END = "https://app.example.test"


@pytest.fixture
def hub(app: Flask) -> Iterator[Hub]:
    """A service in GitHub's shape, set up here as ``github``."""
    providers = app.extensions["services"].attempts.providers
    with Hub("app", "secret") as hub:
        fetcher = Fetcher(allow_http=True, allowed=["127.0.0.1"])
        here = App("app", "secret", "read:user user:email")
        url, api_url = hub.url, f"{hub.url}/api"
        providers["github"] = GitHub(
            "github", "GitHub", here, fetcher, url=url, api_url=api_url
        )
        hub.next_is(7, login="ada", emails=[("new@example.test", True, True)])
        try:
            yield hub
        finally:
            del providers["github"]


def visit(url: str) -> str:
    """Do as a browser does there; give the path that it comes back by."""
    parts = urlsplit(url)
    line = HTTPConnection(parts.netloc, timeout=10)
    line.request("GET", f"{parts.path}?{parts.query}")
    back = line.getresponse().headers["Location"]
    line.close()
    assert back.startswith(f"{ORIGIN}/v1/")
    return back.removeprefix(f"{ORIGIN}/v1")


def begin(api: Caller, query: str = "", **headers: str) -> str:
    answer = api.get(f"/auth/oauth/github{query}", **headers)
    return api.data(answer)["authorizationUrl"]


def test_all_the_way(api: Caller, hub: Hub) -> None:
    found = api.data(api.get(visit(begin(api))))
    api.token = found["accessToken"]
    assert found["tokenType"] == "Bearer"
    assert api.data(api.get("/users/me"))["user"]["email"] == "new@example.test"
    (linked,) = api.data(api.get("/auth/oauth/connections"))
    assert linked["provider"] == "github"
    assert linked["name"] == "ada"
    assert linked["last_used_at"].endswith("Z")


def test_a_service_that_is_not_set_up_is_not_there(api: Caller) -> None:
    for path in ("/auth/oauth/github", "/auth/oauth/nobody"):
        assert api.get(path).json["code"] == "AUTH_003"


def test_a_parameter_that_comes_twice_is_none(api: Caller, hub: Hub) -> None:
    """RFC 6749 §3.1: two readers might see two answers."""
    back = visit(begin(api))
    state = back.split("state=")[1]
    assert api.get(f"{back}&state={state}").status_code == 410
    assert api.get(f"{back}&code=other").json["code"] == "AUTH_112"


# -- Linking


def test_linking_needs_a_recent_proof(api: Caller, ada: str, hub: Hub) -> None:
    """ASVS 7.5.3: another way in is sensitive."""
    api.sign_in(ada)
    api.clock.advance(minutes=11)
    answer = api.get("/auth/oauth/github?link=true")
    assert answer.json["code"] == "AUTH_104"


def test_linking_by_cookie_needs_the_csrf_token(
    api: Caller, ada: str, hub: Hub
) -> None:
    """C23: else a page elsewhere begins it, and its own account there is linked."""
    given = {"email": ada, "password": "Quatro-Faróis-47"}
    told = api.data(api.post("/auth/signin", given, X_Token_Delivery="cookie"))
    answer = api.get("/auth/oauth/github?link=true")
    assert answer.json["code"] == "AUTH_007"
    out = begin(api, "?link=true", X_CSRF_Token=told["csrfToken"])
    linked = api.data(api.get(visit(out)))["connection"]
    assert linked["provider"] == "github"


def test_unlinking_needs_a_recent_proof(api: Caller, ada: str, hub: Hub) -> None:
    api.sign_in(ada)
    api.data(api.get(visit(begin(api, "?link=true"))))
    api.clock.advance(minutes=11)
    answer = api.delete("/auth/oauth/connections/github")
    assert answer.json["code"] == "AUTH_104"
    given = {"password": "Quatro-Faróis-47"}
    api.data(api.post("/auth/reauthenticate", given))
    api.data(api.delete("/auth/oauth/connections/github"))
    answer = api.delete("/auth/oauth/connections/github")
    assert answer.json["code"] == "AUTH_003"


def test_a_sign_out_in_between_leaves_nothing_linked(
    api: Caller, ada: str, hub: Hub
) -> None:
    api.sign_in(ada)
    out = begin(api, "?link=true")
    api.data(api.post("/users/me/signout"))
    answer = api.get(visit(out))
    assert answer.json["code"] == "AUTH_102"


# -- Where browsers are sent on


@pytest.mark.parametrize(
    ("target", "is_known"),
    [
        (f"{FRONT_END}/in", True),
        (f"{FRONT_END}/in?tab=1", True),
        (FRONT_END, True),
        (f"{FRONT_END}/in#x", False),
        (f"{FRONT_END}.evil.test/in", False),
        (f"{FRONT_END}@evil.test/in", False),
        (f"{FRONT_END}:8443/in", False),
        ("http://app.example.test/in", False),
        ("https://APP.example.test/in", False),
        (f"{FRONT_END}\\@evil.test", False),
        (f"{FRONT_END}/a b", False),
        (f"{FRONT_END}/\r\nSet-Cookie: a=b", False),
        (f"{FRONT_END}/é", False),
        (f"{FRONT_END}/" + "a" * 3000, False),
        ("https://[::1", False),
        ("//app.example.test/in", False),
        ("javascript:alert(1)", False),
        ("/account", False),
        ("", False),
        (None, False),
    ],
)
def test_only_a_front_end_that_the_operator_named(
    app: Flask, monkeypatch: pytest.MonkeyPatch, target: str | None, is_known: bool
) -> None:
    from dataclasses import replace

    named = replace(app.extensions["services"].settings, cors_origins=(FRONT_END,))
    monkeypatch.setattr(provider_return, "settings", lambda: named)
    found = provider_return.may_return_to(target)
    assert found == (target if is_known else None)


def test_a_browser_goes_on_by_the_pages(api: Caller, hub: Hub) -> None:
    answer = api.get("/auth/oauth/github?return_to=/account", accept="text/html")
    assert answer.status_code == 303
    assert answer.location == "/oauth/github?next=/account"
    answer = api.get("/auth/oauth/github?return_to=//evil.test/", accept="text/html")
    assert answer.json["errors"][0]["field"] == "return_to"
