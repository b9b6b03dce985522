"""The Implicit and Hybrid OP plans, with Form Post: what their modules ask for.

Off by default; this server has ``LEGACY_RESPONSE_TYPES`` on.  The modules' own names
stand in the docstrings.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conformance.dynamic.conftest import EVERY
from tests.support import answer_rules, enrolment, reception
from tests.support.answer_rules import json_of, refused
from tests.support.browser import Browser, Departure
from tests.support.live import LiveServer
from tests.support.older_flows import OlderFlow
from tests.support.person import Person
from tests.support.relying_party import RelyingParty

Enrol = Callable[..., RelyingParty]


@pytest.mark.spec("OIDF C1")
@pytest.mark.spec("OIDF D9")
def test_what_is_switched_on_is_advertised(older_rp: RelyingParty) -> None:
    """oidcc-discovery-endpoint-verification for Dynamic, Implicit and Hybrid."""
    offered = older_rp.metadata
    assert set(offered["response_types_supported"]) == {"code", *EVERY}
    assert {"authorization_code", "implicit"} <= set(offered["grant_types_supported"])
    assert "token" not in offered["response_types_supported"]


@pytest.mark.spec("OIDF Implicit oidcc-server")
@pytest.mark.spec("OIDF Hybrid oidcc-server")
@pytest.mark.spec("OIDC Core §3.3.2.11")
def test_the_plain_flow(flow: OlderFlow, browser: Browser, ada: Person) -> None:
    """oidcc-server: hashes for all that came along, and userinfo of the same sub."""
    done = flow.sign_in(browser, ada)
    assert done.pages[0] == "signin"
    if done.access_token:
        told = json_of(flow.rp.userinfo(done.access_token))
        assert told["sub"] == done.claims["sub"]


@pytest.mark.spec("OIDF Implicit oidcc-scope-all")
@pytest.mark.spec("OIDF Hybrid oidcc-scope-all")
@pytest.mark.spec("OIDC Core §5.4")
def test_the_claims_of_scopes_come_where_they_belong(
    flow: OlderFlow, browser: Browser, ada: Person
) -> None:
    """oidcc-scope-*: from userinfo; from the ID token only where nothing else comes."""
    ask = flow.ask(scope="openid profile email address phone")
    alone = flow.response_type == "id_token"
    told = answer_rules.PERSONAL if alone else frozenset()
    done = flow.finish(
        ask, ada.walk(browser, browser.open(ask.url)), told=frozenset(told)
    )
    if alone:
        assert set(done.claims) >= answer_rules.PERSONAL
        return
    assert done.access_token is not None
    known = json_of(flow.rp.userinfo(done.access_token))
    assert set(known) >= answer_rules.PERSONAL


@pytest.mark.spec("OIDF Implicit oidcc-claims-essential")
@pytest.mark.spec("OIDF Hybrid oidcc-claims-essential")
def test_a_claim_is_asked_for_by_name(
    flow: OlderFlow, browser: Browser, ada: Person
) -> None:
    """oidcc-claims-essential: wherever it was asked for."""
    wish = json.dumps(
        {
            "id_token": {"email": {"essential": True}},
            "userinfo": {"name": {"essential": True}},
        }
    )
    ask = flow.ask(claims=wish)
    walk = ada.walk(browser, browser.open(ask.url))
    reply = flow.rp.receive(ask, walk.departure)
    asked = frozenset({"email"})
    if "id_token" in reply:
        front = reception.front_claims(flow.rp, ask, reply, asked=asked)
        assert front["email"] == ada.email
    if "access_token" in reply:
        known = json_of(flow.rp.userinfo(reply["access_token"]))
        assert known["name"] == "Ada Lovelace"


@pytest.mark.spec("OIDF Implicit oidcc-prompt-login")
@pytest.mark.spec("OIDF Hybrid oidcc-prompt-login")
def test_prompt_login_asks_again(
    flow: OlderFlow, browser: Browser, ada: Person
) -> None:
    """oidcc-prompt-login."""
    first = flow.sign_in(browser, ada)
    second = flow.sign_in(browser, ada, prompt="login")
    assert second.pages[0] == "signin"
    assert second.claims["auth_time"] >= first.claims["auth_time"]


@pytest.mark.spec("OIDF Implicit oidcc-prompt-none-logged-in")
@pytest.mark.spec("OIDF Hybrid oidcc-prompt-none-logged-in")
@pytest.mark.spec("OIDF Implicit oidcc-max-age-10000")
@pytest.mark.spec("OIDF Hybrid oidcc-max-age-10000")
@pytest.mark.spec("OIDF Implicit oidcc-id-token-hint")
@pytest.mark.spec("OIDF Hybrid oidcc-id-token-hint")
def test_prompt_none_with_a_session_succeeds_at_once(
    flow: OlderFlow, browser: Browser, ada: Person
) -> None:
    """oidcc-prompt-none-logged-in, oidcc-max-age-10000, oidcc-id-token-hint."""
    first = flow.sign_in(browser, ada)
    hint = first.reply.get("id_token") or first.tokens["id_token"]
    second = flow.sign_in(
        browser, ada, prompt="none", max_age="10000", id_token_hint=hint
    )
    assert second.pages == ()
    for claim in ("sub", "auth_time"):
        assert second.claims[claim] == first.claims[claim]


@pytest.mark.spec("OIDF Implicit oidcc-max-age-1")
@pytest.mark.spec("OIDF Hybrid oidcc-max-age-1")
def test_an_old_sign_in_is_not_enough(
    flow: OlderFlow, browser: Browser, ada: Person
) -> None:
    """oidcc-max-age-1, without the wait: max_age=0 is as old as can be."""
    flow.sign_in(browser, ada)
    assert flow.sign_in(browser, ada, max_age="0").pages[0] == "signin"


@pytest.mark.spec("OIDF Implicit oidcc-ensure-request-with-acr-values-succeeds")
@pytest.mark.spec("OIDF Hybrid oidcc-ensure-request-with-acr-values-succeeds")
@pytest.mark.spec("OIDF Implicit oidcc-ensure-request-with-unknown-parameter-succeeds")
@pytest.mark.spec("OIDF Hybrid oidcc-ensure-request-with-unknown-parameter-succeeds")
@pytest.mark.parametrize(
    "wish",
    [
        {"acr_values": "1"},
        {"extra": "foobar"},
        {"display": "popup"},
        {"ui_locales": "se"},
        {"claims_locales": "se"},
        {"login_hint": "buffy@127.0.0.1"},
        {"scope": "email openid"},
    ],
    ids=lambda wish: next(iter(wish)),
)
def test_what_code_takes_these_take(
    flow: OlderFlow, browser: Browser, ada: Person, wish: dict[str, str]
) -> None:
    """acr-values, unknown-parameter, display, locales, login-hint, other order."""
    ask = flow.ask(**wish)
    told = answer_rules.PERSONAL if flow.response_type == "id_token" else frozenset()
    walk = ada.walk(browser, browser.open(ask.url))
    assert flow.finish(ask, walk, told=frozenset(told)).claims["sub"]


@pytest.mark.spec("JARM §2.3")
@pytest.mark.parametrize("asked", ["jwt", "fragment.jwt", "form_post.jwt"])
def test_tokens_may_go_in_a_signed_answer(
    older_rp: RelyingParty, browser: Browser, ada: Person, asked: str
) -> None:
    """Checked with all hashes; the default of ``jwt`` is the fragment (§2.3.4)."""
    for response_type in EVERY:
        flow = OlderFlow(older_rp, response_type, asked)
        assert flow.sign_in(browser, ada).claims["sub"]


@pytest.mark.spec("OIDF Hybrid oidcc-ensure-request-with-valid-pkce-succeeds")
def test_pkce_binds_the_code_of_a_hybrid_answer(
    hybrid: OlderFlow, browser: Browser, ada: Person
) -> None:
    """oidcc-ensure-request-with-valid-pkce-succeeds, and without the verifier not."""
    ask = hybrid.ask(pkce=True)
    walk = ada.walk(browser, browser.open(ask.url))
    reply = hybrid.rp.receive(ask, walk.departure)
    wrong = hybrid.rp.redeem(ask, reply["code"], code_verifier=None)
    refused(wrong, "invalid_grant")
    answer_rules.token_answer(hybrid.rp.redeem(ask, reply["code"]))


@pytest.mark.spec("OIDF Hybrid oidcc-refresh-token")
@pytest.mark.spec("OIDC Core §11")
def test_only_the_code_leads_to_a_refresh_token(
    flow: OlderFlow, browser: Browser, ada: Person
) -> None:
    """oidcc-refresh-token; without a code offline_access is not even asked for."""
    wish = {"scope": "openid offline_access", "prompt": "consent"}
    done = flow.sign_in(browser, ada, **wish)
    assert "refresh_token" not in done.reply
    assert "offline_access" not in done.reply.get("scope", "").split()
    assert ("refresh_token" in done.tokens) == flow.has_code
    if flow.has_code:
        again = flow.rp.refresh(done.tokens["refresh_token"])
        told = answer_rules.claims_of(json_of(again)["id_token"])
        assert told["sub"] == done.claims["sub"] and "c_hash" not in told


@pytest.mark.spec("OIDF Implicit oidcc-idtoken-signature")
@pytest.mark.spec("OIDF Hybrid oidcc-idtoken-signature")
@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "EdDSA"])
def test_hashes_follow_the_algorithm_of_the_client(
    enrol_client: Enrol, browser: Browser, ada: Person, algorithm: str
) -> None:
    """OIDC Core §3.3.2.11: SHA-256 for the 256s, SHA-512 for Ed25519."""
    client = enrol_client(
        grant_types=("authorization_code", "implicit"),
        metadata={
            "response_types": ["code id_token token"],
            "id_token_signed_response_alg": algorithm,
        },
    )
    done = OlderFlow(client, "code id_token token").sign_in(browser, ada)
    header = answer_rules.header_of(done.reply["id_token"])
    assert header["alg"] == algorithm


@pytest.mark.spec("OIDC Core §11")
def test_without_a_code_nobody_is_asked_about_staying_signed_in(
    older_rp: RelyingParty, browser: Browser, ada: Person
) -> None:
    """What will not be given needs no consent: the second request shows no page."""
    flow = OlderFlow(older_rp, "id_token token")
    flow.sign_in(browser, ada)
    again = flow.sign_in(browser, ada, scope="openid offline_access", prompt="none")
    assert again.pages == ()


@pytest.mark.spec("RFC 9700 §2.1.2")
def test_switched_off_again_they_are_gone_for_who_had_them(
    database_kind: str,
    make_migrated: Callable[[str], str],
    folder: Path,
) -> None:
    """A registration of yesterday opens nothing; it says so, and lists nothing."""
    server = LiveServer(
        database_url=make_migrated(database_kind), env={"LEGACY_RESPONSE_TYPES": "on"}
    )
    with server:
        client = enrolment.enrol_client(
            server,
            folder,
            grant_types=("authorization_code", "implicit"),
            metadata={"response_types": ["code", *EVERY]},
        )
        server.more["LEGACY_RESPONSE_TYPES"] = "off"
        server.restart()
        assert client.metadata["response_types_supported"] == ["code"]
        assert "implicit" not in client.metadata["grant_types_supported"]
        with Browser(server.url) as browser:
            for asked in EVERY:
                ask = client.ask(response_type=asked)
                departure = browser.open(ask.url)
                assert isinstance(departure, Departure)
                client.refused(ask, departure, "unsupported_response_type")
