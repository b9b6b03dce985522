"""A client's DPoP key, and the proof that goes with each request (RFC 9449 §4.2)."""

import base64
import hashlib
import json
import secrets
import time

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

COORDINATE_BYTES = 32


class Prover:
    """Holds an ES256 key, and proves it."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.key = ec.generate_private_key(ec.SECP256R1())
        public = self.key.public_key().public_numbers()
        x, y = (coded(coordinate(number)) for number in (public.x, public.y))
        jwk = {"kty": "EC", "crv": "P-256", "x": x, "y": y}
        self.head = packed({"typ": "dpop+jwt", "alg": "ES256", "jwk": jwk})

    def header(self, method: str, path: str, token: str = "") -> tuple[str, str]:
        """The DPoP header for a request, with the access token that goes along."""
        claims = {
            "jti": secrets.token_urlsafe(16),
            "htm": method,
            "htu": self.issuer + path,
            "iat": int(time.time()),
        }
        if token:
            claims["ath"] = coded(hashlib.sha256(token.encode()).digest())
        plain = f"{self.head}.{packed(claims)}"
        der = self.key.sign(plain.encode(), ec.ECDSA(SHA256()))
        signature = b"".join(coordinate(part) for part in decode_dss_signature(der))
        return "DPoP", f"{plain}.{coded(signature)}"


def coordinate(number: int) -> bytes:
    """A number of the curve at its full length (RFC 7518 §6.2.1.2)."""
    return number.to_bytes(COORDINATE_BYTES, "big")


def packed(members: dict) -> str:
    """A part of a JWS (RFC 7515 §3.1)."""
    return coded(json.dumps(members).encode())


def coded(data: bytes) -> str:
    """Base64url without padding (RFC 7515 §2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
