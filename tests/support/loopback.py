"""No test speaks to the world: sockets of this process reach the loopback alone."""

import ipaddress
import socket
from typing import Any

LOCAL_NAMES = {"", "localhost", "localhost.localdomain", None}


def is_local(host: Any) -> bool:
    host = host.decode() if isinstance(host, bytes) else host
    if host in LOCAL_NAMES:
        return True
    try:
        address = ipaddress.ip_address(host.split("%")[0])
    except ValueError:
        return host.endswith(".localhost")
    return address.is_loopback or address.is_unspecified


class LoopbackSocket(socket.socket):
    """A socket that knows this machine alone."""

    def connect(self, address: Any) -> None:
        refuse_strangers(self.family, address)
        super().connect(address)

    def connect_ex(self, address: Any) -> int:
        refuse_strangers(self.family, address)
        return super().connect_ex(address)

    def sendto(self, data: Any, *rest: Any) -> int:
        refuse_strangers(self.family, rest[-1])
        return super().sendto(data, *rest)


def refuse_strangers(family: int, address: Any) -> None:
    if family in (socket.AF_INET, socket.AF_INET6) and not is_local(address[0]):
        raise AssertionError(f"a test reached for the network: {address[0]}")


def resolve_locally(host: Any, *rest: Any, **more: Any) -> Any:
    """Names of the world do not resolve, as on a machine without a network."""
    if not is_local(host):
        raise socket.gaierror(socket.EAI_NONAME, f"not in tests: {host}")
    return RESOLVE(host, *rest, **more)


RESOLVE = socket.getaddrinfo


def stay_at_home(monkeypatch: Any) -> None:
    monkeypatch.setattr(socket, "socket", LoopbackSocket)
    monkeypatch.setattr(socket, "getaddrinfo", resolve_locally)
