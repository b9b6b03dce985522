"""Settings of TLS and client certificates: what cannot work is told at the start."""

from pathlib import Path
from typing import Any

import pytest

from authserver.config import load
from authserver.errors import ConfigError

BASE = {"APP_ENV": "test", "APP_URL": "https://auth.example.test:3443/id"}


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    cert, key = tmp_path / "c.pem", tmp_path / "k.pem"
    cert.write_text("-----BEGIN CERTIFICATE-----\n")
    key.write_text("x")
    return {"TLS_CERT": str(cert), "TLS_KEY": str(key)}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"TLS_CERT": "@TLS_CERT"}, "TLS_CERT and TLS_KEY: set both."),
        ({"TLS_CERT": "/none", "TLS_KEY": "@TLS_KEY"}, "TLS_CERT: is no file."),
        ({"MTLS_PORT": "3444"}, "MTLS_PORT: needs TLS_CERT and TLS_KEY."),
        ({"MTLS_CA_FILE": "/none"}, "MTLS_CA_FILE: is no file."),
        ({"MTLS_CA_FILE": "@TLS_KEY"}, "MTLS_CA_FILE: holds no certificate in PEM."),
        ({"CLIENT_CERT_HEADER": "Client-Cert"}, "CLIENT_CERT_HEADER: needs TRUSTED"),
        (
            {"CLIENT_CERT_HEADER": "Client_Cert", "TRUSTED_PROXIES": "10.0.0.1"},
            "CLIENT_CERT_HEADER: must be the name of a header.",
        ),
        ({"MTLS_URL": "https://m.example.test"}, "MTLS_URL: needs MTLS_PORT"),
        ({"MTLS_URL": "http://m.example.test"}, "MTLS_URL: must be a plain https URL."),
    ],
)
def test_what_cannot_work_is_told(
    files: dict[str, str], more: dict[str, str], said: str
) -> None:
    found = {name: files.get(value.lstrip("@"), value) for name, value in more.items()}
    with pytest.raises(ConfigError, match=said):
        load(BASE | found)


def test_the_address_for_certificates_follows_from_the_port(
    files: dict[str, str],
) -> None:
    """RFC 8705 §5: with the path of the issuer, which a proxy may have."""
    chosen = load(BASE | files | {"MTLS_PORT": "3444"})
    assert chosen.mtls_url == "https://auth.example.test:3444/id"
    assert chosen.sees_certificates and chosen.has_tls


def test_a_proxy_may_ask_at_another_address_or_at_the_same() -> None:
    by: dict[str, Any] = {
        "CLIENT_CERT_HEADER": "Client-Cert",
        "TRUSTED_PROXIES": "10.0.0.1",
    }
    assert load(BASE | by).mtls_url == ""
    there = load(BASE | by | {"MTLS_URL": "https://mtls.example.test/"})
    assert there.mtls_url == "https://mtls.example.test"
