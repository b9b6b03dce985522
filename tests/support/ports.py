"""Where servers of the tests listen."""

from __future__ import annotations

import random
import socket
from contextlib import ExitStack, suppress

# Connections go out from higher ones (from 32768 on Linux, from 49152 elsewhere), and
# one of them could take a server's port before it listens, or while it is restarted.
PORTS = range(20_000, 32_000)
TRIES = 100


def free_port(*, neighbours: int = 0) -> int:
    """Give a port that nobody listens on, with as many free ones behind it."""
    for port in random.sample(PORTS, TRIES):
        with ExitStack() as doors, suppress(OSError):
            for each in range(port, port + 1 + neighbours):
                door = doors.enter_context(socket.socket())
                door.bind(("127.0.0.1", each))
            return port
    raise RuntimeError(f"none of {TRIES} ports is free")
