"""A live server that speaks TLS itself, and asks for certificates on a second port."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.support import certificates
from tests.support.certificates import Pair
from tests.support.live import LiveServer
from tests.support.ports import free_port


class TlsServer(LiveServer):
    """`authserver serve` with a certificate of an authority of our own."""

    def __init__(self, folder: Path, **more: Any) -> None:
        self.authority: Pair = certificates.authority()
        ca_file, _ = self.authority.write(folder, "authority")
        cert, key = certificates.for_loopback(self.authority).write(folder, "server")
        self.mtls_port = free_port()
        env = {
            "TLS_CERT": cert,
            "TLS_KEY": key,
            "MTLS_PORT": str(self.mtls_port),
            "MTLS_CA_FILE": ca_file,
        }
        super().__init__(
            issuer="https://127.0.0.1:{port}",
            ca_file=ca_file,
            env=env | more.pop("env", {}),
            **more,
        )
