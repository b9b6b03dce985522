"""What holds for every input, not only for those that somebody thought of.

Redirect URIs, scopes, PKCE and the Basic header: the four readers that face bytes of
strangers and decide who is who and where answers go.
"""

from __future__ import annotations

import base64
import hashlib
import re
from urllib.parse import unquote_plus, urlsplit

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from authserver.core import redirects, scopes
from authserver.crypto import pkce
from authserver.errors import InvalidClient, InvalidScope
from authserver.oidc.client_auth import basic_credentials
from tests.support import relying_party

settings.register_profile("patient", deadline=None, database=None)
settings.load_profile("patient")

# --- redirect URIs (RFC 9700 §2.1, RFC 8252 §7.3) ------------------------------------

HOSTS = st.sampled_from(
    [
        "rp.example",
        "RP.example",
        "rp.example.",
        "127.0.0.1",
        "[::1]",
        "localhost",
        "é.x",
    ]
)
PATHS = st.text("/abc.%2Ee?#&=;@\\ \t\0é", max_size=12)
PORTS = st.sampled_from(
    ["", ":80", ":443", ":8080", ":0", ":65535", ":99999", ":x", ":"]
)
SCHEMES = st.sampled_from(
    ["https", "http", "HTTPS", "javascript", "com.example.app", ""]
)
URIS = st.builds(
    lambda scheme, user, host, port, path: f"{scheme}://{user}{host}{port}{path}",
    SCHEMES,
    st.sampled_from(["", "", "", "user@", "rp.example@", "a:b@"]),
    HOSTS,
    PORTS,
    PATHS,
)
ANYTHING = URIS | st.text(max_size=60)


@given(ANYTHING)
def test_a_registered_uri_is_itself(uri: str) -> None:
    assert redirects.is_registered(uri, [uri])


@given(ANYTHING, st.lists(ANYTHING, max_size=4))
@example("http://user@127.0.0.1/evil", ["https://rp.example/callback"])
@settings(max_examples=500)
def test_nothing_is_registered_by_resemblance(uri: str, known: list[str]) -> None:
    """Outside of http on a loopback address, it is there letter by letter or not."""
    if redirects.is_registered(uri, known) and uri not in known:
        assert uri.startswith(("http://127.0.0.1", "http://[::1]"))


@given(URIS, URIS)
@settings(max_examples=500)
def test_only_the_port_of_a_loopback_uri_is_free(uri: str, known: str) -> None:
    """Whatever else differs, differs."""
    assume(uri != known)
    if redirects.is_registered(uri, [known]):
        asked, kept = urlsplit(uri), urlsplit(known)
        assert asked.scheme == kept.scheme == "http"
        assert asked.hostname == kept.hostname
        assert asked.hostname in ("127.0.0.1", "::1")
        assert "@" not in asked.netloc
        tails = (u.partition("//")[2].partition("/") for u in (uri, known))
        rest = {"".join(t[1:]) for t in tails}
        assert len(rest) == 1 or asked._replace(netloc="") == kept._replace(netloc="")


@given(st.integers(1, 65535), st.sampled_from(["127.0.0.1", "[::1]"]))
def test_every_port_of_a_loopback_address_is_taken(port: int, host: str) -> None:
    assert redirects.is_registered(f"http://{host}:{port}/cb", [f"http://{host}/cb"])


@given(st.text("https:/rp.exampl@\\#?%&\t\n\0é. ", max_size=40) | ANYTHING)
def test_what_may_be_registered_can_be_redirected_to(uri: str) -> None:
    """Absolute, printable ASCII, no fragment, no user: nothing a header is split by."""
    if redirects.fault_of(uri) is None:
        parts = urlsplit(uri)
        assert parts.scheme and not parts.fragment and "#" not in uri
        assert uri.isascii() and uri.isprintable() and " " not in uri
        assert "\\" not in uri and parts.username is None
        assert parts.scheme not in ("javascript", "data", "vbscript", "file")
        if parts.scheme == "http":
            assert parts.hostname in ("127.0.0.1", "::1", "localhost")


# --- scopes (RFC 6749 §3.3) ------------------------------------------------------------

SCOPE_TOKEN = st.text(
    st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters='"\\'),
    min_size=1,
    max_size=12,
)


@given(st.text(max_size=80) | st.none())
def test_a_scope_is_read_or_refused(text: str | None) -> None:
    try:
        found = scopes.parse(text)
    except InvalidScope:
        return
    assert len(set(found)) == len(found)
    assert set(" ".join(found).split(" ")) == set((text or "").split(" ")) - {""} | (
        set() if found else {""}
    )
    for token in found:
        assert all(
            c == "\x21" or "\x23" <= c <= "\x5b" or "\x5d" <= c <= "\x7e" for c in token
        )


@given(st.lists(SCOPE_TOKEN, max_size=8))
def test_good_scopes_are_all_found_in_their_order(tokens: list[str]) -> None:
    assert scopes.parse(" ".join(tokens)) == tuple(dict.fromkeys(tokens))


@given(st.lists(SCOPE_TOKEN, max_size=6), st.lists(SCOPE_TOKEN, max_size=6))
def test_narrowing_never_widens(asked: list[str], allowed: list[str]) -> None:
    kept = scopes.narrow(tuple(asked), " ".join(allowed))
    assert set(kept) == set(asked) & set(allowed)


# --- PKCE (RFC 7636) --------------------------------------------------------------------

UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
VERIFIERS = st.text(UNRESERVED, min_size=43, max_size=128)


def s256(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@given(VERIFIERS)
def test_every_good_verifier_meets_its_challenge(verifier: str) -> None:
    assert pkce.matches(verifier, s256(verifier))
    assert pkce.is_valid_challenge(s256(verifier))


@given(VERIFIERS, VERIFIERS)
def test_no_other_verifier_does(verifier: str, other: str) -> None:
    assume(verifier != other)
    assert not pkce.matches(other, s256(verifier))


@given(st.text(max_size=140) | st.binary(max_size=50) | st.none() | st.integers())
def test_what_is_no_verifier_meets_nothing(thing: object) -> None:
    """Not even its own text: that would be the method `plain`."""
    text = thing if isinstance(thing, str) else repr(thing)
    good = 43 <= len(text) <= 128 and set(text) <= set(UNRESERVED)
    assert pkce.is_valid_verifier(thing) == (isinstance(thing, str) and good)
    assert not pkce.matches(thing, thing)
    assert not pkce.matches(thing, text)
    if not pkce.is_valid_verifier(thing):
        assert not pkce.matches(thing, s256(text.encode("utf-8", "replace").decode()))


@given(VERIFIERS, st.integers(0, 200))
def test_a_verifier_that_was_cut_or_padded_meets_nothing(
    verifier: str, length: int
) -> None:
    other = (
        (verifier + verifier)[:length] if length != len(verifier) else verifier + "="
    )
    assume(other != verifier)
    assert not pkce.matches(other, s256(verifier))
    for challenge in (s256(verifier) + "=", s256(verifier)[:-1], verifier[:43]):
        assert not pkce.matches(verifier, challenge)


@given(st.text(max_size=50))
def test_a_challenge_is_what_s256_can_yield(text: str) -> None:
    letters = set(UNRESERVED) - set(".~")
    assert pkce.is_valid_challenge(text) == (len(text) == 43 and set(text) <= letters)


# --- the Basic header (RFC 6749 §2.3.1) -----------------------------------------------

HALVES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30)


@given(HALVES, HALVES)
def test_what_was_form_encoded_is_read_again(client_id: str, secret: str) -> None:
    """Colons, pluses, percent signs and letters beyond ASCII survive."""
    assert basic_credentials(relying_party.basic(client_id, secret)) == (
        client_id,
        secret,
    )


@given(st.binary(max_size=60) | HALVES.map(str.encode))
def test_what_stands_in_base64_is_read_or_refused(joined: bytes) -> None:
    """And what is read is UTF-8 with a colon, its first one."""
    header = "Basic " + base64.b64encode(joined).decode()
    try:
        client_id, secret = basic_credentials(header)
    except InvalidClient:
        return
    before, colon, after = joined.decode().partition(":")
    assert colon and client_id and secret
    assert (client_id, secret) == (unquote_plus(before), unquote_plus(after))


@given(st.text(max_size=60))
def test_what_is_no_base64_is_refused(text: str) -> None:
    """Never mended: a letter that is not of the alphabet makes it worthless."""
    assume(not re.fullmatch(r"\s*[A-Za-z0-9+/]*={0,2}\s*", text))
    with pytest.raises(InvalidClient):
        basic_credentials(f"Basic {text}")
