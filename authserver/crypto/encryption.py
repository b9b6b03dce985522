"""Encryption to others' public keys (RFC 7516, RFC 7518 §4-5) over joserfc."""

from collections.abc import Iterable

from joserfc import jwe
from joserfc.jwe import JWERegistry
from joserfc.jwk import Key

from authserver.crypto.jwks import PublicKeys

ALGORITHMS = ("RSA-OAEP-256", "ECDH-ES", "ECDH-ES+A256KW")
ENCODINGS = ("A128CBC-HS256", "A256GCM")
DEFAULT_ENCODING = "A128CBC-HS256"  # OIDC Registration §2

_KEY_TYPES = {
    "RSA-OAEP-256": ("RSA",),
    "ECDH-ES": ("EC", "OKP"),
    "ECDH-ES+A256KW": ("EC", "OKP"),
}


class NoKey(Exception):
    """None of these keys can be encrypted to.  The text is for the log."""


class _Registry(JWERegistry):
    """Large enough for the tokens of people with many roles."""

    max_ciphertext_length = 1024 * 1024


def pick(keys: Iterable[Key], alg: str) -> Key:
    """Give the first key that is for this algorithm.

    Raises:
        NoKey: There is none.
    """
    for key in keys:
        if key.key_type in _KEY_TYPES[alg] and key.alg in (None, alg):
            return key
    raise NoKey(f"no key for {alg}")


def fits(keys: PublicKeys, algs: Iterable[str]) -> bool:
    """Whether there is a key for each of these algorithms."""
    try:
        return all(pick(keys.encryption, alg) for alg in algs)
    except NoKey:
        return False


def encrypt(text: str, key: Key, *, alg: str, enc: str, is_jwt: bool) -> str:
    """Encrypt to one key; give the compact form.

    Args:
        text: A signed JWT, or JSON.
        key: Whose private half will open it.
        alg: One of ``ALGORITHMS``.
        enc: One of ``ENCODINGS``.
        is_jwt: Whether the text is a JWT: then it is a nested one, and the header
            says so (RFC 7519 §5.2).
    """
    header = {"alg": alg, "enc": enc}
    if is_jwt:
        header["cty"] = "JWT"
    if key.kid:
        header["kid"] = key.kid
    registry = _Registry(algorithms=(alg, enc))
    return jwe.encrypt_compact(header, text, key, registry=registry)
