"""JWT Secured Authorization Response Mode (JARM), and that it is never mixed up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from joserfc.jwk import ECKey

from tests.conformance.dynamic.conftest import ALGORITHMS
from tests.support import answer_rules
from tests.support.browser import Browser, Departure
from tests.support.person import Person
from tests.support.relying_party import RelyingParty

Enrol = Callable[..., RelyingParty]
MODES = ("jwt", "query.jwt", "fragment.jwt", "form_post.jwt")
pytestmark = pytest.mark.filterwarnings("ignore:EdDSA is deprecated")


@pytest.mark.spec("JARM §2.3")
@pytest.mark.parametrize("mode", MODES)
def test_the_answer_is_one_signed_jwt(
    rp: RelyingParty, browser: Browser, ada: Person, mode: str
) -> None:
    """`receive` checks signature, iss, aud and exp; nothing stands beside it."""
    assert mode in rp.metadata["response_modes_supported"]
    assert rp.speaking(mode).sign_in(browser, ada).claims["sub"]


@pytest.mark.spec("JARM §2.2")
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_it_is_signed_as_the_client_registered(
    enrol_client: Enrol, browser: Browser, ada: Person, algorithm: str
) -> None:
    client = enrol_client(metadata={"authorization_signed_response_alg": algorithm})
    assert algorithm in client.metadata["authorization_signing_alg_values_supported"]
    assert client.speaking("jwt").sign_in(browser, ada).claims["sub"]


@pytest.mark.spec("JARM §2.1")
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("wish", "error"),
    [
        ({"prompt": "none"}, "login_required"),
        ({"scope": "openid ~\\~"}, "invalid_scope"),
        ({"response_type": "nothing"}, "unsupported_response_type"),
        ({"max_age": "soon"}, "invalid_request"),
    ],
)
def test_an_error_is_a_jwt_too(
    rp: RelyingParty, browser: Browser, mode: str, wish: dict[str, Any], error: str
) -> None:
    ask = rp.speaking(mode).ask(**wish)
    departure = browser.open(ask.url)
    if mode.startswith("form_post"):
        departure = browser.submit_form()
    assert isinstance(departure, Departure)
    rp.refused(ask, departure, error)


@pytest.mark.spec("JARM §2.1")
def test_state_comes_back_byte_by_byte(
    rp: RelyingParty, browser: Browser, ada: Person
) -> None:
    state = "é&=+%20\"'<>☃" * 40
    flow = rp.speaking("jwt").sign_in(browser, ada, state=state)
    assert flow.reply["state"] == state


@pytest.mark.spec("JARM §2.2")
@pytest.mark.parametrize("mode", ["jwt", "form_post.jwt"])
def test_it_may_be_encrypted(
    enrol_client: Enrol, browser: Browser, ada: Person, mode: str
) -> None:
    client = enrol_client(
        decryption_key=ECKey.generate_key("P-256", {"kid": "answers"}),
        metadata={
            "authorization_signed_response_alg": "ES256",
            "authorization_encrypted_response_alg": "ECDH-ES",
            "authorization_encrypted_response_enc": "A256GCM",
        },
    )
    offered = client.metadata
    assert "ECDH-ES" in offered["authorization_encryption_alg_values_supported"]
    assert "A256GCM" in offered["authorization_encryption_enc_values_supported"]
    ask = client.speaking(mode).ask()
    departure = ada.walk(browser, browser.open(ask.url)).departure
    assert departure.params["response"].count(".") == 4
    reply = client.receive(ask, departure)
    answer_rules.token_answer(client.redeem(ask, reply["code"]))


@pytest.mark.spec("JARM §2.2")
def test_what_cannot_be_encrypted_is_not_sent_in_the_clear(
    enrol_client: Enrol, browser: Browser, ada: Person
) -> None:
    """Neither the code nor the error: the person sees a page."""
    client = enrol_client(
        decryption_key=ECKey.generate_key("P-256", {"kid": "answers"}),
        metadata={"authorization_encrypted_response_alg": "RSA-OAEP-256"},
    )
    for wish in ({}, {"max_age": "soon"}):
        ask = client.speaking("jwt").ask(**wish)
        page = ada.walk(browser, browser.open(ask.url)).page
        assert page.status == 400 and page.has("error", "trace-id")


@pytest.mark.parametrize(
    "mode", ["JWT", "web_message", "query.JWT", "jwt jwt", "x" * 99]
)
def test_an_unknown_mode_is_refused_by_the_usual_way(
    rp: RelyingParty, browser: Browser, mode: str
) -> None:
    ask = rp.ask(response_mode=mode)
    departure = browser.open(ask.url)
    assert isinstance(departure, Departure)
    assert departure.params["error"] == "invalid_request"
    assert not departure.fragment and "response" not in departure.params


@pytest.mark.spec("RFC 8725 §3.12")
def test_a_response_is_no_id_token_hint(
    rp: RelyingParty, browser: Browser, ada: Person
) -> None:
    """Signed by us too, and yet no word about who somebody is."""
    ask = rp.speaking("jwt").ask()
    departure = ada.walk(browser, browser.open(ask.url)).departure
    response = departure.params["response"]
    hinted = rp.ask(prompt="none", id_token_hint=response)
    answer = browser.open(hinted.url)
    assert isinstance(answer, Departure)
    rp.refused(hinted, answer, "invalid_request")
    page = browser.open(rp.logout_url(id_token_hint=response))
    assert not isinstance(page, Departure) and page.has("error")
