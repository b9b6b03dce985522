"""B28, B29, B32, B37, B38: codes spent once, clients, refresh."""

from __future__ import annotations

import time

import pytest

from tests.support import answer_rules
from tests.support.answer_rules import refused
from tests.support.browser import Browser, Page
from tests.support.person import Person
from tests.support.relying_party import RelyingParty, SignedIn

FOR_GOOD = {"scope": "openid email offline_access", "prompt": "consent"}


@pytest.mark.spec("OIDF B28")
def test_b28_a_code_is_spent_once(
    client: RelyingParty, browser: Browser, ada: Person
) -> None:
    """oidcc-codereuse: the second use is 400 `invalid_grant`."""
    flow = client.sign_in(browser, ada)
    refused(client.redeem(flow.ask, flow.reply["code"]), "invalid_grant", status=400)


@pytest.mark.spec("OIDF B29")
@pytest.mark.spec("RFC 6749 §4.1.2")
def test_b29_a_code_that_comes_again_takes_its_tokens_down(
    client: RelyingParty, browser: Browser, ada: Person
) -> None:
    """oidcc-codereuse-30seconds: used codes are remembered, so three seconds show it.

    The module waits for thirty; tests of the core stop the clock and go past the
    life of the code as well.
    """
    flow = client.sign_in(browser, ada, **FOR_GOOD)
    assert client.userinfo(flow.tokens["access_token"]).status_code == 200
    time.sleep(3)
    refused(client.redeem(flow.ask, flow.reply["code"]), "invalid_grant", status=400)
    answer = client.userinfo(flow.tokens["access_token"])
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
    refused(client.refresh(flow.tokens["refresh_token"]), "invalid_grant", status=400)


@pytest.mark.spec("OIDF B32")
def test_b32_client_secret_post(
    post_client: RelyingParty, browser: Browser, ada: Person
) -> None:
    """oidcc-server-client-secret-post."""
    assert post_client.sign_in(browser, ada).claims["sub"]


@pytest.mark.spec("OIDF B37")
@pytest.mark.spec("OIDC Core §12.2")
def test_b37_a_refreshed_id_token_speaks_of_the_same_sign_in(
    client: RelyingParty, browser: Browser, ada: Person
) -> None:
    """oidcc-refresh-token: iss, sub, aud, auth_time stay; iat moves; no new nonce."""
    assert "refresh_token" in client.metadata["grant_types_supported"]
    flow = client.sign_in(browser, ada, max_age="10000", **FOR_GOOD)
    time.sleep(max(0.0, flow.claims["iat"] + 1.05 - time.time()))
    tokens = answer_rules.token_answer(client.refresh(flow.tokens["refresh_token"]))
    again = refreshed_claims(client, flow, tokens)
    for claim in ("iss", "sub", "aud", "auth_time", "azp", "acr", "amr", "sid"):
        assert again.get(claim) == flow.claims.get(claim), claim
    assert again["iat"] > flow.claims["iat"]
    assert again.get("nonce") in (None, flow.claims["nonce"])
    assert client.userinfo(tokens["access_token"]).status_code == 200


def refreshed_claims(
    client: RelyingParty, flow: SignedIn, tokens: dict[str, str]
) -> dict[str, object]:
    """A refreshed ID token may leave the nonce out; if it is there it is the old one."""
    body = answer_rules.claims_of(tokens["id_token"])
    nonce = flow.ask.params["nonce"] if "nonce" in body else None
    params = {k: v for k, v in flow.ask.params.items() if k != "nonce"}
    if nonce is not None:
        params["nonce"] = nonce
    ask = type(flow.ask)(flow.ask.endpoint, params)
    return client.check_id_token(ask, tokens)


@pytest.mark.spec("OIDF B37")
@pytest.mark.spec("RFC 6749 §6")
def test_b37_another_client_cannot_refresh_with_it(
    client: RelyingParty, other_rp: RelyingParty, browser: Browser, ada: Person
) -> None:
    """client2 with client1's refresh token: 400 `invalid_grant`; client1 goes on."""
    flow = client.sign_in(browser, ada, **FOR_GOOD)
    token = flow.tokens["refresh_token"]
    refused(other_rp.refresh(token), "invalid_grant", status=400)
    assert client.refresh(token).status_code == 200


@pytest.mark.spec("OIDF B37")
@pytest.mark.spec("OIDC Core §11")
def test_b37_offline_access_is_asked_of_the_person(
    client: RelyingParty, browser: Browser, ada: Person
) -> None:
    """With `prompt=consent` the page is shown although it was answered before."""
    client.sign_in(browser, ada, **FOR_GOOD)
    assert client.sign_in(browser, ada, **FOR_GOOD).pages == ("consent",)


@pytest.mark.spec("OIDF B38")
@pytest.mark.spec("RFC 7636 §4.6")
def test_b38_pkce_s256(client: RelyingParty, browser: Browser, ada: Person) -> None:
    """oidcc-ensure-request-with-valid-pkce-succeeds; a wrong verifier does not."""
    assert "S256" in client.metadata["code_challenge_methods_supported"]
    assert client.sign_in(browser, ada, pkce=True).claims["sub"]
    for wrong in ("w" * 43, None):
        ask = client.ask(pkce=True)
        reply = client.receive(ask, ada.walk(browser, browser.open(ask.url)).departure)
        answer = client.redeem(ask, reply["code"], code_verifier=wrong)
        refused(answer, "invalid_grant", status=400)


@pytest.mark.spec("RFC 9700 §4.8.2")
def test_a_verifier_without_a_challenge_is_refused(
    client: RelyingParty, browser: Browser, ada: Person
) -> None:
    """PKCE downgrade: somebody took the challenge out of the request on its way."""
    ask = client.ask(pkce=False)
    reply = client.receive(ask, ada.walk(browser, browser.open(ask.url)).departure)
    answer = client.redeem(ask, reply["code"], code_verifier="v" * 43)
    refused(answer, "invalid_grant", "invalid_request", status=400)


@pytest.mark.spec("OAuth 2.0 Form Post §2")
@pytest.mark.parametrize("prompt", ["consent", "none"])
def test_a_form_post_page_brings_the_answer_and_nothing_else(
    rp: RelyingParty, browser: Browser, ada: Person, prompt: str
) -> None:
    """A page not kept, whose policy lets the form go to the client, with a button."""
    if prompt == "none":
        rp.sign_in(browser, ada)
    client = rp.speaking("form_post")
    ask = client.ask(prompt=prompt, state="a b+c\"'&<>%20")
    departure = ada.walk(browser, browser.open(ask.url)).departure
    assert "code" in client.receive(ask, departure)
    page = departure.page
    assert isinstance(page, Page) and page.has("form-post")
    assert page.status == 200 and "no-store" in page.headers["Cache-Control"]
    policy = page.headers["Content-Security-Policy"]
    form_action = [p for p in policy.split(";") if p.strip().startswith("form-action")]
    assert all("https://rp.example" in p or "*" in p for p in form_action), policy
    scripts = page.document.all("script")
    assert scripts and all(f"'nonce-{s.get('nonce')}'" in policy for s in scripts)
    order = [e.tag for e in page.document.elements if e.tag in ("form", "script")]
    assert order.index("form") < len(order) - 1 and order[-1] == "script"
