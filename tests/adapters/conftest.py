"""What the adapters' tests share: a table to count in, a Redis of their own."""

import shutil
import subprocess
from datetime import UTC, datetime

import fakeredis
import pytest
import redis
from sqlalchemy import create_engine, text

from authserver.clock import FrozenClock
from authserver.models import RateLimit
from authserver.models.engines import engine_options, prepare


@pytest.fixture
def stopped():
    return FrozenClock(datetime(2026, 11, 20, 12, tzinfo=UTC))


@pytest.fixture
def open_database(make_database):
    """Give an engine as the server makes it, with the table of limits: by kind."""
    opened = []

    def open_(kind):
        url = make_database(kind).replace("postgresql://", "postgresql+psycopg2://")
        engine = create_engine(url, **engine_options(url, pool_size=4))
        prepare(engine)
        opened.append(engine)
        with engine.begin() as connection:
            if kind == "postgresql":
                connection.execute(text("CREATE SCHEMA IF NOT EXISTS auth"))
            RateLimit.__table__.create(connection)
        return engine

    yield open_
    for engine in opened:
        engine.dispose()


@pytest.fixture
def database(database_kind, open_database):
    return open_database(database_kind)


@pytest.fixture
def redis_server(tmp_path):
    """A Redis that can be stopped: the real one where it is installed."""
    server = RealRedis(tmp_path) if shutil.which("redis-server") else FakeRedis()
    yield server
    server.stop()


class RealRedis:
    def __init__(self, folder):
        self.path = folder / "redis.sock"
        self.url = f"redis+unix://{self.path}"
        self.command = [
            "redis-server", "--port", "0", "--unixsocket", str(self.path),
            "--save", "", "--appendonly", "no", "--dir", str(folder),
        ]  # fmt: skip
        self.process = None
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            self.command, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        for line in self.process.stdout:
            if "ready to accept connections" in line:
                break
        with redis.Redis(unix_socket_path=str(self.path)) as client:
            assert client.ping()

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=20)
        self.process.stdout.close()


class FakeRedis:
    def __init__(self):
        self.server = None
        self.address = ("127.0.0.1", 0)
        self.start()

    def start(self):
        import threading

        self.server = fakeredis.TcpFakeServer(self.address)
        self.address = self.server.server_address
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"redis://127.0.0.1:{self.address[1]}"

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
