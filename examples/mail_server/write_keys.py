r"""Put a server's public keys where Dovecot looks for them, and take old ones away.

    python examples/mail_server/write_keys.py https://auth.example.org /var/lib/dovecot/keys

Dovecot looks for `<azp>/<alg>/<kid>` there; tokens without `azp` are of `default`.
It needs `cryptography`, and Python.
"""

import base64
import json
import sys
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, build_opener

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa


def number(jwk, name):
    """One number of a key (RFC 7518 §6)."""
    text = jwk[name]
    return int.from_bytes(
        base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), "big"
    )


def public_key(jwk):
    """The key, or None for a kind that Dovecot cannot check."""
    if jwk["kty"] == "RSA":
        return rsa.RSAPublicNumbers(number(jwk, "e"), number(jwk, "n")).public_key()
    if jwk["kty"] == "EC" and jwk["crv"] == "P-256":
        point = number(jwk, "x"), number(jwk, "y")
        return ec.EllipticCurvePublicNumbers(*point, ec.SECP256R1()).public_key()
    return None


def write(issuer, folder):
    """Make the folder hold exactly the keys that sign now, or soon will."""
    # A loopback issuer is never behind the proxy that the environment names.
    is_here = urlsplit(issuer).hostname in {"127.0.0.1", "::1", "localhost"}
    http = build_opener(*([ProxyHandler({})] if is_here else []))
    place = f"{issuer}/.well-known/openid-configuration"
    with http.open(place, timeout=10) as answer:
        found = json.load(answer)
    if found["issuer"] != issuer:
        sys.exit("the discovery document names another issuer")
    with http.open(found["jwks_uri"], timeout=10) as answer:
        listed = json.load(answer)["keys"]
    kept = set()
    for jwk in listed:
        key = public_key(jwk) if jwk.get("use") == "sig" else None
        if key is None:
            continue
        file = folder / "default" / jwk["alg"] / jwk["kid"]
        kept.add(file)
        file.parent.mkdir(parents=True, exist_ok=True)
        pem = key.public_bytes(
            serialization.Encoding.PEM,
            serialization.PublicFormat.SubjectPublicKeyInfo,
        )
        half = file.with_name(f".{file.name}")
        half.write_bytes(pem)
        half.replace(file)
    for file in folder.glob("default/*/*"):
        if file not in kept:
            file.unlink()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    write(sys.argv[1].rstrip("/"), Path(sys.argv[2]))
