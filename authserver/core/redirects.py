"""Where an answer may be sent: exact redirect URIs (RFC 9700 §2.1, §4.1.3)."""

import re
from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit

LOOPBACK = ("127.0.0.1", "::1")
_PLAIN = re.compile(r"[\x21-\x7e]+")
_HOST_AND_PORT = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
"""Nothing else: the origin is written into the page's policy (form-action)."""
_FORBIDDEN_SCHEMES = frozenset(
    {"javascript", "data", "vbscript", "file", "blob", "about", "ftp", "ws", "wss"}
)
MAX_LENGTH = 4096


def is_registered(uri: str, registered: Iterable[str]) -> bool:
    """Compare byte by byte; only the port of a loopback address may differ.

    RFC 8252 §7.3: an app on the person's machine learns its port when it starts.
    """
    known = list(registered)
    if uri in known:
        return True
    bare = _without_port(uri)
    return bare is not None and any(bare == _without_port(one) for one in known)


def fault_of(uri: str, *, fragment_allowed: bool = False) -> str | None:
    """Say why a URI cannot be registered, or None when it can.

    RFC 6749 §3.1.2: absolute, without a fragment.  http only on this machine; other
    schemes only as private-use names with a dot (RFC 8252 §7.1).
    """
    if len(uri) > MAX_LENGTH or not _PLAIN.fullmatch(uri) or "\\" in uri:
        return "must be plain ASCII without spaces or backslashes"
    parts = _split(uri)
    if parts is None or not parts.scheme:
        return "must be an absolute URI"
    if "#" in uri and not fragment_allowed:
        return "must not have a fragment"
    if parts.username is not None or parts.password is not None:
        return "must not hold a user name"
    if parts.netloc and not _HOST_AND_PORT.fullmatch(parts.netloc):
        return "must name a host that is letters, digits, dots and dashes"
    if parts.scheme in _FORBIDDEN_SCHEMES:
        return "has a scheme that browsers run or read files by"
    if parts.scheme == "https":
        return None if parts.hostname else "must name a host"
    if parts.scheme == "http":
        is_local = parts.hostname in (*LOOPBACK, "localhost")
        return None if is_local else "must be https"
    return None if "." in parts.scheme else "must be https or a scheme with a dot"


def _split(uri: str) -> SplitResult | None:
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        return None
    return parts


def _without_port(uri: str) -> str | None:
    """Cut the port out of the text, and leave every other byte as it is."""
    parts = _split(uri)
    if parts is None or parts.scheme != "http" or parts.hostname not in LOOPBACK:
        return None
    host = "[::1]" if parts.hostname == "::1" else "127.0.0.1"
    match = re.fullmatch(rf"http://{re.escape(host)}(?::\d{{1,5}})?(/.*|\?.*|)", uri)
    return f"http://{host}{match[1]}" if match else None
