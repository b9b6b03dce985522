"""B1-B16 and B22-B27: plain flows of the Basic OP plan, and as Form Post.

Each test runs twice, with the answer by query and by form_post; B17-B21 and B28-B38
are in `test_basic_sessions_b.py` and `test_basic_tokens_b.py`.
"""

from __future__ import annotations

import json

import pytest
from joserfc import jws

from tests.support import answer_rules
from tests.support.answer_rules import json_of
from tests.support.browser import Browser, Page
from tests.support.person import Person
from tests.support.relying_party import RelyingParty

SCOPES = {
    "B9": "profile",
    "B10": "email",
    "B11": "address",
    "B12": "phone",
    "B13": "profile email address phone",
}
CLAIMS_OF = {
    "profile": answer_rules.PERSONAL
    - {"email", "email_verified", "address", "phone_number", "phone_number_verified"},
    "email": {"email", "email_verified"},
    "address": {"address"},
    "phone": {"phone_number", "phone_number_verified"},
}


@pytest.mark.spec("OIDF B1")
def test_b1_the_plain_code_flow(
    client: RelyingParty, browser: Browser, ada: Person
) -> None:
    """oidcc-server: discovery, code, tokens, and userinfo of the same `sub`."""
    flow = client.sign_in(browser, ada)
    assert flow.pages[0] == "signin"
    told = json_of(client.userinfo(flow.tokens["access_token"]))
    assert told["sub"] == flow.claims["sub"]


@pytest.mark.spec("OIDF B2")
def test_b2_a_missing_response_type_is_refused(
    client: RelyingParty, browser: Browser, ada: Person
) -> None:
    """By redirect with state, or as a page."""
    ask = client.ask(response_type=None)
    walk = ada.walk(browser, browser.open(ask.url))
    if isinstance(walk.end, Page):
        assert walk.end.has("error") and 400 <= walk.end.status < 500
    else:
        words = ("invalid_request", "unsupported_response_type")
        client.refused(ask, walk.departure, *words)


@pytest.mark.spec("OIDF B3")
def test_b3_a_client_without_a_wish_gets_rs256(
    client: RelyingParty, browser: Browser, ada: Person
) -> None:
    """oidcc-idtoken-signature: signed by the one key of the JWKS with that `kid`."""
    flow = client.sign_in(browser, ada)
    signed = jws.extract_compact(flow.tokens["id_token"].encode())
    key = client.keys.get_by_kid(signed.headers()["kid"])
    assert jws.validate_compact(signed, key, algorithms=["RS256"])


@pytest.mark.spec("OIDF B4")
def test_b4_unsigned_id_tokens_are_not_offered(client: RelyingParty) -> None:
    """oidcc-idtoken-unsigned is skipped, for `none` is not advertised anywhere."""
    offered = [v for k, v in client.metadata.items() if "alg_values_supported" in k]
    assert offered and not any("none" in algorithms for algorithms in offered)


@pytest.mark.spec("OIDF B5")
@pytest.mark.spec("OIDF B6")
@pytest.mark.spec("OIDF B7")
@pytest.mark.parametrize("by", ["get", "post", "body"])
def test_b5_b6_b7_userinfo_by_every_transport(
    client: RelyingParty, browser: Browser, ada: Person, by: str
) -> None:
    """RFC 6750 §2.1 and §2.2: header with GET and POST, and the form body."""
    flow = client.sign_in(browser, ada)
    told = json_of(client.userinfo(flow.tokens["access_token"], by=by))
    assert told["sub"] == flow.claims["sub"]


@pytest.mark.spec("OIDF B8")
def test_b8_without_nonce_none_is_invented(
    client: RelyingParty, browser: Browser, ada: Person
) -> None:
    """oidcc-ensure-request-without-nonce-succeeds-for-code-flow."""
    assert "nonce" not in client.sign_in(browser, ada, nonce=None).claims


@pytest.mark.spec("OIDF B9")
@pytest.mark.spec("OIDF B10")
@pytest.mark.spec("OIDF B11")
@pytest.mark.spec("OIDF B12")
@pytest.mark.spec("OIDF B13")
@pytest.mark.parametrize("scope", SCOPES.values(), ids=SCOPES)
def test_b9_to_b13_a_scope_opens_its_claims_and_no_others(
    client: RelyingParty, browser: Browser, ada: Person, scope: str
) -> None:
    """OIDC Core §5.4: all claims of the scope, from userinfo."""
    flow = client.sign_in(browser, ada, scope=f"openid {scope}")
    told = json_of(client.userinfo(flow.tokens["access_token"]))
    opened = set().union(*(CLAIMS_OF[one] for one in scope.split()))
    assert set(told) & answer_rules.PERSONAL == opened


@pytest.mark.spec("OIDF B14")
def test_b14_nothing_depends_on_order(
    client: RelyingParty, browser: Browser, ada: Person
) -> None:
    """oidcc-alternate-happy-flow: scope and parameters the other way round."""
    ask = client.ask(scope="email openid")
    ask.params.update(reversed(list(_taken(ask.params).items())))
    flow = client.finish(ask, ada.walk(browser, browser.open(ask.url)))
    assert "email" in json_of(client.userinfo(flow.tokens["access_token"]))


def _taken(params: dict[str, str]) -> dict[str, str]:
    taken = dict(params)
    params.clear()
    return taken


@pytest.mark.spec("OIDF B15")
@pytest.mark.spec("OIDF B16")
@pytest.mark.parametrize("display", ["page", "popup", "touch", "wap"])
def test_b15_b16_display_is_taken(
    client: RelyingParty, browser: Browser, ada: Person, display: str
) -> None:
    """OIDC Core §3.1.2.1: the four values make no error."""
    assert client.sign_in(browser, ada, display=display).claims["sub"]


@pytest.mark.spec("OIDF B22")
def test_b22_an_unknown_parameter_is_ignored(
    client: RelyingParty, browser: Browser, ada: Person
) -> None:
    """oidcc-ensure-request-with-unknown-parameter-succeeds."""
    assert client.sign_in(browser, ada, extra="foobar").claims["sub"]


@pytest.mark.spec("OIDF B24")
@pytest.mark.parametrize("hint", ["buffy@{host}", "{username}", "\"'><b>&", "é" * 100])
def test_b24_a_login_hint_fills_the_field_and_breaks_nothing(
    client: RelyingParty, browser: Browser, ada: Person, hint: str
) -> None:
    """oidcc-login-hint: somebody unknown makes no error."""
    hint = hint.format(host="127.0.0.1", username=ada.username)
    ask = client.ask(login_hint=hint)
    page = browser.open(ask.url)
    assert isinstance(page, Page)
    assert page.document.get("username").get("value") == hint
    assert client.finish(ask, ada.walk(browser, page)).claims["sub"]


@pytest.mark.spec("OIDF B25")
@pytest.mark.parametrize("locales", ["se", "se fr-CA", "x" * 200, "../../etc", ""])
def test_b25_unknown_ui_locales_fall_back(
    client: RelyingParty, browser: Browser, ada: Person, locales: str
) -> None:
    """oidcc-ui-locales: a language we do not speak makes no error."""
    assert client.sign_in(browser, ada, ui_locales=locales).claims["sub"]


@pytest.mark.spec("OIDF B26")
def test_b26_claims_locales_are_taken(
    client: RelyingParty, browser: Browser, ada: Person
) -> None:
    """oidcc-claims-locales."""
    assert client.sign_in(browser, ada, claims_locales="se").claims["sub"]


@pytest.mark.spec("OIDF B27")
def test_b27_an_advertised_acr_is_returned_when_asked(
    client: RelyingParty, browser: Browser, ada: Person
) -> None:
    """oidcc-ensure-request-with-acr-values-succeeds: one of the list comes back."""
    advertised = client.metadata["acr_values_supported"]
    flow = client.sign_in(browser, ada, acr_values=" ".join(advertised))
    assert flow.claims["acr"] in advertised


@pytest.mark.spec("OIDF B35")
def test_b35_an_essential_claim_needs_no_scope(
    client: RelyingParty, browser: Browser, ada: Person
) -> None:
    """oidcc-claims-essential: `name` from userinfo without the profile scope."""
    assert client.metadata["claims_parameter_supported"] is True
    wish = json.dumps({"userinfo": {"name": {"essential": True}}})
    flow = client.sign_in(browser, ada, claims=wish)
    told = json_of(client.userinfo(flow.tokens["access_token"]))
    assert told["name"] == "Ada Lovelace"
    assert set(told) & answer_rules.PERSONAL == {"name"}


@pytest.mark.spec("OIDF B35")
@pytest.mark.spec("OIDC Core §5.5")
def test_b35_a_claim_asked_for_the_id_token_stands_there(
    client: RelyingParty, browser: Browser, ada: Person
) -> None:
    """Asked by name it is wanted, so rule G6 does not forbid it."""
    wish = json.dumps({"id_token": {"email": None, "auth_time": {"essential": True}}})
    ask = client.ask(claims=wish)
    reply = client.receive(ask, ada.walk(browser, browser.open(ask.url)).departure)
    tokens = json_of(client.redeem(ask, reply["code"]))
    claims = client.check_id_token(ask, tokens, asked=frozenset({"email"}))
    assert claims["email"] == ada.email and isinstance(claims["auth_time"], int)
