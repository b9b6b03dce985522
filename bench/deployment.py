"""A server worth measuring: production settings, a migrated database, people in it."""

import base64
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bench.scenarios import MACHINE_SCOPE, SCOPE, World
from tests.support.live import LiveServer
from tests.support.postgres import cluster

DATABASES = ["postgresql", "sqlite"]
PEOPLE = 8
PASSWORD = "correct horse battery staple 9"
REDIRECT_URI = "https://client.example/callback"
GRANTS = ["authorization_code", "refresh_token", "client_credentials"]
# As in production, save that nobody is limited; an empty word means the default.
PRODUCTION = {
    "APP_ENV": "production",
    "RATE_LIMITS": "off",
    "LOG_LEVEL": "INFO",
    "ARGON2_MEMORY_KIB": "",
    "KEY_ENCRYPTION_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
}


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
    with database_of(database) as (url, database_pid):
        live = LiveServer(
            database_url=url,
            command=("serve", "--workers", str(workers)),
            env=PRODUCTION,
        )
        try:
            seconds = seconds_to_start(live)
            world = populate(live)
            yield Server(database, live.process.pid, database_pid, seconds, world)
        finally:
            live.stop()


@contextmanager
def database_of(database: str) -> Iterator[tuple[str | None, int | None]]:
    """The URL of a fresh database and its process, where it is not just a file."""
    if database == "sqlite":
        yield None, None
        return
    with cluster(durable=True) as postgres:
        yield postgres.create_database("bench"), postgres.pid


def seconds_to_start(live: LiveServer) -> float:
    """Start the server for the second time: what was there to make is made."""
    live.start()
    live.stop(keep_home=True)
    begun = time.perf_counter()
    live.start(migrate=False)
    return time.perf_counter() - begun


def populate(live: LiveServer) -> World:
    """A confidential client, and people who can sign in."""
    client = live.cli(
        *("client", "create", "--name", "Bench", "--redirect-uri", REDIRECT_URI),
        *("--scope", f"{SCOPE} {MACHINE_SCOPE}"),
        *(word for grant in GRANTS for word in ("--grant-type", grant)),
    )
    people = [f"person{number}@client.example" for number in range(PEOPLE)]
    for person in people:
        words = ["--email", person, "--full-name", "Ada Bench", "--verified"]
        live.cli("user", "create", *words, "--password", PASSWORD)
    return World(
        host="127.0.0.1",
        port=live.port,
        client_id=client["client_id"],
        client_secret=client["client_secret"],
        redirect_uri=REDIRECT_URI,
        people=people,
        password=PASSWORD,
    )
