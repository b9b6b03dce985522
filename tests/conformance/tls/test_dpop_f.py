"""F9-F12, F39: access tokens that are bound to a DPoP key, shown at userinfo."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from requests import Response

from tests.support.answer_rules import claims_of, json_of, refused
from tests.support.browser import Browser
from tests.support.hostile import send
from tests.support.person import Person
from tests.support.proofs import Prover, ath
from tests.support.relying_party import RelyingParty, SignedIn
from tests.support.sender_constrained import GOOD, KeyedParty

ALGORITHMS = ("ES256", "PS256", "EdDSA", "Ed25519")
FOR_GOOD = {"scope": "openid offline_access", "prompt": "consent"}


@pytest.fixture
def party(rp: RelyingParty) -> KeyedParty:
    return KeyedParty.by_dpop(rp)


@pytest.fixture
def flow(party: KeyedParty, browser: Browser, ada: Person) -> SignedIn:
    return party.sign_in(browser, ada)


@pytest.fixture
def token(flow: SignedIn) -> str:
    return flow.tokens["access_token"]


def refused_at_resource(answer: Response, *errors: str) -> None:
    """RFC 9449 §7.1: 401, and the challenge says which algorithms would do."""
    assert answer.status_code == 401, f"{answer.status_code}: {answer.text}"
    challenge = answer.headers["WWW-Authenticate"]
    assert "DPoP" in challenge and 'algs="PS256 ES256' in challenge, challenge
    assert any(f'error="{error}"' in challenge for error in errors), challenge


@pytest.mark.spec("RFC 9449 §5")
@pytest.mark.spec("RFC 9449 §6.1")
@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
def test_every_advertised_algorithm_binds_a_token(
    rp: RelyingParty, browser: Browser, ada: Person, algorithm: str
) -> None:
    party = KeyedParty.by_dpop(rp, algorithm)
    advertised = party.metadata["dpop_signing_alg_values_supported"]
    assert algorithm in advertised and len(advertised) == len(ALGORITHMS)
    flow = party.sign_in(browser, ada)
    assert flow.tokens["token_type"] == "DPoP"
    token = flow.tokens["access_token"]
    assert claims_of(token)["cnf"] == {"jkt": party.prover.jkt}
    assert json_of(party.userinfo(token))["sub"] == flow.claims["sub"]


@pytest.mark.spec("RFC 9449 §6.2")
def test_introspection_shows_the_key(party: KeyedParty, token: str) -> None:
    told = json_of(party.introspect(token))
    assert (told["active"], told["token_type"]) == (True, "DPoP")
    assert told["cnf"] == {"jkt": party.prover.jkt}


@pytest.mark.spec("OIDF F9")
@pytest.mark.spec("RFC 9110 §11.1")
@pytest.mark.parametrize("scheme", ["DPoP", "dpop", "DPOP", "dPoP"])
def test_f9_the_case_of_the_scheme_means_nothing(
    party: KeyedParty, flow: SignedIn, scheme: str
) -> None:
    answer = party.userinfo(flow.tokens["access_token"], scheme=scheme)
    assert json_of(answer)["sub"] == flow.claims["sub"]


@pytest.mark.spec("OIDF F9")
@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_f9_nor_that_of_bearer(
    rp: RelyingParty, browser: Browser, ada: Person, scheme: str
) -> None:
    token = rp.sign_in(browser, ada).tokens["access_token"]
    url, header = rp.metadata["userinfo_endpoint"], f"{scheme} {token}"
    assert rp.http.get(url, headers={"Authorization": header}).status_code == 200


@pytest.mark.spec("OIDF F10")
def test_f10_nbf_and_exp_are_tolerated_and_kept(party: KeyedParty, token: str) -> None:
    now = int(time.time())
    url = party.metadata["userinfo_endpoint"]

    def shown(**claims: int) -> Response:
        proof = party.prover.proof("GET", url, access_token=token, **claims)
        return party.userinfo(token, proof=proof)

    assert shown(nbf=now - 5, exp=now + 60).status_code == 200
    refused_at_resource(shown(exp=now - 300), "invalid_dpop_proof")
    refused_at_resource(shown(nbf=now + 300), "invalid_dpop_proof")


@pytest.mark.spec("OIDF F11")
@pytest.mark.spec("OIDF F12")
@pytest.mark.parametrize("by", [-10, 10])
def test_f11_f12_ten_seconds_are_nothing(
    party: KeyedParty, token: str, by: int
) -> None:
    """At the token endpoint and at the resource; PAR is among F16's tests."""
    iat = int(time.time()) + by
    at_token = party.metadata["token_endpoint"]
    proof = party.prover.proof("POST", at_token, iat=iat)
    answer = party.post_once(
        "token_endpoint", proof=proof, grant_type="refresh_token", refresh_token="x"
    )
    refused(answer, "invalid_grant")  # the proof was taken, the token was not
    url = party.metadata["userinfo_endpoint"]
    proof = party.prover.proof("GET", url, access_token=token, iat=iat)
    assert party.userinfo(token, proof=proof).status_code == 200


HOUR = 3600
OTHER = Prover()
RS = Prover("PS256")
# what is changed in a proof: claims, or members of the header
BAD_PROOFS: dict[str, dict[str, Any]] = {
    "no typ": {"header": {"typ": None}},
    "another typ": {"header": {"typ": "JWT"}},
    "no alg": {"header": {"alg": None}},
    "alg none": {"header": {"alg": "none"}},
    "HMAC": {"header": {"alg": "HS256"}},
    "no jwk": {"header": {"jwk": None}},
    "bad signature": {"signed_by": OTHER},
    "no jti": {"jti": None},
    "no htm": {"htm": None},
    "another htm": {"htm": "POST"},
    "no htu": {"htu": None},
    "another htu": {"htu": "https://127.0.0.1/other"},
    "no iat": {"iat": None},
    "an hour old": {"iat": int(time.time()) - HOUR},
    "an hour ahead": {"iat": int(time.time()) + HOUR},
    "no ath": {"ath": None},
    "another ath": {"ath": ath("another")},
}


@pytest.mark.spec("OIDF F39")
@pytest.mark.spec("RFC 9449 §4.3")
@pytest.mark.parametrize("change", BAD_PROOFS.values(), ids=BAD_PROOFS)
def test_f39_a_proof_that_proves_nothing(
    party: KeyedParty, token: str, change: dict[str, Any]
) -> None:
    url = party.metadata["userinfo_endpoint"]
    proof = party.prover.proof("GET", url, **({"access_token": token} | change))
    answer = party.userinfo(token, proof=proof)
    refused_at_resource(answer, "invalid_dpop_proof", "invalid_token")


@pytest.mark.spec("OIDF F39")
def test_f39_keys_and_algorithms_that_will_not_do(
    party: KeyedParty, token: str
) -> None:
    """A private key in the jwk, RS256, another key, and no JWT at all."""
    url, good = party.metadata["userinfo_endpoint"], party.prover
    private = {"jwk": good.key.as_dict(private=True)}
    for proof in (
        good.proof("GET", url, access_token=token, header=private),
        RS.proof("GET", url, access_token=token, header={"alg": "RS256"}),
        OTHER.proof("GET", url, access_token=token),
        *("nonsense", "a.b.c", "", ",", "é".encode().decode("latin-1")),
    ):
        answer = party.userinfo(token, proof=proof)
        refused_at_resource(answer, "invalid_dpop_proof", "invalid_token")


@pytest.mark.spec("OIDF F39")
@pytest.mark.spec("RFC 9449 §4.3")
def test_f39_two_proofs_are_none(party: KeyedParty, token: str, server: Any) -> None:
    """Two headers, or two proofs in one; both good, in either order."""
    url = party.metadata["userinfo_endpoint"]

    def make() -> str:
        return party.prover.proof("GET", url, access_token=token)

    for pair in ((make(), make()), (make(), "nonsense"), ("nonsense", make())):
        answer = send(
            party.issuer,
            "/userinfo",
            headers=[
                ("Authorization", f"DPoP {token}"),
                *(("DPoP", proof) for proof in pair),
            ],
            verify=server.ca_file,
        )
        assert answer.status == 401, answer.body
        joined = party.userinfo(token, proof=", ".join(pair))
        refused_at_resource(joined, "invalid_dpop_proof")


@pytest.mark.spec("OIDF F39")
@pytest.mark.spec("RFC 9449 §7.2")
def test_f39_without_its_proof_a_bound_token_is_nothing(
    party: KeyedParty, token: str
) -> None:
    """No proof; and the downgrade: as a bearer, with and without the proof."""
    refused_at_resource(party.userinfo(token, proof=None), "invalid_dpop_proof")
    for proof in (None, GOOD):
        answer = party.userinfo(token, scheme="Bearer", proof=proof)
        refused_at_resource(answer, "invalid_token")
    url = party.metadata["userinfo_endpoint"]
    answer = party.http.post(url, data={"access_token": token})
    refused_at_resource(answer, "invalid_token")
    v1 = f"{party.issuer}/v1/users/me"
    header = {"Authorization": f"Bearer {token}"}
    assert party.http.get(v1, headers=header).status_code == 401


@pytest.mark.spec("RFC 9449 §7.1")
def test_an_unbound_token_is_none_under_the_scheme(
    rp: RelyingParty, party: KeyedParty, browser: Browser, ada: Person
) -> None:
    token = rp.sign_in(browser, ada).tokens["access_token"]
    refused_at_resource(party.userinfo(token), "invalid_token")


SAME_PLACE: dict[str, Callable[[str], str]] = {
    "query": lambda url: url + "?a=b",
    "fragment": lambda url: url + "#there",
    "both": lambda url: url + "?a=b#there",
    "scheme": lambda url: url.replace("https", "HTTPS"),
    "encoded": lambda url: url.replace("/userinfo", "/%75serinfo"),
}


@pytest.mark.spec("OIDF F39")
@pytest.mark.parametrize("spelled", SAME_PLACE.values(), ids=SAME_PLACE)
def test_f39_one_place_is_spelled_in_many_ways(
    party: KeyedParty, token: str, spelled: Callable[[str], str]
) -> None:
    """The default port and the case of hosts are tried in tests of the core."""
    htu = spelled(party.metadata["userinfo_endpoint"])
    proof = party.prover.proof("GET", htu, access_token=token, extra={"a": [1]})
    assert party.userinfo(token, proof=proof).status_code == 200


@pytest.mark.spec("OIDF F39")
@pytest.mark.parametrize("name", ["DPOP", "dpop", "DpOp"])
def test_f39_the_case_of_the_header_means_nothing(
    party: KeyedParty, token: str, name: str
) -> None:
    url = party.metadata["userinfo_endpoint"]
    proof = party.prover.proof("GET", url, access_token=token)
    answer = party.userinfo(token, proof=None, headers={name: proof})
    assert answer.status_code == 200


@pytest.mark.spec("OIDF F39")
@pytest.mark.spec("RFC 9449 §11.1")
def test_f39_a_proof_is_used_once(party: KeyedParty, token: str) -> None:
    url = party.metadata["userinfo_endpoint"]
    proof = party.prover.proof("GET", url, access_token=token)
    assert party.userinfo(token, proof=proof).status_code == 200
    refused_at_resource(party.userinfo(token, proof=proof), "invalid_dpop_proof")
    at_token = party.prover.proof("POST", party.metadata["token_endpoint"])
    form = {"grant_type": "refresh_token", "refresh_token": "x"}
    refused(party.post_once("token_endpoint", proof=at_token, **form), "invalid_grant")
    again = party.post_once("token_endpoint", proof=at_token, **form)
    refused(again, "invalid_dpop_proof", status=400)


@pytest.mark.spec("RFC 9449 §11.1")
def test_of_fifty_with_one_proof_one_is_answered(party: KeyedParty, token: str) -> None:
    """By two processes on one database."""
    url = party.metadata["userinfo_endpoint"]
    proof = party.prover.proof("GET", url, access_token=token)
    start, answers = threading.Barrier(50), []

    def race() -> None:
        start.wait()
        answers.append(party.userinfo(token, proof=proof).status_code)

    racers = [threading.Thread(target=race) for _ in range(50)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert sorted(answers) == [200] + [401] * 49
