"""Signing keys and signed JWTs (RFC 7515, RFC 7519, RFC 8725) over joserfc.

A `SigningKey` is read once and kept: importing an RSA key costs more than a
hundred signatures.  `verify_jwt` answers with claims or `BadToken`, whatever
comes in: the caller never has to know the library's exceptions.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from joserfc import jws
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
MIN_RSA_BITS = 2048
MAX_RSA_BITS = 8192  # one signature check with more would take seconds
MAX_TOKEN_CHARS = 16_384
MAX_KEYS_TRIED = 8

Claims = dict[str, Any]


class BadToken(Exception):
    """Not a token we accept.  The text is for the log, never for the answer."""


class BadKey(ValueError):
    """Not a key we sign with."""


@dataclass(frozen=True, eq=False)
class SigningKey:
    """One key for one algorithm; `kid` is its RFC 7638 thumbprint."""

    kid: str
    alg: str
    key: RSAKey | ECKey | OKPKey = field(repr=False)

    def public_jwk(self) -> dict[str, Any]:
        """What the JWKS shows: only what RFC 7638 says is required is copied."""
        numbers = {name: self.key[name] for name in _PUBLIC[self.key.key_type]}
        kty = self.key.key_type
        return {"kty": kty, "kid": self.kid, "use": "sig", "alg": self.alg, **numbers}


_PUBLIC = {"RSA": ("n", "e"), "EC": ("crv", "x", "y"), "OKP": ("crv", "x")}


def generate(alg: str) -> bytes:
    """A new private key for this algorithm, as unencrypted PKCS #8 PEM."""
    raw: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
    if alg in ("RS256", "PS256"):
        raw = rsa.generate_private_key(public_exponent=65537, key_size=MIN_RSA_BITS)
    elif alg == "ES256":
        raw = ec.generate_private_key(ec.SECP256R1())
    elif alg == "EdDSA":
        raw = ed25519.Ed25519PrivateKey.generate()
    else:
        raise BadKey(f"we sign with {', '.join(ALGORITHMS)}, not {alg!r}")
    return raw.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def import_pem(
    pem: bytes | str, alg: str | None = None, *, is_checked: bool = False
) -> SigningKey:
    """Read a private key; an RSA key signs RS256 unless PS256 is asked for.

    Whether the numbers of an RSA key are those of one is looked at, which takes long,
    unless `is_checked` says that it has been.
    """
    data = pem.encode("utf-8", "replace") if isinstance(pem, str) else pem
    try:
        raw = serialization.load_pem_private_key(
            data, password=None, unsafe_skip_rsa_key_validation=is_checked
        )
    except Exception as error:  # noqa: BLE001 - the loader has no common class
        raise BadKey(f"not a private key in PEM: {type(error).__name__}") from None
    key, algorithms = _wrap(raw)
    chosen = alg or algorithms[0]
    if chosen not in algorithms:
        raise BadKey(f"this key signs {' or '.join(algorithms)}, not {chosen!r}")
    return SigningKey(kid=key.thumbprint(), alg=chosen, key=key)


def sign_jwt(key: SigningKey, claims: Mapping[str, Any], typ: str) -> str:
    """A compact JWS with the three header members every reader needs."""
    header = {"alg": key.alg, "kid": key.kid, "typ": typ}
    payload = _write(claims)
    registry = _REGISTRIES[key.alg]
    return jws.serialize_compact(header, payload, key.key, registry=registry)


def verify_jwt(
    token: object,
    keys: Mapping[str, SigningKey | Key],
    *,
    algorithms: Collection[str],
    typ: str | None = None,
    kid_optional: bool = False,
    now: float | None = None,
    leeway: float = 0,
) -> Claims:
    """The claims of a token that one of these keys has signed, or BadToken.

    Times are looked at only when `now` is given; then `exp` must be there.
    `kid_optional` is for the assertions of clients, whose keys may have no
    name (RFC 7515 §4.1.4); our own tokens always say which key it was.
    """
    try:
        signed = _check_signature(
            token, keys, algorithms=algorithms, kid_optional=kid_optional
        )
        _check_type(signed.protected.get("typ"), typ)
        claims = STRICT_JSON.decode(signed.payload.decode("utf-8"))
    except BadToken:
        raise
    except Exception as error:  # noqa: BLE001 - joserfc, json, recursion: hostile
        raise BadToken(f"{type(error).__name__}: {error}") from None
    if not isinstance(claims, dict):
        raise BadToken("the payload is no JSON object")
    if now is not None:
        check_times(claims, now, leeway)
    return claims


def at_hash(token: str, alg: str) -> str:
    """OIDC Core §3.1.3.6: the left half of the hash that belongs to the alg.

    Also c_hash and s_hash.  For Ed25519 the hash is SHA-512, the one inside it.
    """
    if alg in ("EdDSA", "Ed25519"):
        name = "sha512"
    elif alg[:2] in ("RS", "PS", "ES", "HS") and alg[2:] in ("256", "384", "512"):
        name = "sha" + alg[2:]
    else:
        raise ValueError(f"no hash is defined for {alg!r}")
    digest = hashlib.new(name, token.encode("ascii")).digest()
    half = digest[: len(digest) // 2]
    return base64.urlsafe_b64encode(half).rstrip(b"=").decode("ascii")


def algorithm_of(token: str) -> str:
    """The algorithm that the header of a verified token names."""
    signed = jws.extract_compact(token.encode("ascii"), None, Registry(()))
    return str(signed.protected["alg"])


class Registry(JWSRegistry):
    """Exactly the algorithms named, larger headers (x5c), and no warnings.

    joserfc warns about "EdDSA", which RFC 9864 renamed to "Ed25519"; relying
    parties still ask for the old name.
    """

    max_header_length = 8192

    def __init__(self, algorithms: Collection[str]) -> None:
        # RFC 7515 §4: header members that are not understood are ignored.
        super().__init__(algorithms=algorithms, strict_check_header=False)

    def get_alg(self, name: str) -> Any:
        if name == "none" or name not in (self.allowed or ()):
            raise BadToken("the algorithm is not allowed here")
        return self.algorithms[name]


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON (RFC 8259 §6)")


_REGISTRIES = {alg: Registry((alg,)) for alg in ALGORITHMS}
_write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
"""``json.dumps`` would make an encoder for each token."""
STRICT_JSON = json.JSONDecoder(parse_constant=_refuse_constant)


def _check_signature(
    token: object,
    keys: Mapping[str, SigningKey | Key],
    *,
    algorithms: Collection[str],
    kid_optional: bool,
) -> jws.CompactSignature:
    if not isinstance(token, str) or not token.isascii():
        raise BadToken("a JWT is an ASCII string")
    if len(token) > MAX_TOKEN_CHARS:
        raise BadToken("the token is too long")
    registry = Registry(algorithms)
    signed = jws.extract_compact(token.encode("ascii"), None, registry)
    header = signed.protected
    if not isinstance(header, dict) or not isinstance(header.get("alg"), str):
        raise BadToken("the header names no algorithm")
    if "crit" in header or "b64" in header:
        raise BadToken("the header asks for an extension (RFC 7515 §4.1.11)")
    registry.get_alg(header["alg"])
    for key in _candidates(header, keys, kid_optional=kid_optional):
        if jws.validate_compact(signed, key, registry=registry):
            return signed
    raise BadToken("the signature does not fit")


def _candidates(
    header: Mapping[str, Any],
    keys: Mapping[str, SigningKey | Key],
    *,
    kid_optional: bool,
) -> list[Key]:
    kid = header.get("kid")
    if kid is None and kid_optional:
        fitting = [key for key in keys.values() if _fits(key, header["alg"])]
        return [_inner(key) for key in fitting[:MAX_KEYS_TRIED]]
    if not isinstance(kid, str) or kid not in keys:
        raise BadToken("no such key")
    if not _fits(keys[kid], header["alg"]):
        raise BadToken("this key is not for that algorithm")
    return [_inner(keys[kid])]


def _fits(key: SigningKey | Key, alg: str) -> bool:
    """RFC 8725 §3.1: a key is used with one algorithm, and never by accident."""
    if isinstance(key, SigningKey):
        return key.alg == alg
    wanted = "OKP" if alg.startswith("Ed") else _KEY_TYPES.get(alg[:2])
    named = key.alg in (None, alg) or {key.alg, alg} == {"EdDSA", "Ed25519"}
    return key.key_type == wanted and named and key.get("use") in (None, "sig")


_KEY_TYPES = {
    "RS": RSAKey.key_type,
    "PS": RSAKey.key_type,
    "ES": ECKey.key_type,
    "HS": OctKey.key_type,
}


def _inner(key: SigningKey | Key) -> Key:
    return key.key if isinstance(key, SigningKey) else key


def _check_type(given: object, wanted: str | None) -> None:
    """RFC 8725 §3.11, without regard to case.

    RFC 7515 §4.1.9 lets the prefix "application/" be left out.
    """
    if wanted is None:
        return
    if not isinstance(given, str):
        raise BadToken("the header has no typ")
    if given.lower().removeprefix("application/") != wanted.lower():
        raise BadToken("the typ is another")


def check_times(claims: Claims, now: float, leeway: float = 0) -> None:
    """RFC 7519 §4.1: expired, not yet valid, or from the future is a BadToken."""
    for name in ("exp", "nbf", "iat"):
        value = claims.get(name)
        if value is None and name != "exp":
            continue
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise BadToken(f"{name} is no number (RFC 7519 §2)")
    if claims["exp"] <= now - leeway:
        raise BadToken("the token has expired")
    if claims.get("nbf", now) > now + leeway or claims.get("iat", now) > now + leeway:
        raise BadToken("the token is not valid yet")


def _wrap(raw: object) -> tuple[RSAKey | ECKey | OKPKey, tuple[str, ...]]:
    if isinstance(raw, rsa.RSAPrivateKey):
        if not MIN_RSA_BITS <= raw.key_size <= MAX_RSA_BITS:
            raise BadKey(f"an RSA key of {raw.key_size} bits; 2048 to 8192 will do")
        return RSAKey.import_key(raw), ("RS256", "PS256")
    if isinstance(raw, ec.EllipticCurvePrivateKey):
        if not isinstance(raw.curve, ec.SECP256R1):
            raise BadKey(f"ES256 needs P-256, not {raw.curve.name}")
        return ECKey.import_key(raw), ("ES256",)
    if isinstance(raw, ed25519.Ed25519PrivateKey):
        return OKPKey.import_key(raw), ("EdDSA",)
    raise BadKey(f"we sign with {', '.join(ALGORITHMS)}")
