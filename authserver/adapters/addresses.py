"""Which addresses of the world our own requests may go to (RFC 6890).

A client's metadata may name any URL.  What it must not name is what only this machine
or this network can reach: that would make the server a door into it.
"""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IpNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

LONGEST_URL = 2048
DEFAULT_PORTS = {"https": 443, "http": 80}

# What `is_global` of the oldest supported Python lets through.
NEVER = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8",
        "100.64.0.0/10",  # carriers' own; also a metadata service of one cloud
        "168.63.129.16/32",  # public by its number, and the host of every Azure machine
        "192.0.0.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "240.0.0.0/4",
        "::/96",  # IPv4-compatible, long dead
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",
        "2001:db8::/32",
        "3fff::/20",
        "5f00::/16",
        "fec0::/10",
    )
)
NAT64 = ipaddress.ip_network("64:ff9b::/96")


class AddressRefused(Exception):
    """We do not go there.  The text is for the log: it tells what is inside."""


@dataclass(frozen=True)
class Target:
    """An URL that was looked at: where to connect, what to ask for."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """What the Host header says (RFC 9110 §7.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = self.port == DEFAULT_PORTS[self.scheme]
        return host if usual else f"{host}:{self.port}"

    @property
    def origin(self) -> tuple[str, str, int]:
        """What must stay the same for headers to be sent on."""
        return self.scheme, self.host, self.port


def read_url(url: str, *, allow_http: bool = False) -> Target:
    """Take an URL apart, or refuse it.

    Only visible ASCII, no user name, no zone: where readers of URLs disagree, one of
    them can be made to look at another host than the one that is called.
    """
    if len(url) > LONGEST_URL or not re.fullmatch(r"[\x21-\x7e]+", url):
        raise AddressRefused("not a plain URL")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise AddressRefused("not a URL") from None
    if parts.scheme not in (("https", "http") if allow_http else ("https",)):
        raise AddressRefused(f"not over {parts.scheme!r}")
    if "@" in parts.netloc or port == 0:
        raise AddressRefused("a user name or port 0 in the host")
    host = (parts.hostname or "").rstrip(".")
    if not re.fullmatch(r"[a-z0-9_.-]{1,253}|[0-9a-f:.]{2,45}", host):
        raise AddressRefused("no host")
    path = parts.path or "/"
    if parts.query:
        path = f"{path}?{parts.query}"
    return Target(parts.scheme, host, port or DEFAULT_PORTS[parts.scheme], path)


class Policy:
    """What is public, and what the operator has allowed beside it."""

    def __init__(self, allowed: Sequence[str] = ()) -> None:
        """Read the allowed names, addresses and networks.

        Args:
            allowed: Such as ``idp.internal``, ``127.0.0.1``, ``10.1.0.0/16``.
        """
        self.names: set[str] = set()
        self.networks: list[IpNetwork] = []
        for entry in allowed:
            try:
                self.networks.append(ipaddress.ip_network(entry))
            except ValueError:
                self.names.add(entry.lower().rstrip("."))

    def check(self, host: str, address: str) -> None:
        """Refuse an address that is neither public nor allowed."""
        try:
            ip = ipaddress.ip_address(address)
        except ValueError:
            raise AddressRefused("not an address") from None
        inner = _unwrap(ip)
        if host in self.names or any(inner in network for network in self.networks):
            return
        if not is_public(ip):
            raise AddressRefused(f"{host} is at {ip}, which is not public")


def is_public(ip: IpAddress) -> bool:
    """Say whether this address is one of the world's, and of one machine."""
    inner = _unwrap(ip)
    special = (
        inner.is_multicast
        or inner.is_reserved
        or inner.is_unspecified
        or inner.is_loopback
        or inner.is_link_local
    )
    if special or not inner.is_global:
        return False
    return not any(
        inner in network for network in NEVER if network.version == inner.version
    )


def _unwrap(ip: IpAddress) -> IpAddress:
    """Give the IPv4 address that an IPv6 one carries, where it carries one."""
    if isinstance(ip, ipaddress.IPv4Address):
        return ip
    if ip.ipv4_mapped:
        return ip.ipv4_mapped
    if ip.sixtofour:
        return ip.sixtofour
    if ip in NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
    return ip
