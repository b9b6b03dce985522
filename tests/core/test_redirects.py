"""Redirect URIs: exact, but for the port of a loopback address."""

import pytest

from authserver.core.redirects import fault_of, is_registered

APP = "https://app.example/cb"


@pytest.mark.parametrize(
    "uri",
    [
        "https://app.example/cb/",
        "https://app.example/CB",
        "https://APP.example/cb",
        "https://app.example:443/cb",
        "https://app.example/cb?x=1",
        "https://app.example/cb#x",
        "https://app.example/%63b",
        "https://app.example/../cb",
        "https://app.example\\@evil.example/cb",
        "https://user@app.example/cb",
        "https://app.example./cb",
        "http://app.example/cb",
        "https://app.example/cb ",
        "https://app.example/c\tb",
        "",
    ],
)
def test_nothing_but_the_very_text_is_registered(uri: str) -> None:
    """RFC 9700 §4.1.3."""
    assert not is_registered(uri, [APP])
    assert is_registered(APP, [APP])


@pytest.mark.parametrize(
    ("uri", "fits"),
    [
        ("http://127.0.0.1:51004/cb", True),
        ("http://127.0.0.1/cb", True),
        ("http://[::1]:51004/cb", False),
        ("http://localhost:51004/cb", False),
        ("http://127.0.0.1:51004/other", False),
        ("http://127.0.0.1:51004/cb?x=1", False),
        ("https://127.0.0.1:51004/cb", False),
        ("http://127.0.0.1:99999/cb", False),
        ("http://127.0.0.1:/cb", False),
        ("http://x@127.0.0.1:51004/cb", False),
        ("http://127.0.0.1.evil.example:51004/cb", False),
    ],
)
def test_a_native_app_may_choose_its_port(uri: str, *, fits: bool) -> None:
    """RFC 8252 §7.3: loopback IP only, and every other byte the same."""
    assert is_registered(uri, ["http://127.0.0.1:8000/cb"]) is fits


@pytest.mark.parametrize(
    ("uri", "is_good"),
    [
        (APP, True),
        ("https://app.example/cb?foo=bar", True),
        ("http://127.0.0.1/cb", True),
        ("http://localhost:3001/cb", True),
        ("com.example.app:/cb", True),
        ("app:/cb", False),
        ("http://app.example/cb", False),
        ("https://app.example/cb#part", False),
        ("https:///cb", False),
        ("//app.example/cb", False),
        ("/cb", False),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("https://u:p@app.example/cb", False),
        ("https://app.example/c b", False),
        ("https://app.example/\N{SNOWMAN}", False),
        ("https://app.example:bad/cb", False),
        ("https://app.example;script-src/cb", False),
        ("https://app.example'x/cb", False),
        ("https://[2001:db8::1]:8443/cb", True),
    ],
)
def test_what_may_be_registered(uri: str, *, is_good: bool) -> None:
    """RFC 6749 §3.1.2, RFC 8252 §7.1."""
    assert (fault_of(uri) is None) is is_good
