"""G1-G8: the rules that every answer keeps (OpenID Foundation suite, all plans)."""

from __future__ import annotations

import pytest
import requests

from tests.support import answer_rules
from tests.support.answer_rules import json_of, measured_bits, refused
from tests.support.browser import Browser, Page
from tests.support.person import Person
from tests.support.relying_party import RelyingParty

STATES = {
    "128": "s" * 64 + "T" * 64,
    "1000": "0123456789" * 100,
    "ascii": "".join(chr(c) for c in range(0x20, 0x7F)),
    "form": "a b+c%20d&code=x&iss=y#e?f=g;h",
    "markup": "\"'><script>alert(1)</script><!-- & &amp; &quot;",
    "unicode": "é 漢字 \U0001f511 \u202e שלום",
    "space": "  two  spaces  ",
}
MODES = [None, "query", "fragment", "form_post"]
UNKNOWN = {"extra": "foobar", "x-extra": "1", "ext[]": "é"}


@pytest.mark.spec("OIDF G1")
def test_g1_authorize_answers_get_and_post_alike(
    rp: RelyingParty, browser: Browser, ada: Person
) -> None:
    """`/authorize` accepts GET and POST (OIDC Core §3.1.2.1)."""
    by_get = rp.sign_in(browser, ada)
    ask = rp.ask()
    start = browser.post_from_elsewhere(ask.endpoint, ask.params)
    by_post = rp.finish(ask, ada.walk(browser, start))
    assert by_post.claims["sub"] == by_get.claims["sub"]


@pytest.mark.spec("OIDF G1")
def test_g1_unknown_parameters_are_ignored_at_every_endpoint(
    rp: RelyingParty, browser: Browser, ada: Person
) -> None:
    """RFC 6749 §3.1 and §3.2: unrecognised parameters are ignored."""
    ask = rp.ask(scope="openid offline_access", prompt="consent", **UNKNOWN)
    reply = rp.receive(ask, ada.walk(browser, browser.open(ask.url)).departure)
    tokens = json_of(rp.redeem(ask, reply["code"], **UNKNOWN))
    access, refresh = tokens["access_token"], tokens["refresh_token"]
    assert json_of(rp.introspect(access, **UNKNOWN))["active"] is True
    told = rp.http.get(
        rp.metadata["userinfo_endpoint"],
        params=UNKNOWN,
        headers={"Authorization": f"Bearer {access}"},
    )
    assert json_of(told)["sub"]
    refreshed = json_of(rp.refresh(refresh, **UNKNOWN))
    assert rp.revoke(refreshed["access_token"], **UNKNOWN).status_code == 200
    url = rp.logout_url(
        id_token_hint=tokens["id_token"],
        post_logout_redirect_uri=rp.registration.post_logout_redirect_uri,
        **UNKNOWN,
    )
    left = ada.walk(browser, browser.open(url)).departure
    assert left.url == rp.registration.post_logout_redirect_uri


@pytest.mark.spec("OIDF G2")
def test_g2_every_endpoint_is_https_or_loopback(rp: RelyingParty) -> None:
    """Every `*_endpoint` and `jwks_uri` is reached over TLS."""
    urls = {
        name: url
        for name, url in rp.metadata.items()
        if name.endswith("_endpoint") or name in ("jwks_uri", "issuer")
    }
    assert len(urls) >= 7
    assert all(answer_rules.is_safe_url(url) for url in urls.values()), urls


@pytest.mark.spec("OIDF G2")
@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": ""}, "invalid_request"),
        ({"grant_type": "urn:example:none"}, "unsupported_grant_type"),
        ({"grant_type": "authorization_code"}, "invalid_request"),
        ({"grant_type": "authorization_code", "code": "nonsense"}, "invalid_grant"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "x.y"}, "invalid_grant"),
    ],
)
def test_g2_a_token_refusal_is_400_json(
    rp: RelyingParty, form: dict[str, str], error: str
) -> None:
    """RFC 6749 §5.2: never HTML, never 422, always a registered word."""
    redirect_uri = rp.registration.redirect_uri
    answer = rp.post("token_endpoint", redirect_uri=redirect_uri, **form)
    refused(answer, error, status=400)


@pytest.mark.spec("OIDF G2")
@pytest.mark.parametrize(
    "endpoint", ["token_endpoint", "introspection_endpoint", "revocation_endpoint"]
)
def test_g2_an_unknown_client_is_401_json(rp: RelyingParty, endpoint: str) -> None:
    """RFC 6749 §5.2: who tried Basic is answered with 401 and a challenge."""
    answer = rp.http.post(
        rp.metadata[endpoint],
        data={"grant_type": "client_credentials", "token": "x"},
        auth=(rp.registration.client_id, "not-the-secret"),
    )
    refused(answer, "invalid_client", status=401)
    assert answer.headers["WWW-Authenticate"].lower().startswith("basic")


@pytest.mark.spec("OIDF G2")
def test_g2_userinfo_without_a_token_is_401(rp: RelyingParty) -> None:
    """RFC 6750 §3.1: no credentials, no error code; bad ones, `invalid_token`."""
    without = requests.get(rp.metadata["userinfo_endpoint"], timeout=10)
    assert without.status_code == 401
    assert without.headers["WWW-Authenticate"].startswith("Bearer")
    assert "error=" not in without.headers["WWW-Authenticate"]
    wrong = rp.userinfo("nonsense")
    assert wrong.status_code == 401
    assert 'error="invalid_token"' in wrong.headers["WWW-Authenticate"]


@pytest.mark.spec("OIDF G3")
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
def test_g3_state_comes_back_as_sent(
    rp: RelyingParty, browser: Browser, ada: Person, state: str, mode: str | None
) -> None:
    """Byte for byte, in success and in refusal, with `iss` beside it (RFC 9207)."""
    asked = {"state": state, "response_mode": mode}
    stranger = browser.open((ask := rp.ask(prompt="none", **asked)).url)
    rp.refused(ask, ada.walk(browser, stranger).departure, "login_required")
    assert rp.sign_in(browser, ada, **asked).reply["state"] == state


@pytest.mark.spec("OIDF G3")
def test_g3_no_state_is_answered_with_no_state(
    rp: RelyingParty, browser: Browser, ada: Person
) -> None:
    """RFC 6749 §4.1.2: REQUIRED only if it was in the request."""
    assert "state" not in rp.sign_in(browser, ada, state=None).reply


@pytest.mark.spec("OIDF G3")
@pytest.mark.spec("RFC 9207 §3")
def test_g3_the_issuer_is_advertised_and_named(
    rp: RelyingParty, browser: Browser, ada: Person
) -> None:
    """`iss` stands in both kinds of answer, and metadata says so."""
    assert rp.metadata["authorization_response_iss_parameter_supported"] is True
    ask = rp.ask(prompt="none")
    params = ada.walk(browser, browser.open(ask.url)).departure.params
    assert (params["error"], params["iss"]) == ("login_required", rp.issuer)
    assert rp.sign_in(browser, ada).reply["iss"] == rp.issuer


@pytest.mark.spec("OIDF G4")
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("change", "errors"),
    [
        ({"prompt": "none"}, ("login_required",)),
        ({"prompt": "none login"}, ("invalid_request",)),
        ({"prompt": "nonsense"}, ("invalid_request",)),
        ({"max_age": "soon"}, ("invalid_request",)),
        ({"response_type": "nonsense"}, ("unsupported_response_type",)),
        ({"code_challenge": "short"}, ("invalid_request",)),
        ({"request": "e30.e30."}, ("invalid_request_object",)),
        ({"request_uri": "https://rp.example/r"}, ("invalid_request_uri",)),
    ],
)
def test_g4_a_refusal_holds_nothing_unheard_of(
    rp: RelyingParty,
    browser: Browser,
    ada: Person,
    change: dict[str, str],
    errors: tuple[str, ...],
    mode: str | None,
) -> None:
    """Error redirects hold `error`, `error_description`, `error_uri`, `state`, `iss`."""
    ask = rp.ask(response_mode=mode, **change)
    rp.refused(ask, ada.walk(browser, browser.open(ask.url)).departure, *errors)


@pytest.mark.spec("OIDF G4")
@pytest.mark.spec("RFC 9700 §2.1.2")
@pytest.mark.parametrize("response_type", ["token", "id_token", "code token", "none"])
def test_g4_other_response_types_are_refused(
    rp: RelyingParty, browser: Browser, ada: Person, response_type: str
) -> None:
    """Wherever such an answer belongs, query or fragment: no token, and state kept."""
    ask = rp.ask(response_type=response_type)
    params = ada.walk(browser, browser.open(ask.url)).departure.params
    assert params["error"] in ("unsupported_response_type", "unauthorized_client")
    assert params["state"] == ask.params["state"]
    assert set(params) <= answer_rules.MAY_STAND_IN_AN_ERROR


@pytest.mark.spec("OIDF G4")
def test_g4_a_person_who_denies_is_heard(
    rp: RelyingParty, browser: Browser, ada: Person
) -> None:
    """RFC 6749 §4.1.2.1: `access_denied`, and nothing unheard of beside it."""
    ask = rp.ask(prompt="consent")
    walk = ada.walk(browser, browser.open(ask.url), consents=False)
    assert walk.pages == ("signin", "consent")
    rp.refused(ask, walk.departure, "access_denied")


@pytest.mark.spec("OIDF G5")
def test_g5_codes_and_tokens_cannot_be_guessed(
    rp: RelyingParty, browser: Browser, ada: Person
) -> None:
    """At least 96 and 128 measured bits, whatever all of them have in common."""
    flows = [
        rp.sign_in(browser, ada, scope="openid offline_access", prompt="consent")
        for _ in range(6)
    ]
    codes = [flow.reply["code"] for flow in flows]
    refresh = [flow.tokens["refresh_token"] for flow in flows]
    access = [flow.tokens["access_token"] for flow in flows]
    for secrets, bits in ((codes, 96), (refresh, 128), (access, 128)):
        assert len(set(secrets)) == len(secrets)
        shared = sum(
            1 for column in zip(*secrets, strict=False) if len(set(column)) == 1
        )
        least = min(measured_bits(secret) for secret in secrets)
        length = min(len(secret) for secret in secrets)
        assert least * (length - shared) / length >= bits, "too much is the same"


@pytest.mark.spec("OIDF G6")
def test_g6_the_id_token_is_what_openid_connect_says(
    rp: RelyingParty, browser: Browser, ada: Person
) -> None:
    """RS256 by default, one key by `kid`, nonce echoed, and no personal claims."""
    assert "RS256" in rp.metadata["id_token_signing_alg_values_supported"]
    flow = rp.sign_in(browser, ada, scope="openid profile email address phone")
    assert {"iss", "sub", "aud", "exp", "iat", "nonce"} <= set(flow.claims)
    assert answer_rules.header_of(flow.tokens["id_token"])["alg"] == "RS256"


@pytest.mark.spec("OIDF G6")
@pytest.mark.parametrize("length", [1, 43, 384, 2000])
def test_g6_a_nonce_of_any_length_is_echoed(
    rp: RelyingParty, browser: Browser, ada: Person, length: int
) -> None:
    """Never truncated (F20): a nonce of 384 characters is one that clients send."""
    nonce = ("0123456789" * 200)[:length]
    assert rp.sign_in(browser, ada, nonce=nonce).claims["nonce"] == nonce


@pytest.mark.spec("OIDF G7")
def test_g7_the_key_set_is_public_and_its_kids_distinct(rp: RelyingParty) -> None:
    """Held at every look by `answer_rules.key_set`; here an RS256 key is in it."""
    assert any(key.alg == "RS256" for key in rp.keys.keys)


@pytest.mark.spec("OIDF G8")
def test_g8_token_answers_tell_their_life_and_are_not_stored(
    rp: RelyingParty, browser: Browser, ada: Person
) -> None:
    """200, Bearer, `expires_in`, `Cache-Control: no-store`; from a refresh as well."""
    flow = rp.sign_in(browser, ada, scope="openid offline_access", prompt="consent")
    answer_rules.token_answer(rp.refresh(flow.tokens["refresh_token"]))


@pytest.mark.spec("OIDF G8")
@pytest.mark.spec("RFC 6749 §3.3")
def test_g8_a_scope_that_was_changed_is_told(
    rp: RelyingParty, browser: Browser, ada: Person
) -> None:
    """Unknown values are ignored, and the answer says which were granted."""
    ask = rp.ask(scope="openid no-such-scope")
    walk = ada.walk(browser, browser.open(ask.url))
    params = rp.receive(ask, walk.departure)
    if params.get("error") != "invalid_scope":
        tokens = answer_rules.token_answer(rp.redeem(ask, params["code"]))
        assert set(tokens["scope"].split()) == {"openid"}


def test_a_page_of_the_server_is_never_framed_nor_kept(
    rp: RelyingParty, browser: Browser
) -> None:
    """RFC 9700 §4.16 and §4.2.4: the sign-in page is neither framed nor cached."""
    page = browser.open(rp.ask(prompt="login").url)
    assert isinstance(page, Page)
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["Referrer-Policy"] in ("no-referrer", "same-origin")
    assert "no-store" in page.headers["Cache-Control"]
