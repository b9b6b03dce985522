"""F30: TLS 1.2 or newer with ciphers of BCP 195, on both ports (RFC 9325)."""

from __future__ import annotations

import socket
import ssl
from typing import Any

import pytest
import requests

from tests.support.tls_live import TlsServer

# RFC 9325 §4.2.1, with what may stand beside it (§4.2): AEAD with forward secrecy
GOOD = {
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-RSA-CHACHA20-POLY1305",
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
}
WEAK = (
    "ECDHE-ECDSA-AES128-SHA",
    "ECDHE-ECDSA-AES256-SHA384",
    "ECDHE-ECDSA-AES128-SHA256",
    "AES128-GCM-SHA256",
    "AES256-SHA",
    "DHE-RSA-AES128-GCM-SHA256",
    "aNULL",
    "eNULL",
    "PSK",
)


@pytest.fixture(params=["port", "mtls_port"])
def port(server: TlsServer, request: pytest.FixtureRequest) -> int:
    return getattr(server, request.param)


def handshake(
    server: TlsServer,
    port: int,
    *,
    low: ssl.TLSVersion,
    high: ssl.TLSVersion,
    ciphers: str = "DEFAULT",
) -> tuple[str, str]:
    """What was agreed: the version and the cipher."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(server.ca_file)
    context.minimum_version, context.maximum_version = low, high
    context.set_ciphers(f"{ciphers}:@SECLEVEL=0")
    with (
        socket.create_connection(("127.0.0.1", port), timeout=10) as line,
        context.wrap_socket(line, server_hostname="127.0.0.1") as agreed,
    ):
        cipher = agreed.cipher()
        assert cipher is not None
        return agreed.version() or "", cipher[0]


V = ssl.TLSVersion


@pytest.mark.spec("OIDF F30")
@pytest.mark.spec("RFC 9325 §3.1.1")
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize("version", ["TLSv1", "TLSv1_1"])
def test_f30_old_versions_are_refused(
    server: TlsServer, port: int, version: str
) -> None:
    old = getattr(V, version)
    with pytest.raises((ssl.SSLError, ConnectionError)):
        handshake(server, port, low=old, high=old, ciphers="ALL")


@pytest.mark.spec("OIDF F30")
@pytest.mark.spec("RFC 9325 §4.2")
@pytest.mark.parametrize(("version", "name"), [(V.TLSv1_2, "1.2"), (V.TLSv1_3, "1.3")])
def test_f30_new_ones_agree_on_a_good_cipher(
    server: TlsServer, port: int, version: Any, name: str
) -> None:
    agreed, cipher = handshake(server, port, low=version, high=version)
    assert agreed == f"TLSv{name}" and cipher in GOOD


@pytest.mark.spec("OIDF F30")
@pytest.mark.spec("RFC 9325 §4.1")
@pytest.mark.parametrize("cipher", WEAK)
def test_f30_a_weak_cipher_is_refused(
    server: TlsServer, port: int, cipher: str
) -> None:
    with pytest.raises((ssl.SSLError, ConnectionError)):
        handshake(server, port, low=V.TLSv1_2, high=V.TLSv1_2, ciphers=cipher)


def test_whoever_says_nothing_stops_nobody(server: TlsServer, port: int) -> None:
    """Connections without a handshake, and one in the middle of a request."""
    silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(8)]
    trust = ssl.create_default_context(cafile=server.ca_file)
    line = socket.create_connection(("127.0.0.1", port), timeout=10)
    with trust.wrap_socket(line, server_hostname="127.0.0.1") as half:
        half.sendall(
            b"POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\na="
        )
        url = f"https://127.0.0.1:{port}/healthz"
        assert requests.get(url, verify=server.ca_file, timeout=8).status_code == 200
    for one in silent:
        one.close()


def test_plain_http_is_not_answered(server: TlsServer, port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        said = line.recv(1000)
    assert not said.startswith(b"HTTP/1.1 200")


@pytest.mark.spec("OIDF F30")
def test_f30_every_endpoint_is_https(rp: Any) -> None:
    both = [rp.metadata, rp.metadata["mtls_endpoint_aliases"]]
    urls = [
        value
        for document in both
        for name, value in document.items()
        if name.endswith("_endpoint") or name == "jwks_uri"
    ]
    assert len(urls) > 8 and all(url.startswith("https://") for url in urls)
