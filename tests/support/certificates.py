"""An authority of our own, and certificates of servers and clients."""

from __future__ import annotations

import base64
import hashlib
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Pair:
    """A certificate with its private key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def x5t(self) -> str:
        """RFC 8705 §3.1."""
        digest = hashlib.sha256(self.der).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    @property
    def x5c(self) -> list[str]:
        """RFC 7517 §4.7: base64, and not base64url."""
        return [base64.b64encode(self.der).decode()]

    def write(self, folder: Path, name: str) -> tuple[str, str]:
        """Keep both as PEM; give the two paths, as `requests` wants them."""
        certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
        certificate.write_bytes(self.pem)
        key.write_bytes(
            self.key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return str(certificate), str(key)


def name(common: str, **more: str) -> x509.Name:
    """A subject; keywords are attributes by their names in NameOID."""
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, common)]
    parts += [
        x509.NameAttribute(getattr(NameOID, kind), text) for kind, text in more.items()
    ]
    return x509.Name(parts)


def authority(common: str = "Test authority") -> Pair:
    """One who vouches for others."""
    return make(name(common), is_authority=True)


def make(
    subject: x509.Name,
    *,
    by: Pair | None = None,
    names: Sequence[x509.GeneralName] = (),
    is_authority: bool = False,
    usage: Sequence[Any] | None = None,
    starts: datetime | None = None,
    ends: datetime | None = None,
) -> Pair:
    """A certificate; signed by itself unless somebody else does."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    issuer = by.certificate.subject if by else subject
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(starts or now - DAY)
        .not_valid_after(ends or now + DAY)
        .add_extension(x509.BasicConstraints(is_authority, None), critical=True)
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
        )
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(
                (by.key if by else key).public_key()
            ),
            critical=False,
        )
    )
    if is_authority:
        builder = builder.add_extension(
            x509.KeyUsage(
                digital_signature=True,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=True,
                crl_sign=True,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
    if names:
        builder = builder.add_extension(
            x509.SubjectAlternativeName(list(names)), critical=False
        )
    if usage is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage(usage), critical=False)
    return Pair(builder.sign((by or Pair(None, key)).key, hashes.SHA256()), key)


def for_loopback(by: Pair) -> Pair:
    """A server's certificate for this machine."""
    return make(
        name("localhost"),
        by=by,
        names=[
            x509.DNSName("localhost"),
            x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
        ],
        usage=[ExtendedKeyUsageOID.SERVER_AUTH],
    )


def for_client(by: Pair | None, common: str = "client", **more: Any) -> Pair:
    """A client's certificate; without an authority it vouches for itself."""
    more.setdefault("usage", [ExtendedKeyUsageOID.CLIENT_AUTH])
    return make(name(common), by=by, **more)
