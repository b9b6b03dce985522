"""Client certificates: read, thumbprint, names, and whether an authority vouches.

RFC 8705 §2 and §3.  That the sender holds the private key was proved in the TLS
handshake, before a certificate comes here.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from urllib.parse import unquote

from cryptography import x509
from cryptography.x509 import verification
from cryptography.x509.oid import ExtendedKeyUsageOID

MAX_CERTIFICATE_CHARS = 16_384
MAX_CHAIN = 5
_BYTES = re.compile(r":([A-Za-z0-9+/=]*):")  # RFC 8941 §3.3.5
_PEM = re.compile(
    r"-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----"
)


class BadCertificate(Exception):
    """Not a certificate, or not one that proves anything.  The text is for the log."""


@dataclass(frozen=True)
class Certificate:
    """A client's certificate, and those above it that came along."""

    der: bytes
    chain: tuple[bytes, ...] = ()

    @cached_property
    def parsed(self) -> x509.Certificate:
        """The certificate itself.

        Raises:
            BadCertificate: It cannot be read.
        """
        return _parsed(self.der)

    @property
    def x5t(self) -> str:
        """RFC 8705 §3.1: SHA-256 over the DER encoding, in base64url."""
        return thumbprint(self.der)

    def has_subject(self, wanted: str) -> bool:
        """Whether this is its subject, in the words of RFC 4514."""
        try:
            return _names(x509.Name.from_rfc4514_string(wanted)) == _names(
                self.parsed.subject
            )
        except ValueError:
            return False

    def has_name(self, kind: str, wanted: str) -> bool:
        """Whether this is one of its alternative names (RFC 5280 §4.2.1.6).

        Args:
            kind: ``dns``, ``uri``, ``ip`` or ``email``.
            wanted: Compared exactly; hosts without case, addresses as numbers.
        """
        try:
            extension = self.parsed.extensions.get_extension_for_class(
                x509.SubjectAlternativeName
            )
        except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
            return False
        names = extension.value
        match kind:
            case "dns":
                found = names.get_values_for_type(x509.DNSName)
                return wanted.lower() in [name.lower() for name in found]
            case "uri":
                return wanted in names.get_values_for_type(
                    x509.UniformResourceIdentifier
                )
            case "email":
                return wanted in names.get_values_for_type(x509.RFC822Name)
            case "ip":
                return _address(wanted) in names.get_values_for_type(x509.IPAddress)
            case _:
                return False


class Authorities:
    """Those whose word counts for client certificates."""

    def __init__(self, pem: bytes) -> None:
        """Take a bundle.

        Raises:
            BadCertificate: There is no certificate in it.
        """
        try:
            found = x509.load_pem_x509_certificates(pem)
        except ValueError as error:
            raise BadCertificate(f"no certificates in PEM: {error}") from None
        self.store = verification.Store(found)

    def check(self, certificate: Certificate, now: datetime) -> None:
        """Build a chain to one of them (RFC 5280 §6), as of this moment.

        Which key usages and names a leaf has is left to the authority; where a
        certificate says what it is for, clients must be among it.

        Raises:
            BadCertificate: Expired, unknown issuer, or not for clients.
        """
        leaf = certificate.parsed
        if not leaf.not_valid_before_utc <= now <= leaf.not_valid_after_utc:
            raise BadCertificate("expired, or not yet valid")
        _check_usage(leaf)
        verifier = (
            verification.PolicyBuilder()
            .store(self.store)
            .time(now)
            .extension_policies(
                ca_policy=_AUTHORITY,
                ee_policy=verification.ExtensionPolicy.permit_all(),
            )
            .build_client_verifier()
        )
        try:
            verifier.verify(leaf, [_parsed(one) for one in certificate.chain])
        except (verification.VerificationError, ValueError) as error:
            raise BadCertificate(f"no chain: {error}") from None


def thumbprint(der: bytes) -> str:
    """Give ``x5t#S256`` of a certificate (RFC 7515 §4.1.8)."""
    digest = hashlib.sha256(der).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def from_header(text: str) -> bytes:
    """Read what a proxy hands on: RFC 9440 §2.1, or PEM, URL-encoded or on one line.

    Raises:
        BadCertificate: None of these, or more than one certificate.
    """
    text = text.strip()
    if len(text) > MAX_CERTIFICATE_CHARS:
        raise BadCertificate("longer than any certificate")
    found = _BYTES.fullmatch(text) or _PEM.fullmatch(unquote(text).strip())
    if found is None:
        raise BadCertificate("neither RFC 9440 nor PEM")
    try:
        return base64.b64decode("".join(found[1].split()), validate=True)
    except binascii.Error:
        raise BadCertificate("not base64") from None


def chain_from_header(text: str) -> tuple[bytes, ...]:
    """Read ``Client-Cert-Chain`` (RFC 9440 §2.3).

    Raises:
        BadCertificate: Not a list of certificates, or a very long one.
    """
    parts = [part for part in text.split(",") if part.strip()]
    if len(parts) > MAX_CHAIN:
        raise BadCertificate("a long chain")
    return tuple(from_header(part) for part in parts)


def is_name(kind: str, text: str) -> bool:
    """Whether this can be a name of that kind: ``dn``, ``dns``, ``uri``, ``ip``..."""
    if kind == "ip":
        return _address(text) is not None
    if kind != "dn":
        return bool(text) and text.isascii() and not re.search(r"\s", text)
    try:
        return bool(x509.Name.from_rfc4514_string(text).rdns)
    except ValueError:
        return False


def in_jwk(jwk: object) -> str | None:
    """Give the thumbprint of the certificate that a JWK carries (RFC 7517 §4.7)."""
    if not isinstance(jwk, dict):
        return None
    x5c = jwk.get("x5c")
    if isinstance(x5c, list) and x5c and isinstance(x5c[0], str):
        try:
            return thumbprint(base64.b64decode(x5c[0], validate=True))
        except binascii.Error:
            return None
    named = jwk.get("x5t#S256")
    return named if isinstance(named, str) else None


def _parsed(der: bytes) -> x509.Certificate:
    try:
        return x509.load_der_x509_certificate(der)
    except ValueError as error:
        raise BadCertificate(f"cannot be read: {error}") from None


def _check_usage(leaf: x509.Certificate) -> None:
    try:
        usage = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return
    except (x509.DuplicateExtension, ValueError) as error:
        raise BadCertificate(f"its extensions: {error}") from None
    good = (ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE)
    if not any(one in usage for one in good):
        raise BadCertificate("not for clients (RFC 5280 §4.2.1.12)")


def _may_vouch(_: object, __: x509.Certificate, found: x509.BasicConstraints) -> None:
    """RFC 5280 §4.2.1.9: a client must not make itself an authority."""
    if not found.ca:
        raise ValueError("not an authority")


def _may_sign(_: object, __: x509.Certificate, found: x509.KeyUsage | None) -> None:
    """RFC 5280 §4.2.1.3; many a small authority says nothing of it."""
    if found is not None and not found.key_cert_sign:
        raise ValueError("not for signing certificates")


_AUTHORITY = (
    verification.ExtensionPolicy.permit_all()
    .require_present(
        x509.BasicConstraints, verification.Criticality.AGNOSTIC, _may_vouch
    )
    .may_be_present(x509.KeyUsage, verification.Criticality.AGNOSTIC, _may_sign)
)


def _names(name: x509.Name) -> Sequence[frozenset[tuple[str, str | bytes]]]:
    """Compare names by what they say, and not by how ASN.1 spells a string."""
    return [
        frozenset((one.oid.dotted_string, one.value) for one in rdn)
        for rdn in name.rdns
    ]


def _address(text: str) -> object:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
