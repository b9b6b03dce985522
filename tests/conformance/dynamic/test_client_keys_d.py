"""D14, D17, D18, D22, D23: keys that a client publishes, and ours that rotate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import requests
from joserfc.jwk import Key, KeySet

from tests.support import answer_rules, enrolment
from tests.support.answer_rules import json_of, refused
from tests.support.browser import Browser
from tests.support.key_host import KeyHost
from tests.support.live import LiveServer, until
from tests.support.person import Person
from tests.support.relying_party import RelyingParty

Enrol = Callable[..., RelyingParty]


@pytest.fixture
def publishing(enrol_client: Enrol, key_host: KeyHost) -> RelyingParty:
    """A client whose keys lie at its jwks_uri."""
    client = enrol_client(auth_method="private_key_jwt", jwks_uri=key_host.url)
    key_host.publish(client.registration.key)
    return client


def with_key(client: RelyingParty, key: Any, algorithm: str) -> RelyingParty:
    """The same client, signing with another key."""
    changed = replace(client.registration, key=key, key_algorithm=algorithm)
    return RelyingParty(client.issuer, changed)


@pytest.mark.spec("OIDF D10")
@pytest.mark.spec("OIDF D14")
def test_d14_keys_at_a_jwks_uri_are_fetched_to_check_an_assertion(
    publishing: RelyingParty, browser: Browser, ada: Person, key_host: KeyHost
) -> None:
    """oidcc-registration-jwks-uri: private_key_jwt with keys by reference."""
    flow = publishing.sign_in(browser, ada)
    assert flow.claims["sub"]
    assert key_host.asked >= 1


@pytest.mark.spec("OIDF D18")
@pytest.mark.spec("OIDC Core §10.1.1")
@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256"])
def test_d18_a_client_that_publishes_a_new_key_may_use_it_at_once(
    publishing: RelyingParty,
    browser: Browser,
    ada: Person,
    key_host: KeyHost,
    algorithm: str,
) -> None:
    """oidcc-refresh-token-rp-key-rotation: an unknown kid is looked for again."""
    flow = publishing.sign_in(
        browser, ada, scope="openid offline_access", prompt="consent"
    )
    newer = enrolment.signing_key(algorithm, kid=f"newer-{algorithm}")
    key_host.publish(publishing.registration.key, newer)
    rotated = with_key(publishing, newer, algorithm)
    answer_rules.token_answer(rotated.refresh(flow.tokens["refresh_token"]))


@pytest.mark.spec("OIDF D18")
def test_d18_made_up_key_ids_do_not_make_the_server_ask_and_ask(
    publishing: RelyingParty, browser: Browser, ada: Person, key_host: KeyHost
) -> None:
    """Twice a minute in each of the two processes, whatever is sent."""
    publishing.sign_in(browser, ada)
    for number in range(30):
        stranger = enrolment.signing_key("ES256", kid=f"made-up-{number}")
        liar = with_key(publishing, stranger, "ES256")
        refused(liar.introspect("x"), "invalid_client", status=401)
    assert key_host.asked <= 4
    json_of(publishing.introspect("x"))


@pytest.mark.spec("OIDF D14")
def test_a_client_whose_keys_cannot_be_had_is_told_so_and_no_more(
    publishing: RelyingParty, key_host: KeyHost
) -> None:
    """Every fault of an assertion looks alike from outside."""
    key_host.status = 500
    refused(publishing.introspect("x"), "invalid_client", status=401)


@pytest.mark.spec("OIDF D22")
def test_d22_refresh_tokens_with_keys_by_reference(
    publishing: RelyingParty,
    other_rp: RelyingParty,
    browser: Browser,
    ada: Person,
    key_host: KeyHost,
) -> None:
    """oidcc-refresh-token: for its own client alone, and the sign-in stays what it was."""
    flow = publishing.sign_in(
        browser, ada, scope="openid offline_access", prompt="consent"
    )
    token = flow.tokens["refresh_token"]
    refused(other_rp.refresh(token), "invalid_grant")
    tokens = answer_rules.token_answer(publishing.refresh(token))
    told = answer_rules.claims_of(tokens["id_token"])
    for name in ("iss", "sub", "aud", "auth_time"):
        assert told[name] == flow.claims[name], name
    assert told["iat"] >= flow.claims["iat"]


@pytest.mark.spec("OIDF D23")
def test_d23_an_assertion_for_the_issuer_is_taken(publishing: RelyingParty) -> None:
    """oidcc-ensure-client-assertion-with-iss-aud-succeeds."""
    form = {
        "token": "x",
        "client_id": publishing.registration.client_id,
        "client_assertion_type": (
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        ),
    }
    endpoint = publishing.metadata["introspection_endpoint"]
    for audience, status in ((publishing.issuer, 200), ("https://other.example", 401)):
        form["client_assertion"] = publishing.assertion(aud=audience)
        assert requests.post(endpoint, data=form, timeout=10).status_code == status


@pytest.mark.spec("OIDF D17")
@pytest.mark.spec("OIDC Core §10.1.1")
@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_d17_the_operator_rotates_keys_and_nobody_notices(
    enrol_client: Enrol,
    server: LiveServer,
    browser: Browser,
    ada: Person,
    algorithm: str,
) -> None:
    """oidcc-server-rotate-keys: a new kid, the old one still there, within max-age.

    The server has two processes and is not restarted; what they sign next is signed
    with a key that a client knows who asked before.
    """
    wish = {"id_token_signed_response_alg": algorithm}
    client = enrol_client(metadata=wish)
    before = client.keys
    flow = client.sign_in(browser, ada)
    signer = answer_rules.header_of(flow.tokens["id_token"])["kid"]
    server.cli("keys", "rotate", "--alg", algorithm, "--now", "--json")

    def come() -> list[Key]:
        # A process may only now have heard of a key of another algorithm, too.
        since = [key for key in client.keys.keys if key.kid not in kids(before)]
        return [key for key in since if key.alg == algorithm]

    until(lambda: len(come()) == 1, "a new key", patience=10)
    assert kids(before) <= kids(client.keys), "those of yesterday are still published"
    until(
        lambda: signer_of(client, browser, ada) != signer, "the next key", patience=10
    )
    for _ in range(6):
        assert signer_of(client, browser, ada) in kids(before), "known beforehand"
    client.check_id_token(flow.ask, flow.tokens)
    answer = requests.get(client.metadata["jwks_uri"], timeout=10)
    max_age = int(answer.headers["Cache-Control"].partition("max-age=")[2])
    assert max_age <= 60


def kids(keys: KeySet) -> set[str | None]:
    return {key.kid for key in keys.keys}


def signer_of(client: RelyingParty, browser: Browser, person: Person) -> str:
    """Which key signs an ID token now; each sign-in may meet the other process."""
    flow = client.sign_in(browser, person)
    kid: str = answer_rules.header_of(flow.tokens["id_token"])["kid"]
    return kid
