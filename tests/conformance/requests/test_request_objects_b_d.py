"""B33, B34, B36, D19-D21: request objects (OIDC Core §6, RFC 9101)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.answer_rules import json_of
from tests.support.browser import Browser, Page
from tests.support.key_host import KeyHost
from tests.support.objects import (
    CALLBACKS,
    EVIL,
    carrying,
    code_of,
    encrypted,
    outside,
    told,
    unsigned,
)
from tests.support.person import Person
from tests.support.relying_party import RelyingParty


def test_what_is_taken_is_advertised(jar_rp: RelyingParty) -> None:
    """By value and by registered reference; never unsigned (Discovery §3)."""
    said = jar_rp.metadata
    assert said["request_parameter_supported"] is True
    assert said["request_uri_parameter_supported"] is True
    assert said["require_request_uri_registration"] is True
    algorithms = said["request_object_signing_alg_values_supported"]
    assert "RS256" in algorithms and "none" not in algorithms


@pytest.mark.spec("OIDF B33")
def test_b33_an_unsigned_object_at_an_address_is_refused_by_its_name(
    jar_rp: RelyingParty, host: KeyHost, browser: Browser, ada: Person
) -> None:
    """oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported."""
    ask = jar_rp.ask()
    host.say(unsigned(ask.params).encode())
    ask = carrying(ask, outside(jar_rp, ask, request_uri=host.url))
    told(jar_rp, ask, browser, ada, "request_uri_not_supported")


@pytest.mark.spec("OIDF B34")
@pytest.mark.spec("OIDF B36")
@pytest.mark.spec("OIDF D21")
@pytest.mark.parametrize("inside", [{}, {"redirect_uri": EVIL}])
def test_b34_b36_an_unsigned_object_is_refused_by_its_name(
    jar_rp: RelyingParty, browser: Browser, ada: Person, inside: dict[str, str]
) -> None:
    """And a redirect URI inside it leads nobody there (OIDC Core §6.1)."""
    ask = jar_rp.ask()
    request = unsigned(ask.params | inside)
    ask = carrying(ask, outside(jar_rp, ask, request=request))
    told(jar_rp, ask, browser, ada, "request_not_supported")


@pytest.mark.spec("OIDF B36")
@pytest.mark.spec("OIDF D21")
@pytest.mark.spec("RFC 9101 §6.3")
def test_b36_the_redirect_uri_inside_wins(
    jar_rp: RelyingParty, browser: Browser, ada: Person
) -> None:
    """oidcc-ensure-request-object-with-redirect-uri, signed."""
    inner = jar_rp.ask(redirect_uri=CALLBACKS[1])
    carried = outside(jar_rp, inner, request=jar_rp.request_object(inner))
    ask = carrying(inner, carried | {"redirect_uri": CALLBACKS[0]})
    assert code_of(jar_rp, ask, browser, ada)
    evil = jar_rp.request_object(inner, redirect_uri=EVIL)
    page = browser.open(carrying(inner, carried | {"request": evil}).url)
    assert isinstance(page, Page) and page.has("error"), page


@pytest.mark.spec("OIDF D19")
@pytest.mark.spec("OIDF D20")
@pytest.mark.spec("OIDC Core §6.2")
@pytest.mark.parametrize("fragment", ["", "#hash-of-something-else", "#another"])
def test_d19_d20_a_signed_object_is_fetched_from_a_registered_address(
    jar_rp: RelyingParty,
    host: KeyHost,
    browser: Browser,
    ada: Person,
    fragment: str,
) -> None:
    """RS256; what stands behind the # says what lies there, and is not sent."""
    ask = jar_rp.ask()
    host.say(jar_rp.request_object(ask).encode())
    uri = f"{host.url}{fragment}"
    before = host.asked
    assert code_of(
        jar_rp,
        carrying(ask, outside(jar_rp, ask, request_uri=uri)),
        browser,
        ada,
    )
    assert host.asked > before


@pytest.mark.spec("OIDC Core §6.2")
@pytest.mark.parametrize(
    "spelling",
    ["{}?x=1", "{}/", "http://127.0.0.1:1/r.jwt", "https://rp.example/r.jwt", "x"],
)
def test_an_address_that_is_not_registered_is_not_fetched(
    jar_rp: RelyingParty, host: KeyHost, browser: Browser, ada: Person, spelling: str
) -> None:
    """Whatever a stranger names: nothing is asked there."""
    ask, before = jar_rp.ask(), host.asked
    host.say(jar_rp.request_object(ask).encode())
    uri = spelling.format(host.url)
    ask = carrying(ask, outside(jar_rp, ask, request_uri=uri))
    told(jar_rp, ask, browser, ada, "invalid_request_uri")
    assert host.asked == before


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (404, b"", "invalid_request_uri"),
        (200, b"\xff" * 100, "invalid_request_object"),
        (200, b"x" * 100_000, "invalid_request_uri"),
        (200, b"", "invalid_request_object"),
        (200, b"a.b.c", "invalid_request_object"),
    ],
)
def test_an_address_that_answers_nonsense_is_told(
    jar_rp: RelyingParty,
    host: KeyHost,
    browser: Browser,
    ada: Person,
    status: int,
    body: bytes,
    error: str,
) -> None:
    host.status, host.body = status, body
    ask = jar_rp.ask()
    ask = carrying(ask, outside(jar_rp, ask, request_uri=host.url))
    try:
        told(jar_rp, ask, browser, ada, error)
    finally:
        host.status = 200


@pytest.mark.spec("RFC 9101 §5")
@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "EdDSA"])
def test_each_advertised_algorithm_signs(
    enrol_client: Callable[..., RelyingParty],
    browser: Browser,
    ada: Person,
    algorithm: str,
) -> None:
    """By value, with `client_id` alone beside it: the rest is inside."""
    rp = enrol_client(auth_method="private_key_jwt", key_algorithm=algorithm)
    assert algorithm in rp.metadata["request_object_signing_alg_values_supported"]
    ask = rp.ask(pkce=True)
    assert code_of(rp, rp.signed(ask), browser, ada)


@pytest.mark.spec("RFC 9101 §6.3")
def test_only_what_is_inside_counts(
    jar_rp: RelyingParty, browser: Browser, ada: Person
) -> None:
    """State, nonce, scope and prompt beside a signed request are anybody's."""
    ask = jar_rp.ask(state=None)
    beside = {"state": "x", "nonce": "x", "prompt": "none", "response_mode": "fragment"}
    flow = jar_rp.finish(
        jar_rp.signed(ask, beside=beside),
        ada.walk(browser, browser.open(jar_rp.signed(ask, beside=beside).url)),
    )
    assert flow.claims["nonce"] == ask.params["nonce"]


@pytest.mark.spec("OIDC Core §6.1")
def test_members_that_are_json_are_read(
    jar_rp: RelyingParty, browser: Browser, ada: Person
) -> None:
    """`claims` as an object, `max_age` as a number."""
    ask = jar_rp.ask()
    inside = {"claims": {"userinfo": {"name": {"essential": True}}}, "max_age": 10_000}
    signed = jar_rp.signed(ask, **inside)
    flow = jar_rp.finish(signed, ada.walk(browser, browser.open(signed.url)))
    assert "auth_time" in flow.claims
    assert json_of(jar_rp.userinfo(flow.tokens["access_token"]))["name"]


@pytest.mark.spec("RFC 9101 §6.1")
@pytest.mark.spec("OIDC Core §6.1")
@pytest.mark.parametrize("alg", ["RSA-OAEP-256", "ECDH-ES"])
@pytest.mark.parametrize("enc", ["A128CBC-HS256", "A256GCM"])
def test_a_signed_object_may_be_encrypted_to_a_published_key(
    sealing_rp: RelyingParty, browser: Browser, ada: Person, alg: str, enc: str
) -> None:
    """What discovery names works; the inside is nobody's to read on the way."""
    said = sealing_rp.metadata
    assert alg in said["request_object_encryption_alg_values_supported"]
    assert enc in said["request_object_encryption_enc_values_supported"]
    ask = sealing_rp.ask()
    sealed = encrypted(sealing_rp, sealing_rp.request_object(ask), alg, enc)
    asked = carrying(ask, outside(sealing_rp, ask, request=sealed))
    assert code_of(sealing_rp, asked, browser, ada)


@pytest.mark.spec("RFC 9101 §6.2")
def test_what_is_encrypted_and_not_signed_is_refused_by_its_name(
    sealing_rp: RelyingParty, browser: Browser, ada: Person
) -> None:
    """Anybody can encrypt to us."""
    ask = sealing_rp.ask()
    sealed = encrypted(sealing_rp, unsigned(ask.params), "ECDH-ES", "A256GCM")
    asked = carrying(ask, outside(sealing_rp, ask, request=sealed))
    told(sealing_rp, asked, browser, ada, "request_not_supported")
