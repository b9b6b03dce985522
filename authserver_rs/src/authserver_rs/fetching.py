"""Ask the authorization server: short, small, without redirects."""

import json
from typing import Any
from urllib.parse import urlsplit

import requests

from authserver_rs.errors import Unreachable

MAX_BYTES = 512 * 1024
CHUNK = 16 * 1024
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def check_url(url: str) -> str:
    """Let only https through, and http on this machine.

    Raises:
        ValueError: It is neither.
    """
    parts = urlsplit(url)
    is_local = parts.scheme == "http" and parts.hostname in LOOPBACK
    if not parts.hostname or (parts.scheme != "https" and not is_local):
        msg = f"{url}: must be https"
        raise ValueError(msg)
    return url


class Fetcher:
    """One session to one authorization server."""

    def __init__(self, *, timeout: float = 5.0, ca_file: str | None = None) -> None:
        """Take how long to wait, in seconds, and whose certificates to believe."""
        self.timeout = timeout
        self.session = requests.Session()
        self.session.trust_env = False
        if ca_file:
            self.session.verify = ca_file

    def get(self, url: str) -> dict[str, Any]:
        """Read a JSON object.

        Raises:
            Unreachable: No good answer came.
        """
        return self._send("GET", url)

    def post(self, url: str, form: dict[str, str], **more: Any) -> dict[str, Any]:
        """Post a form and read a JSON object.

        Raises:
            Unreachable: No good answer came.
        """
        return self._send("POST", url, data=form, **more)

    def _send(self, method: str, url: str, **more: Any) -> dict[str, Any]:
        check_url(url)
        try:
            with self.session.request(
                method,
                url,
                timeout=self.timeout,
                allow_redirects=False,
                stream=True,
                headers={"Accept": "application/json"},
                **more,
            ) as answer:
                body = b""
                for chunk in answer.iter_content(CHUNK):
                    body += chunk
                    if len(body) > MAX_BYTES:
                        raise Unreachable(f"{url}: answer too large")
                status = answer.status_code
        except requests.RequestException as why:
            raise Unreachable(f"{url}: {type(why).__name__}") from None
        return _object(url, status, body)


def _object(url: str, status: int, body: bytes) -> dict[str, Any]:
    if status != requests.codes.ok:
        raise Unreachable(f"{url}: status {status}")
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise Unreachable(f"{url}: no JSON") from None
    if not isinstance(found, dict):
        raise Unreachable(f"{url}: no JSON object")
    return found
