"""What settings of TLS and client certificates must keep (RFC 8705 §5, RFC 9440 §4)."""

import re
from pathlib import Path

from authserver.config.settings import Settings
from authserver.config.urls import parts

PEM = b"-----BEGIN CERTIFICATE-----"


def mtls_url(settings: Settings, issuer: str) -> str:
    """Give where client certificates are asked for, if that is another address."""
    if settings.mtls_url or not settings.mtls_port:
        return settings.mtls_url.rstrip("/")
    url = parts(issuer)
    host = f"[{url.hostname}]" if ":" in (url.hostname or "") else url.hostname
    return f"https://{host}:{settings.mtls_port}{url.path}"


def check_channel(settings: Settings) -> list[str]:
    """Look at TLS: certificates have keys, and somebody who may hand them on."""
    faults = []
    if settings.has_tls != (settings.tls_key != Path()):
        faults.append("TLS_CERT and TLS_KEY: set both.")
    for name, file in (
        ("TLS_CERT", settings.tls_cert),
        ("TLS_KEY", settings.tls_key),
        ("MTLS_CA_FILE", Path(settings.mtls_ca_file)),
    ):
        if file != Path() and not file.is_file():
            faults.append(f"{name}: is no file.")
    bundle = Path(settings.mtls_ca_file)
    if bundle.is_file() and PEM not in bundle.read_bytes():
        faults.append("MTLS_CA_FILE: holds no certificate in PEM.")
    if settings.mtls_port and not settings.has_tls:
        faults.append("MTLS_PORT: needs TLS_CERT and TLS_KEY.")
    if settings.client_cert_header:
        if not settings.trusted_proxies:
            faults.append("CLIENT_CERT_HEADER: needs TRUSTED_PROXIES.")
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*", settings.client_cert_header):
            faults.append("CLIENT_CERT_HEADER: must be the name of a header.")
    if settings.mtls_url:
        url = parts(settings.mtls_url)
        is_plain = url.hostname and not (url.query or url.fragment or url.username)
        if url.scheme != "https" or not is_plain:
            faults.append("MTLS_URL: must be a plain https URL.")
        elif not settings.sees_certificates:
            faults.append("MTLS_URL: needs MTLS_PORT or CLIENT_CERT_HEADER.")
    return faults
