"""Proofs by themselves: form, type, algorithm, key, signature (RFC 9449 §4.2, §4.3)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from authserver.crypto import dpop
from authserver.crypto.signing import BadToken
from tests.crypto.hostile import any_text
from tests.support.proofs import Prover, coded, compact, new_key

URL = "https://auth.example.test/token"


@pytest.mark.spec("RFC 9449 §4.2")
@pytest.mark.parametrize("algorithm", dpop.ALGORITHMS)
def test_a_good_proof_shows_its_key(algorithm: str) -> None:
    prover = Prover(algorithm)
    opened = dpop.open_proof(prover.proof("POST", URL))
    assert opened.jkt == prover.jkt
    assert opened.claims["htm"] == "POST" and opened.claims["htu"] == URL


def test_the_thumbprint_is_of_the_required_members_alone() -> None:
    """RFC 7638 §3: neither order nor further members of the jwk count."""
    prover = Prover()
    jwk = prover.key.as_dict(private=False)
    more = dict(reversed(jwk.items())) | {"kid": "k", "use": "sig", "alg": "ES256"}
    opened = dpop.open_proof(prover.proof("GET", URL, header={"jwk": more}))
    assert opened.jkt == prover.jkt


def test_the_vector_of_rfc_7638() -> None:
    """RFC 7638 §3.1: the thumbprint of the RSA key that is printed there."""
    n = (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1"
        "L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4"
        "QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbO"
        "pbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csF"
        "Cur-kEgU8awapJzKnqDKgw"
    )
    _, jkt = dpop._imported("RSA", ("AQAB", n))
    assert jkt == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


GOOD = Prover()
RSA = Prover("PS256")
OTHER = Prover()
PUBLIC = GOOD.key.as_dict(private=False)
BAD_HEADERS: dict[str, dict[str, Any]] = {
    "no typ": {"typ": None},
    "another typ": {"typ": "JWT"},
    "typ of an access token": {"typ": "at+jwt"},
    "no alg": {"alg": None},
    "alg none": {"alg": "none"},
    "alg is a list": {"alg": ["ES256"]},
    "HMAC": {"alg": "HS256"},
    "another curve's alg": {"alg": "ES384"},
    "no jwk": {"jwk": None},
    "jwk is text": {"jwk": "key"},
    "jwk is empty": {"jwk": {}},
    "a private jwk": {"jwk": GOOD.key.as_dict(private=True)},
    "a d beside the public members": {"jwk": PUBLIC | {"d": ""}},
    "a symmetric jwk": {"jwk": OctKey.generate_key(256).as_dict(private=True)},
    "another key": {"jwk": OTHER.key.as_dict(private=False)},
    "a key of another type": {"jwk": new_key("EdDSA").as_dict(private=False)},
    "a key of another curve": {
        "jwk": ECKey.generate_key("P-384").as_dict(private=False)
    },
    "half a key": {"jwk": {"kty": "EC", "crv": "P-256", "x": PUBLIC["x"]}},
    "x is a number": {"jwk": PUBLIC | {"x": 5}},
    "not on the curve": {"jwk": PUBLIC | {"y": PUBLIC["x"]}},
    "an extension": {"crit": ["exp"], "exp": 1},
    "an extension that others know": {"crit": ["typ"]},
    "an unencoded payload": {"b64": False, "crit": ["b64"]},
}


@pytest.mark.spec("RFC 9449 §4.3")
@pytest.mark.parametrize("header", BAD_HEADERS.values(), ids=BAD_HEADERS)
def test_a_header_that_proves_nothing(header: dict[str, Any]) -> None:
    with pytest.raises(BadToken):
        dpop.open_proof(GOOD.proof("POST", URL, header=header))


def test_rs256_is_refused_though_its_signature_fits() -> None:
    """FAPI 2.0 Security Profile §5.4.1."""
    proof = RSA.proof("POST", URL, header={"alg": "RS256"})
    with pytest.raises(BadToken, match="algorithm"):
        dpop.open_proof(proof)


@pytest.mark.filterwarnings("ignore:Key size should be")
@pytest.mark.parametrize("algorithm", ["PS256", "EdDSA"])
def test_a_key_that_is_too_weak_or_of_another_kind(algorithm: str) -> None:
    """1024 bits; Ed448, which EdDSA might be too."""
    weak = RSAKey.generate_key(1024)
    key = weak if algorithm == "PS256" else OKPKey.generate_key("Ed448")
    prover = Prover(algorithm, key)
    with pytest.raises(BadToken):
        dpop.open_proof(prover.proof("POST", URL))


def test_an_exponent_that_costs_time_is_refused() -> None:
    jwk = RSA.key.as_dict(private=False)
    slow = jwk | {"e": coded(((1 << 64) + 1).to_bytes(9, "big"))}
    with pytest.raises(BadToken, match="exponent"):
        dpop.open_proof(RSA.proof("POST", URL, header={"jwk": slow}))


def test_a_signature_of_another_key_does_not_fit() -> None:
    proof = GOOD.proof("POST", URL, signed_by=OTHER)
    with pytest.raises(BadToken, match="signature"):
        dpop.open_proof(proof)


@pytest.mark.parametrize("payload", [[], "text", 5, None, [{"htm": "POST"}]])
def test_a_payload_that_is_no_object(payload: Any) -> None:
    head = {"typ": "dpop+jwt", "alg": "ES256", "jwk": PUBLIC}
    with pytest.raises(BadToken):
        dpop.open_proof(compact(head, payload, GOOD.key))


@given(any_text)
def test_whatever_comes_in_is_a_bad_token(text: str) -> None:
    with pytest.raises(BadToken):
        dpop.open_proof(text)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_changed_part_is_seen(place: int) -> None:
    parts = GOOD.proof("POST", URL).split(".")
    parts[place] = parts[place][:-3] + "AAA"
    with pytest.raises(BadToken):
        dpop.open_proof(".".join(parts))


def test_two_proofs_in_one_are_none() -> None:
    """What a server makes of two headers: one, with a comma."""
    one, two = GOOD.proof("POST", URL), GOOD.proof("POST", URL)
    for joined in (f"{one},{two}", f"{one}, {two}", f"{one},", f",{one}", f"{one} "):
        with pytest.raises(BadToken):
            dpop.open_proof(joined)


def test_a_key_that_was_refused_is_not_kept() -> None:
    bad = {"kty": "EC", "crv": "P-256", "x": PUBLIC["x"], "y": PUBLIC["x"]}
    for _ in range(2):
        with pytest.raises(BadToken):
            dpop.open_proof(GOOD.proof("POST", URL, header={"jwk": bad}))


@pytest.mark.spec("RFC 9449 §4.2")
def test_the_hash_of_an_access_token() -> None:
    """RFC 9449 §7.1: the token and the ath that are printed there."""
    token = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"
    assert dpop.access_token_hash(token) == (
        "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"
    )


def test_the_proof_of_the_rfc_is_opened() -> None:
    """RFC 9449 §4.2, figure 2: signed by somebody else's code."""
    proof = (
        "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZy"
        "aHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpi"
        "VFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0V"
        "TYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3R"
        "va2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4P"
        "tFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg"
    )
    opened = dpop.open_proof(proof)
    assert opened.jkt == "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"
    assert json.loads(json.dumps(opened.claims)) == {
        "jti": "-BwC3ESc6acc2lTc",
        "htm": "POST",
        "htu": "https://server.example.com/token",
        "iat": 1562262616,
    }
