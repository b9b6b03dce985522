"""What was encrypted to us, opened (RFC 7516, RFC 7518 §4) over joserfc.

Whoever encrypts needs our public key and nothing more: what comes out is believed no more
than what came in the clear.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from joserfc import jwe
from joserfc.jwe import JWERegistry
from joserfc.jwk import ECKey, RSAKey

from authserver.crypto import unverified
from authserver.crypto.encryption import ENCODINGS
from authserver.crypto.signing import MIN_RSA_BITS, BadKey, BadToken

ALGORITHMS = ("RSA-OAEP-256", "ECDH-ES")
"""For each there is a key of its own; none that a password or a shared secret opens."""

MAX_CHARS = 48 * 1024
PARTS = 5
_EXTENSIONS = frozenset({"zip", "crit"})
_PUBLIC = {"RSA": ("n", "e"), "EC": ("crv", "x", "y")}


@dataclass(frozen=True, eq=False)
class OpeningKey:
    """One key for one algorithm; ``kid`` is its RFC 7638 thumbprint."""

    kid: str
    alg: str
    key: RSAKey | ECKey = field(repr=False)

    def public_jwk(self) -> dict[str, Any]:
        """What the JWKS shows (RFC 7517 §4)."""
        numbers = {name: self.key[name] for name in _PUBLIC[self.key.key_type]}
        kty = self.key.key_type
        return {"kty": kty, "kid": self.kid, "use": "enc", "alg": self.alg, **numbers}


def generate(alg: str) -> bytes:
    """A new private key for this algorithm, as unencrypted PKCS #8 PEM."""
    raw: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    if alg == "RSA-OAEP-256":
        raw = rsa.generate_private_key(public_exponent=65537, key_size=MIN_RSA_BITS)
    elif alg == "ECDH-ES":
        raw = ec.generate_private_key(ec.SECP256R1())
    else:
        raise BadKey(f"we open {', '.join(ALGORITHMS)}, not {alg!r}")
    return raw.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def import_pem(pem: bytes, alg: str) -> OpeningKey:
    """Read a key that ``generate`` made and that lay sealed since."""
    raw = serialization.load_pem_private_key(
        pem, password=None, unsafe_skip_rsa_key_validation=True
    )
    if isinstance(raw, rsa.RSAPrivateKey):
        key: RSAKey | ECKey = RSAKey.import_key(raw)
    elif isinstance(raw, ec.EllipticCurvePrivateKey):
        key = ECKey.import_key(raw)
    else:
        raise BadKey(f"no key that opens {alg}")
    return OpeningKey(kid=key.thumbprint(), alg=alg, key=key)


def is_encrypted(text: str) -> bool:
    """Whether it has the five parts of a JWE (RFC 7516 §7.1, §9)."""
    return text.count(".") == PARTS - 1


def open_text(text: str, keys: Mapping[str, OpeningKey]) -> str:
    """Give what is inside of a compact JWE.

    Raises:
        BadToken: None of these keys opens it, or it is sealed in a way that we do not
            take; which of the two is not told, and no difference of time shows it.
    """
    if len(text) > MAX_CHARS or not text.isascii():
        raise BadToken("what is encrypted is too long, or no ASCII")
    header = unverified.protected(text)
    alg, enc, kid = header.get("alg"), header.get("enc"), header.get("kid")
    if alg not in ALGORITHMS or enc not in ENCODINGS:
        raise BadToken("encrypted by an algorithm that is not taken here")
    if _EXTENSIONS & header.keys():
        # Compression above all: a small text may hold a very large one (RFC 8725 §3.6).
        raise BadToken("the header of what is encrypted asks for an extension")
    fitting = [key for key in keys.values() if key.alg == alg]
    if kid is not None:
        fitting = [key for key in fitting if key.kid == kid]
    registry = _Registry(algorithms=(alg, enc))
    for key in fitting:
        try:
            opened = jwe.decrypt_compact(text, key.key, registry=registry)
            return (opened.plaintext or b"").decode("ascii")
        except Exception:  # noqa: BLE001, S112 -- joserfc, cryptography: hostile
            continue
    raise BadToken("no key of ours opens it")


class _Registry(JWERegistry):
    """As long as what is read elsewhere; members that we do not know are ignored."""

    max_ciphertext_length = MAX_CHARS

    def __init__(self, algorithms: tuple[str, ...]) -> None:
        super().__init__(algorithms=[*algorithms], strict_check_header=False)
