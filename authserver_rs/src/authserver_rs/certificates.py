"""The client's certificate, and whether a token is bound to it (RFC 8705 §3).

TLS ends before the application: whoever ends it must say whose certificate it was, by
RFC 9440 or in a header of its own, and must drop what clients send under that name.
"""

import hmac
from collections.abc import Mapping
from urllib.parse import unquote

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from authserver_rs.decoding import from_base64, sha256_url
from authserver_rs.errors import Denied

PEM = "-----BEGIN"
MAX_CHARS = 16 * 1024


def thumbprint(certificate: bytes) -> str:
    """Give the ``x5t#S256`` of a certificate, in DER (RFC 8705 §3.1)."""
    return sha256_url(certificate)


def from_header(value: str) -> bytes | None:
    """Read a certificate as proxies pass it: RFC 9440 §2.1, PEM, or PEM in percents."""
    text = value.strip()
    if not text or len(text) > MAX_CHARS:
        return None
    try:
        if text.startswith(":") and text.endswith(":"):
            return from_base64(text[1:-1])
        plain = unquote(text) if text.startswith("-----BEGIN%20") else text
        if plain.startswith(PEM):
            found = x509.load_pem_x509_certificate(plain.encode())
            return found.public_bytes(Encoding.DER)
        return from_base64(text)
    except ValueError:
        return None


def check(cnf: Mapping[str, object], certificate: bytes | None) -> None:
    """Hold a bound token to the certificate of its connection.

    Raises:
        Denied: There is none, or it is another (RFC 8705 §3).
    """
    bound = cnf.get("x5t#S256")
    if bound is None:
        return
    shown = thumbprint(certificate) if certificate else ""
    if not isinstance(bound, str) or not hmac.compare_digest(
        shown.encode(), bound.encode()
    ):
        raise Denied("invalid_token", "bound to another certificate")
