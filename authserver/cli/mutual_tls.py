"""The second listener of a worker: TLS that asks for a client certificate (RFC 8705).

Any certificate is taken here: a handshake shows that the sender holds its key, and what
that proves is for the rules to say.  Whoever no authority vouches for must come through
too (§2.2, §3), and neither granian nor Python's own TLS would let them.

Each worker has one beside its main listener, all on the same port (SO_REUSEPORT).
"""

import logging
import socket
import threading
from collections.abc import Callable, Iterable
from typing import Any

from cheroot import wsgi
from cheroot.makefile import MakeFile
from cheroot.server import HeaderReader, HTTPConnection, HTTPRequest
from cheroot.ssl import Adapter
from cryptography.hazmat.primitives.serialization import Encoding
from OpenSSL import SSL

from authserver.cli.tls_line import TlsLine
from authserver.config import Settings
from authserver.crypto.certificate import Certificate
from authserver.http import certificates

THREADS = 16
"""A connection that is silent holds one, for as long as there is patience."""
BACKLOG = 128
PATIENCE_SECONDS = 10
MAX_HEADER_BYTES = 64 * 1024
MAX_BODY_BYTES = 1024 * 1024
CIPHERS = (
    b"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    b"ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    b"ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
)
"""Of TLS 1.2 (BCP 195, RFC 9325 §4.2); those of TLS 1.3 are all good."""

WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]
log = logging.getLogger("authserver.tls")


class MutualTls(threading.Thread):
    """Serves with certificates until it is told to stop."""

    def __init__(self, app: WsgiApp, settings: Settings) -> None:
        """Prepare and bind; ``start`` begins."""
        super().__init__(name="mutual-tls", daemon=True)
        self.server = wsgi.Server(
            (settings.host, settings.mtls_port),
            app,
            numthreads=THREADS,
            request_queue_size=BACKLOG,
            timeout=PATIENCE_SECONDS,
            shutdown_timeout=PATIENCE_SECONDS,
            server_name="authserver",
            reuse_port=True,
        )
        self.server.gateway = Gateway
        self.server.ConnectionClass = Connection
        self.server.max_request_header_size = MAX_HEADER_BYTES
        self.server.max_request_body_size = MAX_BODY_BYTES
        self.server.error_log = _note
        self.server.ssl_adapter = Lines(context(settings))
        self.server.prepare()

    def run(self) -> None:
        """Answer."""
        self.server.serve()

    def stop(self) -> None:
        """Let the requests under way be the last."""
        self.server.stop()


def context(settings: Settings) -> SSL.Context:
    """Give TLS as BCP 195 wants it, asking for a certificate and taking any."""
    made = SSL.Context(SSL.TLS_SERVER_METHOD)
    made.set_min_proto_version(SSL.TLS1_2_VERSION)
    made.set_cipher_list(CIPHERS)
    made.set_options(
        SSL.OP_NO_COMPRESSION
        | SSL.OP_NO_RENEGOTIATION
        | SSL.OP_CIPHER_SERVER_PREFERENCE
    )
    # Every connection shows its certificate anew.
    made.set_session_cache_mode(SSL.SESS_CACHE_OFF)
    made.set_options(SSL.OP_NO_TICKET)
    made.use_certificate_chain_file(str(settings.tls_cert))
    made.use_privatekey_file(str(settings.tls_key))
    made.check_privatekey()
    made.set_verify(SSL.VERIFY_PEER, _take_any)
    return made


def _take_any(*_: object) -> bool:
    return True


class Lines(Adapter):  # type: ignore[misc]
    """Makes a TLS connection of one that has been accepted.

    The one that comes with cheroot loses patience in the middle of a body.
    """

    def __init__(self, made: SSL.Context) -> None:
        """Take how TLS is spoken."""
        self.made = made

    def bind(self, sock: socket.socket) -> socket.socket:
        """Leave the listening socket as it is."""
        return sock

    def wrap(self, sock: socket.socket) -> tuple[TlsLine, dict[str, str]]:
        """Begin; the handshake comes with the first read."""
        return TlsLine(self.made, sock), {}

    def get_environ(self) -> dict[str, str]:
        """Nothing: a certificate belongs to a connection."""
        return {}

    def makefile(self, sock: Any, mode: str = "r", bufsize: int = -1) -> Any:
        """Give the file that requests are read from or written to."""
        return MakeFile(sock, mode, bufsize)


class Gateway(wsgi.Gateway_10):  # type: ignore[misc]
    """Hands a request on, with the certificate of its connection."""

    def get_environ(self) -> dict[str, Any]:
        """Give the environment of the request."""
        environ: dict[str, Any] = super().get_environ()
        environ["wsgi.url_scheme"] = "https"
        line = self.req.conn.socket.tls
        shown = line.get_peer_certificate(as_cryptography=True)
        if shown is not None:
            above = line.get_peer_cert_chain(as_cryptography=True) or []
            environ[certificates.PLACE] = Certificate(
                shown.public_bytes(Encoding.DER),
                tuple(one.public_bytes(Encoding.DER) for one in above[1:]),
            )
        return environ


class Joined(dict[bytes, bytes]):
    """Headers; one that comes twice is both, with a comma (RFC 9110 §5.3)."""

    def __setitem__(self, name: bytes, value: bytes) -> None:
        """Add to what there is, where it has not been added already."""
        before = self.get(name)
        if before is not None and not value.startswith(before + b", "):
            value = before + b", " + value
        super().__setitem__(name, value)


class Headers(HeaderReader):  # type: ignore[misc]
    """Reads headers; of two with one name neither is lost, none hides in another."""

    def __call__(self, rfile: Any, hdict: dict[bytes, bytes] | None = None) -> Any:
        """Read them all."""
        found = super().__call__(rfile, Joined())
        if hdict is None:
            return found
        hdict.update(found)
        return hdict

    def _allow_header(self, key_name: bytes) -> bool:
        # In the environment X_Y and X-Y are the same.
        return b"_" not in key_name


class Request(HTTPRequest):  # type: ignore[misc]
    """A request whose headers are read so."""

    header_reader = Headers()


class Connection(HTTPConnection):  # type: ignore[misc]
    """A connection of such requests."""

    RequestHandlerClass = Request


def _note(msg: str = "", level: int = logging.INFO, *, traceback: bool = False) -> None:
    log.log(level, msg, exc_info=traceback)
