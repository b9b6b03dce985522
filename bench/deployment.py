"""A server worth measuring: production settings, a migrated database, people in it."""

import base64
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from authserver.app import create_app
from authserver.config import load
from authserver.models import db
from bench.scenarios import MACHINE_SCOPE, SCOPE, World
from tests.support.live import LiveServer
from tests.support.postgres import cluster

DATABASES = ["postgresql", "sqlite"]
PEOPLE = 64
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
            is_preloaded=False,  # as an operator starts it
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
    return World(
        host="127.0.0.1",
        port=live.port,
        client_id=client["client_id"],
        client_secret=client["client_secret"],
        redirect_uri=REDIRECT_URI,
        people=list(add_people(live)),
        password=PASSWORD,
    )


def add_people(live: LiveServer) -> Iterator[str]:
    """As `authserver user create` does, in one process for all of them."""
    app = create_app(load(live.env()))
    with app.app_context():
        services = app.extensions["services"]
        for number in range(PEOPLE):
            email = f"person{number}@client.example"
            services.people.add(
                email=email, password=PASSWORD, full_name="Ada Bench", verified=True
            )
            yield email
        db.session.commit()
        db.engine.dispose()
        services.reads.engine.dispose()
