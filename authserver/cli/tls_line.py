"""One TLS connection over pyOpenSSL, as a file of the HTTP server reads and writes it.

Whatever OpenSSL has to wait for is waited for here, and no longer than the server's
patience; the handshake is part of the first read, in the thread of the request.
"""

import select
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from cheroot import errors
from OpenSSL import SSL

MILLISECONDS = 1000
NO_GOODBYE = -1
"""What OpenSSL says of a client that is gone without a word."""


class TlsLine:
    """A connection of the server's side."""

    def __init__(self, context: SSL.Context, plain: socket.socket) -> None:
        """Take a connection that has just been accepted."""
        self.plain = plain
        self.patience = plain.gettimeout()
        plain.setblocking(False)
        self.tls = SSL.Connection(context, plain)
        self.tls.set_accept_state()

    # -- what a file needs (socket.SocketIO)

    def recv_into(self, buffer: Any) -> int:
        """Read what there is; 0 at the end."""
        return int(self._patiently(self.tls.recv_into, buffer, at_end=0))

    def send(self, data: bytes) -> int:
        """Write some."""
        return int(self._patiently(self.tls.send, bytes(data), at_end=0))

    def _decref_socketios(self) -> None:
        """Nothing: whoever has made the connection closes it."""

    # -- what the HTTP server needs

    def pending(self) -> int:
        """Say how much has been read and not been asked for."""
        return self.tls.pending()

    def fileno(self) -> int:
        """Give what can be waited for."""
        return self.plain.fileno()

    def settimeout(self, seconds: float | None) -> None:
        """Set how long one read or write may take."""
        self.patience = seconds

    def gettimeout(self) -> float | None:
        """Give it."""
        return self.patience

    def getsockname(self) -> Any:
        """Give our own address."""
        return self.plain.getsockname()

    def getpeername(self) -> Any:
        """Give the other end."""
        return self.plain.getpeername()

    def setsockopt(self, *option: Any) -> None:
        """Set an option of TCP."""
        self.plain.setsockopt(*option)

    def shutdown(self, how: int) -> None:
        """Say goodbye, and end both ways."""
        with suppress(SSL.Error):
            self.tls.shutdown()
        self.plain.shutdown(how)

    def close(self) -> None:
        """Let go."""
        self.plain.close()

    def _patiently(self, act: Callable[..., Any], *given: Any, at_end: int) -> Any:
        ends = time.monotonic() + (self.patience or 0)
        while True:
            try:
                return act(*given)
            except SSL.WantReadError:
                self._wait(select.POLLIN, ends)
            except SSL.WantWriteError:
                self._wait(select.POLLOUT, ends)
            except SSL.ZeroReturnError:
                return at_end
            except SSL.SysCallError as error:
                if error.args[0] == NO_GOODBYE:
                    return at_end
                raise OSError(*error.args) from None
            except SSL.Error as error:
                raise errors.FatalSSLAlert(*error.args) from None

    def _wait(self, what: int, ends: float) -> None:
        poll = select.poll()
        poll.register(self.plain, what)
        left = ends - time.monotonic()
        if left <= 0 or not poll.poll(left * MILLISECONDS):
            raise TimeoutError("timed out")
