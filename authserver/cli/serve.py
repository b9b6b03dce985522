"""`authserver serve` for production, `authserver dev` for a look around."""

import os
import tempfile
from importlib.util import find_spec
from pathlib import Path

import click
from granian import Granian
from granian.constants import Interfaces, SSLProtocols
from granian.http import HTTP1Settings

from authserver.cli.frame import settings
from authserver.config import export
from authserver.errors import ConfigError
from authserver.models import migrations
from authserver.services import key_encryption_keys

MAX_WORKER_MIB = 512
HEADER_TIMEOUT_MS = 10_000
KILL_AFTER_SECONDS = 30
OVERLAP_SECONDS = 3.0
"""How long an old worker goes on beside the one that takes its place.

Each listens for itself, and the server does not wait for the new one: it must have
started within this time, or nobody answers for a moment.  It takes about one second.
"""


@click.command()
@click.option("--host", help="Address to listen on (HOST).")
@click.option("--port", type=int, help="Port to listen on (PORT).")
@click.option("--workers", type=int, help="Processes; default one a core.")
@click.option("--threads", type=int, help="Threads of a worker.")
@click.option(
    "--tls-cert",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Speak TLS with this certificate (TLS_CERT).",
)
@click.option(
    "--tls-key",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Its private key (TLS_KEY).",
)
def serve(
    *,
    host: str | None,
    port: int | None,
    workers: int | None,
    threads: int | None,
    tls_cert: Path | None,
    tls_key: Path | None,
) -> None:
    """Serve in production: workers, graceful stop (TERM) and reload (HUP)."""
    for name, file in (("TLS_CERT", tls_cert), ("TLS_KEY", tls_key)):
        if file is not None:
            export(name, str(file.absolute()))  # workers read it too
    chosen = settings()
    if chosen.mtls_port and find_spec("cheroot") is None:
        raise ConfigError("MTLS_PORT: needs the extra: pip install 'authserver[mtls]'.")
    migrations.require_current(chosen)
    key_encryption_keys(chosen, may_create=False)
    threads = threads or chosen.threads
    with tempfile.TemporaryDirectory(prefix="authserver-metrics-") as figures:
        export("PROMETHEUS_MULTIPROC_DIR", figures)
        export("WEB_THREADS", str(threads))
        Granian(
            "authserver.cli.worker:app",
            address=host or chosen.host,
            port=port if port is not None else chosen.port,
            interface=Interfaces.WSGI,
            workers=workers or chosen.workers or os.cpu_count() or 1,
            blocking_threads=threads,
            backpressure=threads * 64,
            http1_settings=HTTP1Settings(header_read_timeout=HEADER_TIMEOUT_MS),
            respawn_failed_workers=True,
            respawn_interval=OVERLAP_SECONDS,
            workers_max_rss=MAX_WORKER_MIB,
            workers_kill_timeout=KILL_AFTER_SECONDS,
            websockets=False,
            ssl_cert=chosen.tls_cert if chosen.has_tls else None,
            ssl_key=chosen.tls_key if chosen.has_tls else None,
            # With rustls 1.2 has AEAD suites over ECDHE alone (RFC 9325 §4.2).
            ssl_protocol_min=SSLProtocols.tls12,
        ).serve()


@click.command()
def dev() -> None:
    """Try it out: embedded database, mailbox page, demo app; no question asked."""
    from authserver.cli.playground import run

    export("APP_ENV", "development", only_if_unset=True)
    run(settings())
