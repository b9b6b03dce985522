"""Encryption to others' keys (RFC 7516, RFC 7518 §4-5)."""

import pytest
from joserfc import jwe
from joserfc.jwk import ECKey, OKPKey, RSAKey

from authserver.crypto import encryption, jwks

PRIVATE = {
    "RSA": RSAKey.generate_key(2048, {"kid": "r"}),
    "P-256": ECKey.generate_key("P-256", {"kid": "e"}),
    "P-521": ECKey.generate_key("P-521", {"kid": "h"}),
    "X25519": OKPKey.generate_key("X25519", {"kid": "x"}),
}
FITTING = {
    "RSA-OAEP-256": ["RSA"],
    "ECDH-ES": ["P-256", "P-521", "X25519"],
    "ECDH-ES+A256KW": ["P-256", "P-521", "X25519"],
}


@pytest.mark.parametrize("enc", encryption.ENCODINGS)
@pytest.mark.parametrize(
    ("alg", "kind"), [(alg, kind) for alg, kinds in FITTING.items() for kind in kinds]
)
def test_the_holder_of_the_private_half_can_read_it(
    alg: str, kind: str, enc: str
) -> None:
    published = jwks.read({"keys": [PRIVATE[kind].as_dict(private=False)]})
    key = encryption.pick(published.encryption, alg)
    text = encryption.encrypt("a.b.c" * 20_000, key, alg=alg, enc=enc, is_jwt=True)
    algorithms = [alg, enc]
    registry = jwe.JWERegistry(algorithms=algorithms)
    registry.max_ciphertext_length = 1 << 20
    opened = jwe.decrypt_compact(text, PRIVATE[kind], registry=registry)
    assert opened.plaintext == b"a.b.c" * 20_000
    header = opened.headers()
    assert (header["alg"], header["enc"], header["cty"]) == (alg, enc, "JWT")
    assert header["kid"] == PRIVATE[kind].kid


def test_what_is_no_jwt_is_not_said_to_be_one() -> None:
    text = encryption.encrypt(
        "{}", PRIVATE["P-256"], alg="ECDH-ES", enc="A256GCM", is_jwt=False
    )
    opened = jwe.decrypt_compact(
        text, PRIVATE["P-256"], algorithms=["ECDH-ES", "A256GCM"]
    )
    assert "cty" not in opened.headers()


@pytest.mark.spec("RFC 8725 §3.1")
def test_a_key_that_is_for_another_algorithm_is_not_taken() -> None:
    bound = PRIVATE["RSA"].as_dict(private=False, alg="RSA-OAEP")
    with pytest.raises(encryption.NoKey):
        encryption.pick(jwks.read({"keys": [bound]}).encryption, "RSA-OAEP-256")
    with pytest.raises(encryption.NoKey):
        encryption.pick([PRIVATE["RSA"]], "ECDH-ES")
    with pytest.raises(encryption.NoKey):
        encryption.pick([], "ECDH-ES")
