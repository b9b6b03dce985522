"""The one client by which this server asks other servers.

Whose URL it is asked to fetch is not always a friend.  So: https; no address that only
this network can reach, and the address that was looked at is the one that is called;
few redirects, each looked at anew; a limit of bytes, also after unpacking; and a limit
of time for all of it together, name and handshake included.
"""

import socket
import ssl
import threading
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urljoin

from authserver.adapters.addresses import AddressRefused, Policy, Target, read_url
from authserver.adapters.exchange import (
    Answer,
    Deadline,
    FetchFailed,
    Line,
    Request,
    exchange,
    kind_of,
)
from authserver.errors import ConfigError

MAX_BYTES = 256 * 1024
TIMEOUT_SECONDS = 5.0
MOST_REDIRECTS = 3
MOST_ADDRESSES = 4
MOST_LOOKUPS = 16
REDIRECTS = {301, 302, 303, 307, 308}

Resolve = Callable[[str, int], Sequence[str]]


def resolve(host: str, port: int) -> list[str]:
    """Ask the system for the addresses of a name."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Fetcher:
    """Fetches from other servers, within limits."""

    def __init__(
        self,
        *,
        allow_http: bool = False,
        allowed: Sequence[str] = (),
        ca_file: str | None = None,
        resolve: Resolve = resolve,
    ) -> None:
        """Prepare; nothing is connected yet.

        Args:
            allow_http: Also without encryption; for development.
            allowed: Names, addresses and networks that may be called though they are
                not public.
            ca_file: PEM bundle that is trusted beside the system's.
            resolve: Gives the addresses of a name.

        Raises:
            ConfigError: The bundle cannot be read.
        """
        self.allow_http = allow_http
        self.policy = Policy(allowed)
        self.resolve = resolve
        self.lookups = threading.BoundedSemaphore(MOST_LOOKUPS)
        self.context = ssl.create_default_context()
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        if ca_file:
            try:
                self.context.load_verify_locations(ca_file)
            except (OSError, ssl.SSLError) as fault:
                raise ConfigError(
                    "FETCH_CA_FILE: is no readable PEM bundle."
                ) from fault

    def get_json(
        self,
        url: str,
        *,
        max_bytes: int = MAX_BYTES,
        timeout_s: float = TIMEOUT_SECONDS,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Give the JSON that lies at a URL.

        Raises:
            FetchFailed: It could not be had, for whatever reason.
        """
        asked = {"Accept": "application/json", **(headers or {})}
        answer = self.get(url, max_bytes=max_bytes, timeout_s=timeout_s, headers=asked)
        if answer.status != HTTPStatus.OK:
            raise FetchFailed(f"the answer is {answer.status}")
        return answer.json()

    def get(
        self,
        url: str,
        *,
        max_bytes: int = MAX_BYTES,
        timeout_s: float = TIMEOUT_SECONDS,
        headers: Mapping[str, str] | None = None,
        most_redirects: int = MOST_REDIRECTS,
    ) -> Answer:
        """Give what lies at a URL, after a few redirects at most.

        With ``most_redirects=0`` a redirect is an answer, and is not followed.
        """
        deadline = Deadline(timeout_s)
        sent, origin = dict(headers or {}), None
        for _ in range(most_redirects + 1):
            target = self._read(url)
            if origin not in (None, target.origin):
                sent.pop("Authorization", None)
            origin = target.origin
            answer = self._ask(
                Request("GET", url, target, sent), deadline, max_bytes=max_bytes
            )
            where = answer.headers.get("location")
            if answer.status not in REDIRECTS or not where or not most_redirects:
                return answer
            url = urljoin(url, where)
        raise FetchFailed("too many redirects")

    def post_form(
        self,
        url: str,
        fields: Mapping[str, str],
        *,
        max_bytes: int = MAX_BYTES,
        timeout_s: float = TIMEOUT_SECONDS,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a form; a redirect is an answer, and is not followed."""
        kind = "application/x-www-form-urlencoded"
        sent = {"Content-Type": kind, "Accept": "application/json", **(headers or {})}
        body = urlencode(fields).encode("ascii")
        request = Request("POST", url, self._read(url), sent, body)
        return self._ask(request, Deadline(timeout_s), max_bytes=max_bytes)

    def post(
        self,
        url: str,
        body: bytes,
        *,
        headers: Mapping[str, str],
        max_bytes: int = MAX_BYTES,
        timeout_s: float = TIMEOUT_SECONDS,
    ) -> Answer:
        """Send bytes as they are; a redirect is an answer, and is not followed.

        Args:
            url: Where to.
            body: What.
            headers: ``Content-Type`` among them.
            max_bytes: How long the answer may be.
            timeout_s: For all of it, in seconds.
        """
        request = Request("POST", url, self._read(url), headers, body)
        return self._ask(request, Deadline(timeout_s), max_bytes=max_bytes)

    def _read(self, url: str) -> Target:
        try:
            return read_url(url, allow_http=self.allow_http)
        except AddressRefused as why:
            raise FetchFailed(str(why)) from None

    def _ask(self, request: Request, deadline: Deadline, *, max_bytes: int) -> Answer:
        try:
            line = self._connect(request.target, deadline)
        except (OSError, ValueError) as fault:
            raise FetchFailed(f"no connection: {kind_of(fault)}") from None
        try:
            return exchange(request, line, max_bytes=max_bytes)
        finally:
            line.hang_up()

    def _connect(self, target: Target, deadline: Deadline) -> Line:
        addresses = self._addresses(target, deadline)
        fault: OSError | None = None
        for address in addresses[:MOST_ADDRESSES]:
            try:
                plain = socket.create_connection(
                    (address, target.port), timeout=deadline.left()
                )
            except OSError as error:
                fault = error
                continue
            return Line(self._encrypt(plain, target, deadline), deadline)
        raise fault or OSError("no address")

    def _encrypt(
        self, plain: socket.socket, target: Target, deadline: Deadline
    ) -> socket.socket:
        if target.scheme == "http":
            return plain
        try:
            plain.settimeout(deadline.left())
            return self.context.wrap_socket(plain, server_hostname=target.host)
        except BaseException:
            plain.close()
            raise

    def _addresses(self, target: Target, deadline: Deadline) -> Sequence[str]:
        """Resolve once, and look at all: the name may be another's the next moment."""
        found = self._look_up(target, deadline)
        try:
            for address in found:
                self.policy.check(target.host, address)
        except AddressRefused as why:
            raise FetchFailed(str(why)) from None
        return found

    def _look_up(self, target: Target, deadline: Deadline) -> Sequence[str]:
        """Ask for the addresses, and wait no longer than there is time.

        The system's own call has no limit, so it runs in a thread that may be left
        behind; there are never more than a few of them.
        """
        if not self.lookups.acquire(blocking=False):
            raise FetchFailed("too many names are being looked up")
        found: list[Sequence[str]] = []
        faults: list[Exception] = []

        def look() -> None:
            try:
                found.append(self.resolve(target.host, target.port))
            except (OSError, ValueError) as fault:
                faults.append(fault)
            finally:
                self.lookups.release()

        thread = threading.Thread(target=look, name="look-up", daemon=True)
        thread.start()
        thread.join(deadline.left())
        if found and found[0]:
            return found[0]
        reason = kind_of(faults[0]) if faults else "no answer in time"
        raise FetchFailed(f"{target.host} does not resolve: {reason}")
