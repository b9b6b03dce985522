"""Marked statements are planned once on a connection; behind a pooler, never."""

import socket
import struct
import threading
from contextlib import suppress
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import pytest
from sqlalchemy import bindparam, literal_column, select, text

from authserver.models import User
from authserver.models.engines import Reads
from authserver.models.prepared import PREPARED

marked = (
    select(User.email, literal_column("'100%'").label("share"))
    .where(User.email == bindparam("email"))
    .where(User.id == bindparam("id"), User.email.like(bindparam("email")))
    .execution_options(**PREPARED)
)
NOBODY = {"email": "a'b%c@example.org", "id": UUID(int=0)}
LISTED = text(
    "SELECT statement, generic_plans + custom_plans FROM pg_prepared_statements"
)


@pytest.fixture
def reads(upgraded):
    """The reading engine with one connection, so that each test looks at the same."""
    reads = Reads(upgraded.database_url, pool_size=1)
    yield reads
    reads.engine.dispose()


def test_a_marked_statement_is_prepared_once_and_run_often(reads):
    for _ in range(3):
        assert reads.first(marked, NOBODY) is None
    [(statement, runs)] = reads.all(LISTED)
    assert statement.count("$1") == 2, "a parameter that stands twice is one"
    assert "'100%'" in statement
    assert runs == 3


def test_it_finds_what_the_statement_itself_finds(reads, run, upgraded):
    person = UUID(int=1)
    insert = (
        f"INSERT INTO {{}}users (id, email) VALUES ('{person}', 'o''neill%@x.test')"
    )
    run(upgraded, insert)
    found = [
        reads.first(marked, {"email": "O'Neill%@x.test", "id": person})
        for _ in range(7)
    ]
    assert found == [("o'neill%@x.test", "100%")] * 7


def test_what_is_not_marked_goes_out_as_it_is(reads):
    reads.first(select(User.email).where(User.email == "a@example.org"))
    assert reads.all(LISTED) == []


def test_each_connection_prepares_for_itself(reads):
    reads.first(marked, NOBODY)
    reads.engine.dispose()
    reads.first(marked, NOBODY)
    assert len(reads.all(LISTED)) == 1


def test_behind_a_pooler_nothing_is_prepared(upgraded):
    """The next transaction may meet a server that has never heard of the statement."""
    with Pooler(upgraded.database_url) as pooled:
        reads = Reads(pooled, pool_size=1)
        assert reads.first(marked, NOBODY) is None
        assert reads.all(LISTED) == []
        reads.engine.dispose()


class Pooler:
    """A door to PostgreSQL that names a process id of its own, as PgBouncer does."""

    def __init__(self, url):
        self.url = urlsplit(url)
        self.door = socket.create_server(("127.0.0.1", 0))

    def __enter__(self):
        threading.Thread(target=self._serve, daemon=True).start()
        place = f"{self.url.username}:{self.url.password}@127.0.0.1:{self.door.getsockname()[1]}"
        return urlunsplit(self.url._replace(netloc=place))

    def __exit__(self, *_):
        self.door.close()

    def _serve(self):
        with suppress(OSError):
            while True:
                client, _ = self.door.accept()
                server = socket.create_connection((self.url.hostname, self.url.port))
                for source, target in ((client, server), (server, client)):
                    threading.Thread(
                        target=self._pass_on, args=(source, target), daemon=True
                    ).start()

    def _pass_on(self, source, target):
        """Hand the bytes on; BackendKeyData gets another process id (protocol §55.7)."""
        mark = b"K" + struct.pack("!i", 12)
        with source, target, suppress(OSError):
            while data := source.recv(65536):
                before, found, after = data.partition(mark)
                target.sendall(
                    before + found + (b"\0\0\0\1" + after[4:] if found else b"")
                )
