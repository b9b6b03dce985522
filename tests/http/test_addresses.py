"""Addresses that are put together once are those that routing would give."""

import pytest
from flask import Flask, url_for

from authserver.http.redirects import to

NEXT = "/account?a=1&b=é +%2F#x"


@pytest.mark.parametrize(
    ("endpoint", "query"),
    [
        ("web.account", {}),
        ("web.show_signin", {"interaction": None, "next": None}),
        ("web.show_signin", {"interaction": "7", "next": NEXT}),
        ("oidc.resume", {"interaction": "a'b\"<&>"}),
    ],
)
@pytest.mark.parametrize("root", ["", "/id"])
def test_they_are_the_same(
    app: Flask, endpoint: str, query: dict[str, str | None], root: str
) -> None:
    for _ in range(2):
        with app.test_request_context(environ_overrides={"SCRIPT_NAME": root}):
            assert to(endpoint, **query) == url_for(endpoint, **query)
            assert to(endpoint, **query).startswith(f"{root}/")
