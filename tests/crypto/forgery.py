"""What the tests of signed tokens share: four keys, and a hand that forges."""

import base64
import hashlib
import hmac
import json

from cryptography.hazmat.primitives import serialization
from joserfc.jws import JWSRegistry

from authserver.crypto import signing
from authserver.crypto.signing import ALGORITHMS

CLAIMS = {"iss": "https://id.example", "sub": "ana", "exp": 2_000, "name": "Ana Ção"}
KEYS = {alg: signing.import_pem(signing.generate(alg), alg) for alg in ALGORITHMS}
KEYRING = {key.kid: key for key in KEYS.values()}
MINE = KEYS["ES256"]
GOOD = {"alg": "ES256", "kid": MINE.kid, "typ": "JWT"}


def b64(data):
    data = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def pem_of(raw):
    return raw.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def verify(token, keys=KEYRING, **changed):
    return signing.verify_jwt(token, keys, **{"algorithms": ALGORITHMS, **changed})


def forge(header, payload=CLAIMS, *, secret=None):
    """A token whose signature is right, whatever its header says."""
    signed = f"{b64(header)}.{b64(payload)}"
    if secret is None:
        made = JWSRegistry.algorithms[MINE.alg].sign(signed.encode(), MINE.key)
    else:
        made = hmac.new(secret, signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{b64(made)}"
