"""Redirect URIs that look like the registered one (RFC 9700 §2.1 and §4.1, RFC 8252)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.browser import Browser
from tests.support.hostile import pairs, refused_on_a_page, send
from tests.support.person import Person
from tests.support.relying_party import RelyingParty

pytestmark = pytest.mark.usefixtures("faultless")

LOOPBACK = "http://127.0.0.1/callback"
REDIRECT_TRICKS = [
    "https://rp.example@evil.example/callback",
    "https://rp.example:443@evil.example/callback",
    "https://evil.example#@rp.example/callback",
    "https://evil.example\\@rp.example/callback",
    "https://rp.example\\.evil.example/callback",
    "https:\\\\rp.example\\callback",
    "HTTPS://rp.example/callback",
    "https://RP.example/callback",
    "https://rp.example/Callback",
    "https://rp.example./callback",
    "https://rp.example:443/callback",
    "https://rp.example:8443/callback",
    "https://rp.example/callback/",
    "https://rp.example//callback",
    "https://rp.example/callback?",
    "https://rp.example/callback?a=b",
    "https://rp.example/callback#",
    "https://rp.example/callback#fragment",
    "https://rp.example/callback/../evil",
    "https://rp.example/callback/%2e%2e/evil",
    "https://rp.example/%63allback",
    "https://rp.example/callback%00",
    "https://rp.example/callback%0d%0aSet-Cookie:x=y",
    "https://rp.example/callback ",
    " https://rp.example/callback",
    "https://rp.example/callback\t",
    "https://rp.example/callback;a",
    "http://rp.example/callback",
    "//rp.example/callback",
    "/callback",
    "callback",
    "rp.example/callback",
    "https://evil.example/https://rp.example/callback",
    "https://rp.example.evil.example/callback",
    "https://sub.rp.example/callback",
    "https://rp.exаmple/callback",  # noqa: RUF001 -- a Cyrillic letter
    "https://xn--rp-example/callback",
    "javascript:alert(1)//https://rp.example/callback",
    "javascript://rp.example/callback%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "about:blank",
    "file:///etc/passwd",
    "urn:ietf:wg:oauth:2.0:oob",
    "https://[::1]/callback",
    "https://[rp.example]/callback",
    "https://",
    "https:",
    "https://127.0.0.1/callback",
    "http://127.0.0.1/callback",
    "http://user@127.0.0.1/callback",
    "http://127.0.0.1:80:80/callback",
    "*",
    "https://*/callback",
]


@pytest.mark.parametrize("uri", REDIRECT_TRICKS)
@pytest.mark.parametrize("mode", [None, "form_post"])
@pytest.mark.spec("RFC 9700 §2.1")
def test_a_redirect_uri_is_compared_as_it_is_written(
    rp: RelyingParty, uri: str, mode: str | None
) -> None:
    """Exactly: whatever looks like it, parses like it or begins like it is a page."""
    answer = send(
        rp.issuer,
        "/authorize?"
        + pairs(rp.ask(redirect_uri=uri, response_mode=mode).params.items()),
    )
    document = refused_on_a_page(answer)
    links = [link.get("href") for link in document.all("a")]
    assert uri not in links and not any("evil" in link for link in links)


@pytest.fixture(scope="session")
def native(enrol_client: Callable[..., RelyingParty]) -> RelyingParty:
    """An app on the person's machine."""
    return enrol_client(auth_method="none", redirect_uris=[LOOPBACK])


@pytest.mark.parametrize("uri", ["http://127.0.0.1:49152/callback", LOOPBACK])
@pytest.mark.spec("RFC 8252 §7.3")
def test_only_the_port_of_a_loopback_address_may_differ(
    native: RelyingParty, browser: Browser, ada: Person, uri: str
) -> None:
    """The app learns its port when it starts."""
    ask = native.ask(redirect_uri=uri)
    departure = ada.walk(browser, browser.open(ask.url)).departure
    assert departure.target == uri and "code" in departure.params


@pytest.mark.parametrize(
    "uri",
    [
        "http://127.0.0.1:49152/callback/other",
        "http://127.0.0.1:49152/callback?a=b",
        "http://localhost/callback",
        "http://localhost:49152/callback",
        "http://127.0.0.2/callback",
        "http://[::1]/callback",
        "http://0.0.0.0/callback",
        "http://127.1/callback",
        "http://2130706433/callback",
        "https://127.0.0.1/callback",
        "http://127.0.0.1:0x50/callback",
        "http://127.0.0.1:99999/callback",
        "http://127.0.0.1:-1/callback",
        "http://127.0.0.1:80:80/callback",
        "http://127.0.0.1:@evil.example/callback",
        "http://user@127.0.0.1:1/callback",
        "http://127.0.0.1:8080\\@evil.example/callback",
        "http://127.0.0.1.evil.example:1/callback",
    ],
)
@pytest.mark.spec("RFC 8252 §7.3")
def test_nothing_else_of_a_loopback_address_may_differ(
    native: RelyingParty, uri: str
) -> None:
    ask = native.ask(redirect_uri=uri)
    refused_on_a_page(send(native.issuer, "/authorize?" + pairs(ask.params.items())))
