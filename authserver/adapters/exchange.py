"""One request and its answer over HTTP/1.1, within a limit of bytes and of time."""

import http.client
import io
import json
import socket
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, cast

from authserver import __version__
from authserver.adapters.addresses import Target

CHUNK = 16 * 1024
KNOWN_PACKINGS = {"", "identity", "gzip"}


class FetchFailed(Exception):
    """There is no answer we can use.  The text is for the log."""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str

    def json(self) -> Any:
        """Read the body as JSON (RFC 8259), or raise FetchFailed."""
        try:
            return json.loads(self.body, parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            raise FetchFailed("the answer is no JSON") from None


@dataclass(frozen=True)
class Request:
    """What is asked."""

    method: str
    url: str
    target: Target
    headers: Mapping[str, str]
    body: bytes | None = None


class Deadline:
    """A moment after which nothing is waited for any more."""

    def __init__(self, seconds: float) -> None:
        """Set it, so many seconds from now."""
        self.at = time.monotonic() + seconds

    def left(self) -> float:
        """Give the seconds that are left, or raise TimeoutError."""
        seconds = self.at - time.monotonic()
        if seconds <= 0:
            raise TimeoutError("out of time")
        return seconds


class Line(io.RawIOBase):
    """A socket on which each wait is for what is left of the time."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        """Wrap a connected socket."""
        super().__init__()
        self.sock = sock
        self.deadline = deadline

    def makefile(self, mode: str) -> io.BufferedReader:
        """Give a reader, as http.client asks for it."""
        del mode
        return io.BufferedReader(self)

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read some bytes."""
        self.sock.settimeout(self.deadline.left())
        return self.sock.recv_into(buffer)

    def sendall(self, data: bytes) -> None:
        """Send all bytes."""
        self.sock.settimeout(self.deadline.left())
        self.sock.sendall(data)

    def close(self) -> None:
        """Leave the socket open: whoever has opened it calls ``hang_up``.

        http.client closes what it was given as soon as it reads ``Connection: close``,
        before it reads the body.
        """

    def hang_up(self) -> None:
        """Close the socket."""
        self.sock.close()
        super().close()


def exchange(request: Request, line: Line, *, max_bytes: int) -> Answer:
    """Ask, and give the answer; what the other side does wrong is FetchFailed."""
    try:
        return _exchange(request, line, max_bytes=max_bytes)
    except (OSError, ValueError, http.client.HTTPException) as fault:
        raise FetchFailed(f"no answer: {kind_of(fault)}") from None
    except zlib.error:
        raise FetchFailed("the answer cannot be unpacked") from None


def kind_of(fault: BaseException) -> str:
    """Say what went wrong, for the log."""
    return f"{type(fault).__name__}: {fault}"[:200]


def _exchange(request: Request, line: Line, *, max_bytes: int) -> Answer:
    connection = http.client.HTTPConnection(request.target.host, request.target.port)
    connection.sock = cast("socket.socket", line)
    headers = {
        "Host": request.target.authority,
        "User-Agent": f"authserver/{__version__}",
        "Accept-Encoding": "identity",
        "Connection": "close",
        **request.headers,
    }
    connection.request(request.method, request.target.path, request.body, headers)
    response = connection.getresponse()
    several = response.headers
    found = {name.lower(): ", ".join(several.get_all(name, [])) for name in several}
    if not found.get("content-length", "0").isdigit():
        raise FetchFailed("a length that is none (RFC 9112 §6.3)")
    packing = found.get("content-encoding", "identity").strip().lower()
    body = _body(response, packing, max_bytes=max_bytes)
    return Answer(response.status, found, body, request.url)


def _body(response: http.client.HTTPResponse, packing: str, *, max_bytes: int) -> bytes:
    if packing not in KNOWN_PACKINGS:
        raise FetchFailed(f"packed as {packing[:20]!r}, which was not asked for")
    unpack = zlib.decompressobj(wbits=31) if packing == "gzip" else None
    body = bytearray()
    while chunk := response.read1(CHUNK):
        if unpack:
            chunk = unpack.decompress(chunk, max_bytes + 1 - len(body))
        body += chunk
        if len(body) > max_bytes:
            raise FetchFailed(f"more than {max_bytes} bytes")
    if response.length or (unpack and not unpack.eof):
        raise FetchFailed("the answer ends in the middle")
    return bytes(body)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)
