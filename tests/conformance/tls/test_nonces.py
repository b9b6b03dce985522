"""A server that demands nonces of its own in DPoP proofs (RFC 9449 §8, §9)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support import enrolment
from tests.support.answer_rules import json_of, refused
from tests.support.browser import Browser
from tests.support.relying_party import RelyingParty
from tests.support.sender_constrained import KeyedParty
from tests.support.tls_live import TlsServer

CREDENTIALS = {"grant_type": "client_credentials"}


@pytest.fixture(scope="module")
def demanding(
    database_kind: str,
    make_migrated: Callable[[str], str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[TlsServer]:
    where = tmp_path_factory.mktemp("demanding")
    url = make_migrated(database_kind)
    with TlsServer(where, database_url=url, env={"DPOP_NONCE": "on"}) as running:
        yield running


@pytest.fixture
def party(demanding: TlsServer, tmp_path: Path) -> KeyedParty:
    made = enrolment.enrol_client(
        demanding,
        tmp_path,
        grant_types=["authorization_code", "client_credentials"],
    )
    return KeyedParty.by_dpop(made)


@pytest.mark.spec("RFC 9449 §8")
def test_the_first_proof_is_told_the_nonce(party: KeyedParty) -> None:
    """400 and `use_dpop_nonce`; with the nonce of the header the next one is good."""
    first = party.post_once("token_endpoint", **CREDENTIALS)
    refused(first, "use_dpop_nonce", status=400)
    party.prover.nonce = first.headers["DPoP-Nonce"]
    second = party.post_once("token_endpoint", **CREDENTIALS)
    assert json_of(second)["token_type"] == "DPoP"
    assert second.headers["DPoP-Nonce"]
    party.prover.nonce = "made up"
    refused(party.post_once("token_endpoint", **CREDENTIALS), "use_dpop_nonce")


@pytest.mark.spec("RFC 9449 §9")
@pytest.mark.spec("OIDF F39")
def test_a_resource_tells_it_too(
    party: KeyedParty, demanding: TlsServer, tmp_path: Path
) -> None:
    """401 in WWW-Authenticate; and then an hour off is nobody's business."""
    ada = enrolment.enrol_person(demanding, tmp_path)
    with Browser(demanding.url, verify=demanding.verify) as browser:
        token = party.sign_in(browser, ada).tokens["access_token"]
    nonce, party.prover.nonce = party.prover.nonce, None
    answer = party.userinfo(token)
    assert answer.status_code == 401
    assert 'error="use_dpop_nonce"' in answer.headers["WWW-Authenticate"]
    assert answer.headers["DPoP-Nonce"]
    party.prover.nonce = nonce
    assert json_of(party.userinfo(token))["sub"]
    url = party.metadata["userinfo_endpoint"]
    for by in (-3600, 3600):
        iat = int(time.time()) + by
        proof = party.prover.proof("GET", url, access_token=token, iat=iat)
        assert party.userinfo(token, proof=proof).status_code == 200


@pytest.mark.parametrize("endpoint", ["token_endpoint", "userinfo_endpoint"])
def test_a_page_of_another_origin_may_send_proofs_and_read_nonces(
    rp: RelyingParty, endpoint: str
) -> None:
    """Fetch §3.2: a browser app with DPoP."""
    answer = rp.http.options(
        rp.metadata[endpoint],
        headers={
            "Origin": "https://app.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "dpop, authorization",
        },
    )
    allowed = answer.headers["Access-Control-Allow-Headers"].lower()
    assert answer.headers["Access-Control-Allow-Origin"] == "*" and "dpop" in allowed
    told = rp.http.post(rp.metadata[endpoint], data={"a": "b"})
    exposed = told.headers["Access-Control-Expose-Headers"]
    assert "DPoP-Nonce" in exposed and "WWW-Authenticate" in exposed
