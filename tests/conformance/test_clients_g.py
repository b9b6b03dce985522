"""G10-G14: how clients prove themselves, and are told no; G9 is with Dynamic OP."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest

from tests.support import answer_rules
from tests.support.answer_rules import json_of, refused
from tests.support.browser import Browser, Page
from tests.support.person import Person
from tests.support.relying_party import RelyingParty, basic, s256

VERIFIERS = {
    "43": "A" * 22 + "a" * 21,
    "128": "0123456789-._~ABC" * 7 + "abcdefghi",
    "marks": "-._~" * 11,
}


@pytest.mark.spec("OIDF G10")
def test_g10_a_confidential_client_may_go_without_pkce(
    rp: RelyingParty, browser: Browser, ada: Person
) -> None:
    """PKCE is not compulsory for all: one of the 38 Basic modules sends it."""
    flow = rp.sign_in(browser, ada, pkce=False)
    assert flow.ask.verifier is None and flow.claims["sub"]


@pytest.mark.spec("OIDF G10")
@pytest.mark.spec("RFC 9700 §2.1.1")
def test_g10_a_public_client_may_not(
    public_rp: RelyingParty, browser: Browser, ada: Person
) -> None:
    """RFC 7636 §4.4.1: told by redirect, before anybody is asked for a password."""
    ask = public_rp.ask(pkce=False)
    departure = ada.walk(browser, browser.open(ask.url)).departure
    public_rp.refused(ask, departure, "invalid_request")


@pytest.mark.spec("OIDF G10")
@pytest.mark.spec("RFC 9700 §2.1.1")
def test_g10_a_client_of_the_oauth21_profile_may_not(
    enrol_client: Callable[..., RelyingParty], browser: Browser, ada: Person
) -> None:
    """The profile asks every client for a challenge."""
    strict = enrol_client(profile="oauth21")
    ask = strict.ask(pkce=False)
    departure = ada.walk(browser, browser.open(ask.url)).departure
    strict.refused(ask, departure, "invalid_request")
    assert strict.sign_in(browser, ada, pkce=True).claims["sub"]


@pytest.mark.spec("OIDF G10")
@pytest.mark.spec("RFC 7636 §4.1")
@pytest.mark.parametrize("verifier", VERIFIERS.values(), ids=VERIFIERS)
def test_g10_the_whole_alphabet_of_verifiers_is_taken(
    public_rp: RelyingParty, browser: Browser, ada: Person, verifier: str
) -> None:
    """`[A-Za-z0-9-._~]{43,128}`: `.` and `~` too."""
    ask = public_rp.ask(code_challenge=s256(verifier))
    walk = ada.walk(browser, browser.open(ask.url))
    reply = public_rp.receive(ask, walk.departure)
    answer = public_rp.redeem(ask, reply["code"], code_verifier=verifier)
    answer_rules.token_answer(answer)


@pytest.mark.spec("OIDF G11")
@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize(
    ("method", "algorithm"),
    [
        ("client_secret_basic", ""),
        ("client_secret_post", ""),
        ("client_secret_jwt", "HS256"),
        ("private_key_jwt", "RS256"),
        ("private_key_jwt", "PS256"),
        ("private_key_jwt", "ES256"),
        ("private_key_jwt", "EdDSA"),
        ("none", ""),
    ],
)
def test_g11_every_method_of_client_authentication_works(
    enrol_client: Callable[..., RelyingParty],
    browser: Browser,
    ada: Person,
    method: str,
    algorithm: str,
) -> None:
    """OIDC Core §9: each advertised method goes the whole road."""
    client = enrol_client(auth_method=method, key_algorithm=algorithm or "RS256")
    assert method in client.metadata["token_endpoint_auth_methods_supported"]
    if algorithm:
        advertised = "token_endpoint_auth_signing_alg_values_supported"
        assert algorithm in client.metadata[advertised]
    flow = client.sign_in(browser, ada, scope="openid offline_access", prompt="consent")
    tokens = answer_rules.token_answer(client.refresh(flow.tokens["refresh_token"]))
    if method != "none":
        assert json_of(client.introspect(tokens["access_token"]))["active"] is True
    assert client.revoke(tokens["refresh_token"]).status_code == 200
    refused(client.refresh(tokens["refresh_token"]), "invalid_grant")


@pytest.mark.spec("OIDF G11")
@pytest.mark.spec("RFC 6749 §2.3.1")
def test_g11_basic_is_form_decoded(
    rp: RelyingParty, browser: Browser, ada: Person
) -> None:
    """Both halves are form-encoded by the client, so `%41` is an `A`."""
    me = rp.registration
    flow = rp.sign_in(browser, ada, scope="openid offline_access", prompt="consent")
    halves = ["".join(f"%{b:02X}" for b in h.encode()) for h in _secrets(rp)]
    encoded = base64.b64encode(":".join(halves).encode()).decode()
    answer = rp.http.post(
        rp.metadata["token_endpoint"],
        data={
            "grant_type": "refresh_token",
            "refresh_token": flow.tokens["refresh_token"],
        },
        headers={"Authorization": f"Basic {encoded}"},
    )
    answer_rules.token_answer(answer)
    assert basic(me.client_id, me.client_secret) != f"Basic {encoded}"


def _secrets(rp: RelyingParty) -> tuple[str, str]:
    assert rp.registration.client_secret is not None
    return rp.registration.client_id, rp.registration.client_secret


@pytest.mark.spec("OIDF G12")
def test_g12_userinfo_tells_every_standard_claim_in_its_type(
    rp: RelyingParty, browser: Browser, ada: Person
) -> None:
    """OIDC Core §5.1: strings, booleans, one number and one object."""
    flow = rp.sign_in(browser, ada, scope="openid profile email address phone")
    told = json_of(rp.userinfo(flow.tokens["access_token"]))
    assert set(told) >= answer_rules.PERSONAL | {"sub"}, answer_rules.PERSONAL - set(
        told
    )
    types = {
        "updated_at": (int, float),
        "email_verified": bool,
        "phone_number_verified": bool,
        "address": dict,
    }
    for name in answer_rules.PERSONAL:
        assert isinstance(told[name], types.get(name, str)), (name, told[name])
        assert told[name] != "", name
    assert not isinstance(told["updated_at"], bool)


@pytest.mark.spec("OIDF G13")
@pytest.mark.parametrize(
    "scope",
    ["profile openid", "phone address email profile openid", "openid openid email"],
)
def test_g13_the_order_of_scopes_means_nothing(
    rp: RelyingParty, browser: Browser, ada: Person, scope: str
) -> None:
    """RFC 6749 §3.3: a list of values whose order does not matter."""
    flow = rp.sign_in(browser, ada, scope=scope)
    granted = flow.tokens.get("scope", scope).split()
    assert sorted(granted) == sorted(set(scope.split()))


@pytest.mark.spec("OIDF G13")
@pytest.mark.parametrize("scope", ["openid no-such-scope", "openid OPENID", "openid x"])
def test_g13_an_unknown_scope_breaks_nothing(
    rp: RelyingParty, browser: Browser, ada: Person, scope: str
) -> None:
    """Ignored, or `invalid_scope` by redirect."""
    ask = rp.ask(scope=scope)
    params = rp.receive(ask, ada.walk(browser, browser.open(ask.url)).departure)
    assert "code" in params or params["error"] == "invalid_scope"


UNTRUSTED = {
    "no client": {"client_id": None},
    "empty client": {"client_id": ""},
    "unknown client": {"client_id": "nobody"},
    "unknown redirect": {"redirect_uri": "https://evil.example/callback"},
    "empty redirect": {"redirect_uri": "about:blank"},
    "other path": {"redirect_uri": "https://rp.example/callback/other"},
}


@pytest.mark.spec("OIDF G14")
@pytest.mark.parametrize("mode", [None, "fragment", "form_post"])
@pytest.mark.parametrize("change", UNTRUSTED.values(), ids=UNTRUSTED)
def test_g14_an_untrusted_way_back_is_not_taken(
    rp: RelyingParty, browser: Browser, change: dict[str, str | None], mode: str | None
) -> None:
    """RFC 6749 §3.1.2.4: the person is told, and nobody is redirected."""
    page = browser.open(rp.ask(response_mode=mode, **change).url)
    assert isinstance(page, Page), f"redirected to {page}"
    assert 400 <= page.status < 500 and page.has("error", "trace-id")
    assert page.text("error-code") and page.text("trace-id")
