"""What others encrypted to us (RFC 7516, RFC 7518 §4): opened, or refused alike."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from joserfc import jwe
from joserfc.jwk import ECKey, OctKey, RSAKey

from authserver.crypto import opening
from authserver.crypto.encryption import ENCODINGS
from authserver.crypto.opening import OpeningKey
from authserver.crypto.signing import BadKey, BadToken

INSIDE = "head.body.signature"
KEYS = {
    key.kid: key
    for key in (
        opening.import_pem(opening.generate(alg), alg) for alg in opening.ALGORITHMS
    )
}
BY_ALG = {key.alg: key for key in KEYS.values()}


def sealed(
    key: Any, alg: str, enc: str = "A256GCM", text: str = INSIDE, **header: Any
) -> str:
    """As somebody else encrypts, who knows the public half."""
    zipped = ["DEF"] if "zip" in header else []
    registry = jwe.JWERegistry(algorithms=[alg, enc, *zipped])
    return jwe.encrypt_compact(
        {"alg": alg, "enc": enc, **header}, text, key, registry=registry
    )


def theirs(key: OpeningKey) -> Any:
    """The key as the JWKS shows it to them."""
    kind = {"RSA": RSAKey, "EC": ECKey}[key.key.key_type]
    return kind.import_key(key.public_jwk())


@pytest.mark.parametrize("enc", ENCODINGS)
@pytest.mark.parametrize("alg", opening.ALGORITHMS)
def test_what_was_encrypted_to_a_published_key_is_opened(alg: str, enc: str) -> None:
    key = BY_ALG[alg]
    shown = key.public_jwk()
    assert (shown["use"], shown["alg"]) == ("enc", alg)
    assert not {"d", "p", "q", "dp", "dq", "qi"} & set(shown)
    for header in ({}, {"kid": key.kid}, {"cty": "JWT", "x5t": "AAAA"}):
        assert (
            opening.open_text(sealed(theirs(key), alg, enc, **header), KEYS) == INSIDE
        )


OAEP = theirs(BY_ALG["RSA-OAEP-256"])
P256 = theirs(BY_ALG["ECDH-ES"])
SHARED = OctKey.generate_key(256)


def cut(text: str, part: int, value: str) -> str:
    parts = text.split(".")
    parts[part] = value
    return ".".join(parts)


def headed(text: str, **more: Any) -> str:
    """Another header, of which the tag knows nothing."""
    head = text.partition(".")[0]
    said = json.loads(base64.urlsafe_b64decode(head + "=="))
    coded = base64.urlsafe_b64encode(json.dumps(said | more).encode()).rstrip(b"=")
    return cut(text, 0, coded.decode())


GOOD = sealed(OAEP, "RSA-OAEP-256")
KID = BY_ALG["RSA-OAEP-256"].kid
REFUSED = {
    "empty": "",
    "dots": "....",
    "no letters of ours": "é" + GOOD,
    "too long": cut(GOOD, 3, "A" * opening.MAX_CHARS),
    "no header": cut(GOOD, 0, "!!"),
    "a header that is a list": cut(GOOD, 0, "W10"),
    "another key": sealed(RSAKey.generate_key(2048), "RSA-OAEP-256"),
    "a name of no key": sealed(OAEP, "RSA-OAEP-256", kid="nobody"),
    "a name of another key": sealed(OAEP, "RSA-OAEP-256", kid=BY_ALG["ECDH-ES"].kid),
    "an algorithm that is not ours": sealed(OAEP, "RSA-OAEP"),
    "an encoding that is not ours": sealed(OAEP, "RSA-OAEP-256", "A192GCM"),
    "a shared secret": sealed(SHARED, "A256KW"),
    "the secret itself": sealed(SHARED, "dir"),
    "compression": sealed(OAEP, "RSA-OAEP-256", zip="DEF"),
    "an extension": sealed(OAEP, "RSA-OAEP-256", crit=["kid"], kid=KID),
    "a password": headed(GOOD, alg="PBES2-HS256+A128KW", p2c=10**9, p2s="AAAA"),
    "another tag": cut(GOOD, 4, "A" * 22),
    "another text": cut(GOOD, 3, "AAAA"),
    "a header that was changed": headed(GOOD, cty="JWT"),
    "no ephemeral key": headed(GOOD, alg="ECDH-ES"),
    "a point on no curve": headed(
        sealed(P256, "ECDH-ES"),
        epk={"kty": "EC", "crv": "P-256", "x": "AQ", "y": "AQ"},
    ),
    "letters that are none": sealed(OAEP, "RSA-OAEP-256", text="é.é.é"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_anything_else_is_refused_in_one_way(name: str) -> None:
    with pytest.raises(BadToken):
        opening.open_text(REFUSED[name], KEYS)


def test_a_key_opens_by_its_own_algorithm_alone() -> None:
    """RFC 8725 §3.1: also where the type of the key would fit another."""
    key = BY_ALG["RSA-OAEP-256"]
    other = OpeningKey(key.kid, "ECDH-ES", key.key)
    with pytest.raises(BadToken):
        opening.open_text(GOOD, {key.kid: other})


def test_there_are_keys_for_our_algorithms_alone() -> None:
    with pytest.raises(BadKey):
        opening.generate("RSA1_5")
