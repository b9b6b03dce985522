"""The key sets of strangers: what is taken of them, and what is left (RFC 7517 §5)."""

import base64

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from authserver.crypto import jwks

RSA = RSAKey.generate_key(2048, {"kid": "rsa"}).as_dict(private=False)
EC = ECKey.generate_key("P-256", {"kid": "ec"}).as_dict(private=False)
ED = OKPKey.generate_key("Ed25519", {"kid": "ed"}).as_dict(private=False)
X = OKPKey.generate_key("X25519", {"kid": "x"}).as_dict(private=False)


def modulus(bits: int) -> str:
    number = ((1 << (bits - 1)) + 1).to_bytes(bits // 8)
    return base64.urlsafe_b64encode(number).rstrip(b"=").decode()


def test_a_key_without_a_use_is_for_both_but_a_curve_decides() -> None:
    found = jwks.read({"keys": [RSA, EC, ED, X]})
    assert set(found.signing) == {"rsa", "ec", "ed"}
    assert {key.kid for key in found.encryption} == {"rsa", "ec", "x"}


def test_what_is_said_to_be_for_one_thing_is_for_that_alone() -> None:
    found = jwks.read({"keys": [RSA | {"use": "sig"}, EC | {"use": "enc"}]})
    assert set(found.signing) == {"rsa"}
    assert [key.kid for key in found.encryption] == ["ec"]


def test_a_key_made_for_encryption_comes_first() -> None:
    found = jwks.read({"keys": [RSA, EC | {"use": "enc"}]})
    assert [key.kid for key in found.encryption] == ["ec", "rsa"]


@pytest.mark.spec("RFC 7517 §5")
@pytest.mark.parametrize(
    "stranger",
    [
        {"kty": "oct", "k": "c2VjcmV0", "kid": "bad"},
        OctKey.generate_key(256, {"kid": "bad"}).as_dict(private=True),
        RSAKey.generate_key(2048, {"kid": "bad"}).as_dict(private=True),
        {**EC, "kid": "bad", "d": "AAAA"},
        {**RSA, "kid": "bad", "n": modulus(1024)},
        {**RSA, "kid": "bad", "n": modulus(16384)},
        {**RSA, "kid": "bad", "n": "!" * 400},
        {**RSA, "kid": "bad", "n": 5},
        {**RSA, "kid": "bad", "e": ""},
        {"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA", "kid": "bad"},
        {"kty": "EC", "crv": "secp256k1", "x": EC["x"], "y": EC["y"], "kid": "bad"},
        {"kty": "AKP", "alg": "ML-DSA-44", "pub": "AAAA", "kid": "bad"},
        {**EC, "kid": 5},
        {**EC, "kid": "k" * 5000},
        {**EC, "kid": "bad", "use": "bogus"},
        {**EC, "kid": "bad", "alg": ["ES256"]},
        {},
        "EC",
        None,
        [],
    ],
)
def test_one_that_cannot_be_used_leaves_the_others(stranger: object) -> None:
    found = jwks.read({"keys": [stranger, RSA]})
    assert set(found.signing) == {"rsa"}
    assert [key.kid for key in found.encryption] == ["rsa"]


@pytest.mark.parametrize(
    "document", [None, [], "keys", 5, {}, {"keys": None}, {"keys": {"a": RSA}}]
)
def test_what_is_no_set_holds_nothing(document: object) -> None:
    assert jwks.read(document) == jwks.NOTHING


def test_of_two_keys_of_one_name_the_first_is_taken() -> None:
    other = RSAKey.generate_key(2048, {"kid": "rsa"}).as_dict(private=False)
    found = jwks.read({"keys": [RSA, other]})
    assert found.signing["rsa"]["n"] == RSA["n"]


def test_a_set_is_read_so_far_and_no_further() -> None:
    crowd = [EC | {"kid": f"k{number}"} for number in range(jwks.MOST_KEYS + 5)]
    assert len(jwks.read({"keys": crowd}).signing) == jwks.MOST_KEYS
