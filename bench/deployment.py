"""A server worth measuring: production settings, a migrated database, people in it."""

import base64
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.scenarios import MACHINE_SCOPE, SCOPE, World
from tests.support.postgres import cluster

DATABASES = ["postgresql", "sqlite"]
PEOPLE = 8
PASSWORD = "correct horse battery staple 9"
START_SECONDS = 30
COMMAND = Path(sys.executable).with_name("authserver")


@dataclass(frozen=True)
class Server:
    """A running `authserver serve`."""

    database: str
    pid: int
    database_pid: int | None
    start_seconds: float
    world: World


@contextmanager
def deployed(database: str, *, workers: int) -> Iterator[Server]:
    """Make the database, its client and its people; serve; clear all away."""
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        environ = settings(home, free_port())
        database_pid = stack.enter_context(database_of(database, environ))
        world = populate(environ)
        options = ["--workers", str(workers)]
        pid, seconds = stack.enter_context(running("serve", options, environ))
        yield Server(database, pid, database_pid, seconds, world)


@contextmanager
def database_of(database: str, environ: dict[str, str]) -> Iterator[int | None]:
    """Point the environment at a fresh database; its process, where it has one."""
    if database == "sqlite":  # the file in AUTHSERVER_HOME, without being asked for
        yield None
        return
    with cluster(durable=True) as postgres:
        environ["DATABASE_URL"] = postgres.create_database("bench")
        yield postgres.pid


def settings(home: Path, port: int) -> dict[str, str]:
    """The environment of a production server that limits nobody."""
    return {
        "PATH": os.environ["PATH"],
        "APP_ENV": "production",
        "AUTHSERVER_HOME": str(home),
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "APP_URL": f"http://127.0.0.1:{port}",
        "RATE_LIMITS": "off",
        "LOG_LEVEL": "INFO",
        "KEY_ENCRYPTION_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
    }


def populate(environ: dict[str, str]) -> World:
    """Tables, a confidential client, and people who can sign in."""
    command(environ, "db", "upgrade")
    grants = ["authorization_code", "refresh_token", "client_credentials"]
    redirect_uri = "https://client.example/callback"
    client = command(
        environ,
        *("client", "create", "--name", "Bench", "--redirect-uri", redirect_uri),
        *("--scope", f"{SCOPE} {MACHINE_SCOPE}"),
        *(word for grant in grants for word in ("--grant-type", grant)),
    )
    people = [f"person{number}@client.example" for number in range(PEOPLE)]
    for person in people:
        words = ["--email", person, "--full-name", "Ada Bench", "--verified"]
        command(environ, "user", "create", *words, "--password", PASSWORD)
    return World(
        host="127.0.0.1",
        port=int(environ["PORT"]),
        client_id=client["client_id"],
        client_secret=client["client_secret"],
        redirect_uri=redirect_uri,
        people=people,
        password=PASSWORD,
    )


def command(environ: dict[str, str], *words: str) -> dict:
    """One word to the server's command line."""
    told = subprocess.run(
        [COMMAND, *words, "--json"],
        check=False,
        env=environ,
        capture_output=True,
        text=True,
    )
    if told.returncode:
        raise RuntimeError(f"authserver {' '.join(words[:2])}: {told.stderr}")
    return json.loads(told.stdout)


@contextmanager
def running(
    face: str, options: list[str], environ: dict[str, str]
) -> Iterator[tuple[int, float]]:
    """`authserver serve` or `dev`: its process, and the seconds to its first answer."""
    with Path(environ["AUTHSERVER_HOME"], "server.log").open("wb") as log:
        begun = time.perf_counter()
        process = subprocess.Popen(
            [COMMAND, face, *options], env=environ, stdout=log, stderr=log
        )
        try:
            wait_until_it_answers(int(environ["PORT"]), process)
            yield process.pid, time.perf_counter() - begun
        finally:
            process.terminate()
            process.wait()


def wait_until_it_answers(port: int, process: subprocess.Popen) -> None:
    """Ask until there is an answer."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz").close()
        except OSError:
            time.sleep(0.01)
        else:
            return
    raise RuntimeError("the server did not answer")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
