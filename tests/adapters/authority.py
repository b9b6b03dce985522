"""A certificate authority of the tests' own, and what it signs."""

import datetime as dt
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Certificate:
    chain: Path
    key: Path


class Authority:
    """Signs server certificates; `bundle` is what a client has to trust."""

    def __init__(self, folder, name="Test authority"):
        self.folder = folder
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = self._sign(
            self.name,
            self.key.public_key(),
            [
                (x509.BasicConstraints(ca=True, path_length=None), True),
                (
                    x509.KeyUsage(
                        digital_signature=False, content_commitment=False,
                        key_encipherment=False, data_encipherment=False,
                        key_agreement=False, key_cert_sign=True, crl_sign=True,
                        encipher_only=False, decipher_only=False,
                    ),
                    True,
                ),
                (x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), False),
            ],
            until=DAY,
        )  # fmt: skip
        self.bundle = folder / f"{name}.crt".replace(" ", "-")
        self.bundle.write_bytes(self._pem(self.certificate))

    def issue(self, host, *, until=DAY):
        """A certificate for one host, a name or an address."""
        key = ec.generate_private_key(ec.SECP256R1())
        try:
            name = x509.IPAddress(ipaddress.ip_address(host))
        except ValueError:
            name = x509.DNSName(host)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "server")])
        authority = x509.AuthorityKeyIdentifier.from_issuer_public_key
        certificate = self._sign(
            subject,
            key.public_key(),
            [
                (x509.SubjectAlternativeName([name]), False),
                (x509.BasicConstraints(ca=False, path_length=None), True),
                (authority(self.key.public_key()), False),
            ],
            until=until,
        )
        stem = f"{host}-{certificate.serial_number}".replace(":", "_")
        chain, secret = self.folder / f"{stem}.crt", self.folder / f"{stem}.key"
        chain.write_bytes(self._pem(certificate))
        secret.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return Certificate(chain, secret)

    def _sign(self, subject, public_key, extensions, *, until):
        now = dt.datetime.now(dt.UTC)
        builder = x509.CertificateBuilder(
            subject_name=subject,
            issuer_name=self.name,
            public_key=public_key,
            serial_number=x509.random_serial_number(),
            not_valid_before=now - 2 * DAY,
            not_valid_after=now + until,
        )
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical=critical)
        return builder.sign(self.key, hashes.SHA256())

    @staticmethod
    def _pem(certificate):
        return certificate.public_bytes(serialization.Encoding.PEM)
