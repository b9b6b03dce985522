"""npm's openid-client signs a person in, by every client authentication we offer.

The library is certified and validates strictly: what it does not believe is a
fault of ours.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.interop.stranger import Refused, Stranger
from tests.support.browser import Browser, Departure
from tests.support.enrolment import enrol_client
from tests.support.live import LiveServer
from tests.support.person import Person, Walk
from tests.support.relying_party import Registration

pytestmark = [pytest.mark.live, pytest.mark.interop]

CALLBACK = "https://rp.example/callback"
SIGNED_OUT = "https://rp.example/signed-out"
SCOPE = "openid profile email offline_access"

WAYS = {
    "basic": {"auth_method": "client_secret_basic"},
    "post": {"auth_method": "client_secret_post"},
    "secret-jwt": {"auth_method": "client_secret_jwt"},
    "key-jwt-rs256": {"auth_method": "private_key_jwt", "key_algorithm": "RS256"},
    "key-jwt-ps256": {"auth_method": "private_key_jwt", "key_algorithm": "PS256"},
    "key-jwt-es256": {"auth_method": "private_key_jwt", "key_algorithm": "ES256"},
    "key-jwt-ed25519": {
        "auth_method": "private_key_jwt",
        "key_algorithm": "Ed25519",
    },
    "public": {"auth_method": "none"},
}

# The same algorithms, as Web Crypto names them.
WEB_CRYPTO = {
    "RS256": {"name": "RSASSA-PKCS1-v1_5", "hash": "SHA-256"},
    "PS256": {"name": "RSA-PSS", "hash": "SHA-256"},
    "ES256": {"name": "ECDSA", "namedCurve": "P-256"},
    "Ed25519": {"name": "Ed25519"},
}


@pytest.fixture(scope="module")
def register(server: LiveServer, folder: Path):
    """One client for each way and wish, kept for all tests."""

    @cache
    def register(way: str, **more: Any) -> Registration:
        return enrol_client(server, folder, **WAYS[way], **more).registration

    return register


@pytest.fixture
def meet(server: LiveServer):
    """Let openid-client discover the server as this client."""
    met: list[Stranger] = []

    def meet(client: Registration, **more: Any) -> Stranger:
        if client.auth_method == "private_key_jwt":
            algorithm = WEB_CRYPTO[client.key_algorithm]
            more["key"] = {"jwk": client.key.as_dict(private=True)}
            more["key"]["algorithm"] = algorithm
        more = {"secret": client.client_secret, "auth": client.auth_method} | more
        stranger = Stranger(server.url, client.client_id, **more)
        met.append(stranger)
        return stranger

    yield meet
    for stranger in met:
        stranger.stop()


def authorize(
    stranger: Stranger, browser: Browser, person: Person, **asks: Any
) -> Walk:
    """Send the person off, and say which pages they saw and where they came back."""
    asks = {"redirect_uri": CALLBACK, "scope": SCOPE} | asks
    url = stranger.ask("authorize", **asks)
    return person.walk(browser, browser.open(url, from_elsewhere=True))


def come_back(stranger: Stranger, departure: Departure) -> dict[str, Any]:
    return stranger.ask("callback", url=departure.url, body=dict(departure.form))


def sign_in(stranger: Stranger, browser: Browser, person: Person, **asks: Any):
    return come_back(stranger, authorize(stranger, browser, person, **asks).departure)


@pytest.mark.parametrize("way", WAYS)
def test_the_whole_road(register, meet, browser, person, way):
    client = register(way)
    stranger = meet(client)

    tokens = sign_in(stranger, browser, person, max_age="600")
    assert tokens["token_type"].lower() == "bearer"
    assert tokens["lifetime"] > 0
    sub = tokens["claims"]["sub"]

    told = stranger.ask("userinfo", access_token=tokens["access_token"], sub=sub)
    assert told["name"] == "Ada Lovelace"
    assert told["email"] == person.email
    assert told["email_verified"] is True

    newer = stranger.ask("refresh", refresh_token=tokens["refresh_token"])
    assert newer["refresh_token"] != tokens["refresh_token"]
    assert newer["access_token"] != tokens["access_token"]
    assert newer["claims"]["auth_time"] == tokens["claims"]["auth_time"]
    assert newer["claims"]["sub"] == sub

    # RFC 7662 §2.1: a public client cannot show who asks.  So a resource server asks,
    # and refresh tokens are none of its business.
    judge = meet(register("basic")) if client.auth_method == "none" else stranger
    judged = ["access_token"] + ["refresh_token"] * (judge is stranger)
    for name in judged:
        assert judge.ask("introspect", token=newer[name])["active"] is True, name
    stranger.ask("revoke", token=newer["refresh_token"])
    for name in judged:
        assert judge.ask("introspect", token=newer[name]) == {"active": False}, name
    with pytest.raises(Refused, match="invalid_grant"):
        stranger.ask("refresh", refresh_token=newer["refresh_token"])
    with pytest.raises(Refused):
        stranger.ask("userinfo", access_token=newer["access_token"], sub=sub)

    out = stranger.ask(
        "logout",
        id_token_hint=newer["id_token"],
        post_logout_redirect_uri=SIGNED_OUT,
        state="s" * 128,
    )
    left = person.walk(browser, browser.open(out, from_elsewhere=True)).departure
    assert (left.target, left.params) == (SIGNED_OUT, {"state": "s" * 128})
    again = authorize(stranger, browser, person, prompt="none").departure
    assert again.params["error"] == "login_required"


def test_a_public_client_may_not_introspect(register, meet):
    """RFC 7662 §2.1: the endpoint MUST require some form of authorization."""
    stranger = meet(register("public"))
    with pytest.raises(Refused):
        stranger.ask("introspect", token="anything")


def test_a_wrong_secret_is_told_so(register, meet):
    stranger = meet(register("basic"), secret="not-the-secret")
    with pytest.raises(Refused) as refused:
        stranger.ask("client_credentials", scope="openid")
    assert refused.value.status == 401


def test_the_answer_may_come_as_a_form(register, meet, browser, person):
    """OAuth 2.0 Form Post Response Mode §2, without a line of JavaScript."""
    stranger = meet(register("basic"))
    walk = authorize(stranger, browser, person, response_mode="form_post")
    assert walk.departure.method == "POST"
    assert come_back(stranger, walk.departure)["claims"]["sub"]


def test_a_person_who_says_no_comes_back(register, meet, browser, person):
    stranger = meet(register("basic"))
    asks = {"redirect_uri": CALLBACK, "scope": SCOPE, "prompt": "consent"}
    start = browser.open(stranger.ask("authorize", **asks), from_elsewhere=True)
    walk = person.walk(browser, start, consents=False)
    with pytest.raises(Refused, match="access_denied"):
        come_back(stranger, walk.departure)


def test_the_second_sign_in_shows_no_page(register, meet, browser, person):
    stranger = meet(register("basic"))
    first = sign_in(stranger, browser, person)
    walk = authorize(stranger, browser, person, prompt="none")
    assert walk.pages == ()
    second = come_back(stranger, walk.departure)
    assert second["claims"]["sub"] == first["claims"]["sub"]


def test_a_code_works_once_and_its_return_ends_everything(
    register, meet, browser, person
):
    """RFC 6749 §4.1.2, as openid-client meets it."""
    stranger = meet(register("basic"))
    departure = authorize(stranger, browser, person).departure
    tokens = come_back(stranger, departure)
    with pytest.raises(Refused, match="invalid_grant"):
        come_back(stranger, departure)
    for name in ("access_token", "refresh_token"):
        assert stranger.ask("introspect", token=tokens[name]) == {"active": False}


def test_plain_oauth_is_found_by_its_own_document(register, meet, browser, person):
    """RFC 8414; no openid, and so no ID token."""
    stranger = meet(register("basic"), algorithm="oauth2")
    tokens = sign_in(stranger, browser, person, scope="profile")
    assert "id_token" not in tokens
    assert stranger.ask("introspect", token=tokens["access_token"])["active"] is True


def test_a_machine_gets_a_token_that_a_resource_server_can_check(register, meet):
    """RFC 6749 §4.4; RFC 9068 §4, by oauth4webapi's judgement."""
    client = register("basic", grant_types=("client_credentials",), redirect_uris=())
    stranger = meet(client)
    tokens = stranger.ask("client_credentials")
    audience = stranger.ask("introspect", token=tokens["access_token"])["aud"]
    audience = audience if isinstance(audience, str) else audience[0]
    claims = stranger.ask(
        "resource", access_token=tokens["access_token"], audience=audience
    )
    assert claims["sub"] == claims["client_id"] == client.client_id
    with pytest.raises(Refused):
        stranger.ask(
            "resource",
            access_token=tokens["access_token"],
            audience="https://another.example",
        )


def test_keys_that_rotate_do_not_disturb_who_has_cached_them(
    server, register, meet, browser, person
):
    """The next key is published before it signs: an old JWKS knows it already."""
    stranger = meet(register("basic"))
    sign_in(stranger, browser, person)
    server.cli("keys", "rotate", "--now")
    tokens = sign_in(stranger, browser, person)
    newer = stranger.ask("refresh", refresh_token=tokens["refresh_token"])
    assert newer["claims"]["sub"] == tokens["claims"]["sub"]


DEVICE = "urn:ietf:params:oauth:grant-type:device_code"


@pytest.mark.parametrize("way", ["public", "basic", "key-jwt-es256"])
def test_a_device_waits_and_is_answered(register, meet, browser, person, way):
    """RFC 8628, with the pauses that the library keeps by itself."""
    client = register(way, grant_types=(DEVICE, "refresh_token"), redirect_uris=())
    stranger = meet(client)
    begun = stranger.ask("device", scope=SCOPE)
    browser.open(begun["verification_uri_complete"], from_elsewhere=True)
    browser.submit("device-submit")
    browser.fill(username=person.username, password=person.password)
    browser.submit("login-submit")
    browser.submit("device-allow")
    tokens = stranger.ask("poll")
    sub = tokens["claims"]["sub"]
    told = stranger.ask("userinfo", access_token=tokens["access_token"], sub=sub)
    assert told["name"] == "Ada Lovelace"
    newer = stranger.ask("refresh", refresh_token=tokens["refresh_token"])
    assert newer["claims"]["sub"] == sub


def test_a_device_that_is_not_wanted_is_told_so(register, meet, browser, person):
    client = register("public", grant_types=(DEVICE,), redirect_uris=())
    stranger = meet(client)
    begun = stranger.ask("device", scope="openid")
    browser.open(begun["verification_uri_complete"], from_elsewhere=True)
    browser.submit("device-submit")
    browser.fill(username=person.username, password=person.password)
    browser.submit("login-submit")
    browser.submit("device-deny")
    with pytest.raises(Refused, match="access_denied"):
        stranger.ask("poll")
