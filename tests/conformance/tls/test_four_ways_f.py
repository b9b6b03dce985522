"""FAPI 2.0 in all four ways: two means to prove a client, two keys that bind tokens."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.answer_rules import claims_of, json_of, token_answer
from tests.support.browser import Browser
from tests.support.certificates import for_client
from tests.support.person import Person
from tests.support.relying_party import Ask, RelyingParty
from tests.support.sender_constrained import KeyedParty
from tests.support.tls_live import TlsServer

DN = {"tls_client_auth_subject_dn": "CN=client"}
FAPI = {
    "certificate and certificate": ("tls_client_auth", False),
    "certificate and DPoP": ("tls_client_auth", True),
    "assertion and certificate": ("private_key_jwt", False),
    "assertion and DPoP": ("private_key_jwt", True),
}


@pytest.mark.spec("FAPI 2.0 §5.3.2.1")
@pytest.mark.parametrize(("method", "by_dpop"), FAPI.values(), ids=FAPI)
def test_fapi_in_all_four_ways(
    enrol_client: Callable[..., RelyingParty],
    browser: Browser,
    ada: Person,
    server: TlsServer,
    tmp_path: Path,
    method: str,
    *,
    by_dpop: bool,
) -> None:
    """Client authentication by two means, times two keys that bind tokens."""
    rp = enrol_client(
        auth_method=method,
        key_algorithm="PS256",
        profile="fapi2",
        metadata=DN if method == "tls_client_auth" else None,
    )
    shows = method == "tls_client_auth" or not by_dpop
    party = KeyedParty.by_dpop(rp) if by_dpop else KeyedParty(rp)
    shown = for_client(server.authority)
    if shows:
        party = KeyedParty(
            rp, prover=party.prover, certificate=shown.write(tmp_path, "fapi")
        )
    ask = party.ask(pkce=True)
    told = json_of(
        party.post("pushed_authorization_request_endpoint", **ask.params), status=201
    )
    carried = {
        "client_id": rp.registration.client_id,
        "request_uri": told["request_uri"],
    }
    walk = ada.walk(browser, browser.open(Ask(ask.endpoint, carried).url))
    code = party.receive(ask, walk.departure)["code"]
    tokens = token_answer(party.redeem(ask, code), kind=party.token_kind)
    bound = {"jkt": party.prover.jkt} if party.prover else {"x5t#S256": shown.x5t}
    assert claims_of(tokens["access_token"])["cnf"] == bound
    assert json_of(party.userinfo(tokens["access_token"]))["sub"]
