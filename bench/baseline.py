"""What nobody can undercut on this machine: the yardsticks of the same run.

A bare WSGI callable under the same server, and the RSA signature that each
signed token needs.  Ratios to these say more than seconds on a shared machine.
"""

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from tests.support.live import until
from tests.support.ports import free_port

MEASURED_SECONDS = 1.0
BODY = b'{"status": "ok"}'
HEADERS = [("Content-Type", "application/json"), ("Content-Length", str(len(BODY)))]


def bare_app(environ: dict, start_response: Callable) -> Iterable[bytes]:
    """Answer everything with the same few bytes."""
    start_response("200 OK", HEADERS)
    return [BODY]


def signature_ms() -> float:
    """CPU-milliseconds of one RS256 signature with a 2048-bit key."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    message, rounds = bytes(500), 0
    begun = time.process_time()
    while time.process_time() - begun < MEASURED_SECONDS:
        key.sign(message, padding.PKCS1v15(), SHA256())
        rounds += 1
    return (time.process_time() - begun) / rounds * 1000


def answers(port: int) -> bool:
    """Is there somebody on this port?"""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def bare_server(workers: int) -> Iterator[tuple[int, int]]:
    """The bare callable under the production server: its port and process."""
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws"]
    command += ["--workers", str(workers), "--blocking-threads", "1"]
    command += ["--port", str(port), "--no-log", "bench.baseline:bare_app"]
    process = subprocess.Popen(command)
    try:
        until(lambda: answers(port), "the bare server")
        yield port, process.pid
    finally:
        process.terminate()
        process.wait()
