"""A client's certificate by the header of a proxy (RFC 9440 §2, §4)."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from authserver.http import certificates
from authserver.http.proxies import TrustedProxies
from tests.support.certificates import authority, for_client

PROXY, STRANGER = "10.0.0.1", "203.0.113.9"
OWN = for_client(authority())
OTHER = for_client(None, "other")
CODED = base64.b64encode(OWN.der).decode()
WRITTEN = {
    "RFC 9440": f":{CODED}:",
    "nginx": quote(OWN.pem.decode()),
    "one line": OWN.pem.decode().replace("\n", " ").strip(),
}


@pytest.fixture
def ask() -> Callable[..., Any]:
    """Send headers from somewhere; give the certificate that arrives."""

    def give(
        headers: dict[str, str], *, peer: str = PROXY, header: str = "Client-Cert"
    ) -> Any:
        seen: dict[str, Any] = {}

        def app(environ: dict[str, Any], start: Any) -> list[bytes]:
            seen.update(environ)
            return []

        environ = {
            certificates.as_variable(name): value for name, value in headers.items()
        }
        wrapped = TrustedProxies(app, ["10.0.0.0/8"], certificate_header=header)
        wrapped(environ | {"REMOTE_ADDR": peer}, None)
        left = [name for name in seen if "CERT" in name and name != certificates.PLACE]
        assert left == [], "a header of a certificate went on"
        found = seen.get(certificates.PLACE)
        return None if found is None else found.x5t

    return give


@pytest.mark.spec("RFC 9440 §2.1")
@pytest.mark.parametrize("text", WRITTEN.values(), ids=WRITTEN)
@pytest.mark.parametrize("header", ["Client-Cert", "X-SSL-Client-Cert"])
def test_what_proxies_write_is_read(
    ask: Callable[..., Any], text: str, header: str
) -> None:
    assert ask({header: text}, header=header) == OWN.x5t


@pytest.mark.spec("RFC 9440 §4")
@pytest.mark.spec("RFC 9700 §4.13")
@pytest.mark.parametrize("peer", [STRANGER, "127.0.0.1", "", "nonsense"])
def test_from_anybody_else_it_is_dropped(ask: Callable[..., Any], peer: str) -> None:
    for header in ("Client-Cert", "X-SSL-Client-Cert"):
        sent = {"Client-Cert": f":{CODED}:", header: WRITTEN["nginx"]}
        assert ask(sent, header=header) == OWN.x5t
        assert ask(sent, peer=peer, header=header) is None


def test_unless_it_is_asked_for_no_header_counts(ask: Callable[..., Any]) -> None:
    """A proxy that was not told of it may pass on what came from outside."""
    sent = {"REMOTE_ADDR": PROXY, "HTTP_CLIENT_CERT": f":{CODED}:"}
    seen: dict[str, Any] = {}
    TrustedProxies(lambda environ, _: seen.update(environ) or [], ["10.0.0.0/8"])(
        sent, None
    )
    assert certificates.PLACE not in seen
    assert ask({"Client-Cert": f":{CODED}:"}, header="X-Other") is None


BAD = {
    "nothing": "",
    "no certificate": "nonsense",
    "two": f":{CODED}:, :{base64.b64encode(OTHER.der).decode()}:",
    "two in PEM": quote((OWN.pem + OTHER.pem).decode()),
    "bad base64": ":!!!:",
    "padding": ":AAA:",
    "long": ":" + "A" * 20_000 + ":",
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_what_cannot_be_read_is_as_good_as_absent(
    ask: Callable[..., Any], text: str
) -> None:
    assert ask({"Client-Cert": text}) is None
