"""A real server in a process of its own, with a home of its own.

    with LiveServer(database_url=url) as server:
        client = server.cli("client", "create", "--name", "shop", ...)
        requests.get(server.url + "/.well-known/openid-configuration")

It runs what an operator runs: ``authserver db upgrade`` on a database of its own (one that
is given has been migrated), then ``authserver serve``, in processes that have the program
loaded already (see ``program``) unless told otherwise.
Everything it starts is in one process group, which `stop` ends.
"""

import base64
import email
import email.policy
import json
import os
import shutil
import signal
import ssl
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Self

import psutil

from tests.support import program
from tests.support.ports import free_port
from tests.support.postgres import die_with_parent
from tests.support.program import PROGRAM

PATIENCE = 30
# What a process needs from this machine; nothing of it is a setting of ours.
PASSED_ON = ("PATH", "HOME", "LANG", "TMPDIR", "TZ", "COVERAGE_PROCESS_START")
# No test speaks to the world, and to read whom the machine trusts takes a while.
TRUSTS_NOBODY = {"SSL_CERT_FILE": os.devnull}
KEY_ENCRYPTION_KEY = base64.b64encode(os.urandom(32)).decode()
"""One for all, so that a database can be copied with what is sealed in it."""
ISSUER = "http://127.0.0.1:{port}"


class LiveServer:
    """One `authserver serve` (or `dev`), its database, its folder and its letters."""

    def __init__(
        self,
        *,
        database_url: str | None = None,
        command: tuple[str, ...] = ("serve", "--workers", "1"),
        env: dict[str, str] | None = None,
        issuer: str = ISSUER,
        ca_file: str | None = None,
        is_preloaded: bool = True,
    ) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="authserver-home-"))
        self.database_url = database_url or f"sqlite:///{self.home}/authserver.db"
        self.has_own_database = database_url is None
        self.command = command
        self.more = env or {}
        self.issuer = issuer
        self.ca_file = ca_file  # whom to trust, when it speaks TLS itself
        self.log_path = self.home / "server.log"
        self.port = 0
        self.is_preloaded = is_preloaded and command[0] != "dev"
        self.process: subprocess.Popen[bytes] | program.Command | None = None

    # -- Starting and stopping

    @property
    def url(self) -> str:
        return self.issuer.format(port=self.port)

    @property
    def verify(self) -> str | bool:
        """Whom its callers trust, in the words of `requests`."""
        return self.ca_file or True

    def env(self, **more: str) -> dict[str, str]:
        """The environment that the server and its commands run in."""
        ours = {
            "APP_ENV": "test",
            "AUTHSERVER_HOME": str(self.home),
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "APP_URL": self.url,
            "DATABASE_URL": self.database_url,
            "KEY_ENCRYPTION_KEY": KEY_ENCRYPTION_KEY,
            "RATE_LIMITS": "off",
            "LOG_LEVEL": "DEBUG",
            "ARGON2_MEMORY_KIB": "1024",
            "PYTHONUNBUFFERED": "1",
        }
        return {**of_this_machine(), **ours, **self.more, **more}

    def start(self, *, migrate: bool = True) -> Self:
        """Migrate, serve, and return once it says that it is ready."""
        for attempts_left in reversed(range(3)):
            # Kept over a restart: the issuer stands in tokens and redirect URIs.
            self.port = self.port or free_port()
            if migrate and self.command[0] != "dev":
                self.run("db", "upgrade")
            self._spawn()
            try:
                self._wait_until_ready()
            except BaseException as fault:
                self.stop(keep_home=True)
                if attempts_left and "in use" in str(fault):
                    self.port = 0
                    continue
                raise
            break
        return self

    def _spawn(self) -> None:
        with self.log_path.open("ab") as log:
            if self.is_preloaded:
                with open(os.devnull, "rb") as nothing:
                    self.process = program.start(
                        self.command, env=self.env(), cwd=self.home,
                        streams=(nothing, log, log), runs_on=True,
                    )  # fmt: skip
                return
            self.process = subprocess.Popen(
                [PROGRAM, *self.command],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                cwd=self.home, env=self.env(),
                start_new_session=True, preexec_fn=die_with_parent(signal.SIGTERM),
            )  # fmt: skip

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            # The log first: an answer may come from a stranger on the same port.
            if self.process.poll() is not None:
                raise RuntimeError(f"ended with {self.process.returncode}\n{self.log}")
            with suppress(OSError, urllib.error.URLError):
                scheme = "https" if self.ca_file else "http"
                local = f"{scheme}://127.0.0.1:{self.port}/readyz"
                trust = ssl.create_default_context(cafile=self.ca_file)
                with urllib.request.urlopen(local, timeout=5, context=trust) as answer:
                    if answer.status == 200:
                        return
            if time.monotonic() > deadline:
                raise RuntimeError(f"not ready in {PATIENCE} s\n{self.log}")
            time.sleep(0.05)

    def stop(self, *, keep_home: bool = False) -> int | None:
        """End it as an operator does, then make sure; give its exit status."""
        status = None
        if self.process is not None:
            if self.process.poll() is None:
                self.process.send_signal(signal.SIGTERM)
                with suppress(subprocess.TimeoutExpired):
                    self.process.wait(15)
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            status = self.process.wait()
            self.process = None
        if not keep_home:
            shutil.rmtree(self.home, ignore_errors=True)
        return status

    def restart(self) -> Self:
        self.stop(keep_home=True)
        return self.start(migrate=False)

    def __enter__(self) -> Self:
        try:
            return self.start(migrate=self.has_own_database)
        except BaseException:
            self.stop()
            raise

    def __exit__(self, *_: object) -> None:
        self.stop()

    # -- Its processes

    def workers(self) -> list[psutil.Process]:
        """The processes that answer: the children of the one we started."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        return [child for child in children if "resource_tracker" not in line_of(child)]

    def kill_worker(self) -> int:
        """`kill -9` one worker in the middle of whatever it does; give its pid."""
        victim = self.workers()[0]
        victim.kill()
        victim.wait(10)
        return victim.pid

    @property
    def log(self) -> str:
        return (
            self.log_path.read_text(errors="replace") if self.log_path.exists() else ""
        )

    # -- Its commands

    def run(
        self, *args: str, stdin: str | None = None, check: bool = True, **env: str
    ) -> subprocess.CompletedProcess[str]:
        """Run `authserver ARGS` beside the server, in the same settings."""
        return authserver(
            *args, env=self.env(**env), cwd=self.home, stdin=stdin, check=check
        )

    def cli(self, *args: str, stdin: str | None = None) -> Any:
        """The same, answered in JSON."""
        wants = () if "--json" in args else ("--json",)
        return json.loads(self.run(*args, *wants, stdin=stdin).stdout or "null")

    # -- Its letters

    def mails(
        self, to: str | None = None, letter: str | None = None
    ) -> list[EmailMessage]:
        """The letters that went out, oldest first; all of them, or those asked for."""
        files = [path for path in self.home.glob("mail/*.eml") if path.is_file()]
        files.sort(key=lambda path: (path.stat().st_mtime_ns, path.name))
        read = (
            email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            for path in files
        )
        return [
            mail
            for mail in read
            if (to is None or to.lower() in mail["To"].lower())
            and (letter is None or mail["X-Letter"] == letter)
        ]

    def wait_for_mail(
        self, to: str, letter: str | None = None, *, count: int = 1
    ) -> EmailMessage:
        """The newest such letter, once there are as many; it is delivered after the answer."""
        until(lambda: len(self.mails(to, letter)) >= count, f"{count} mails to {to}")
        return self.mails(to, letter)[-1]


def authserver(
    *args: str,
    env: dict[str, str],
    cwd: Path | None = None,
    stdin: str | None = None,
    check: bool = True,
) -> subprocess.CompletedProcess[str]:
    """Run a command of ours in this environment; its home is where it stands."""
    home = cwd or env["AUTHSERVER_HOME"]
    done = program.run(args, env=of_this_machine() | env, cwd=home, stdin=stdin or "")
    if check and done.returncode:
        said = f"{done.stdout}{done.stderr}"
        raise RuntimeError(f"authserver {' '.join(args)} failed:\n{said}")
    return done


def of_this_machine() -> dict[str, str]:
    """What every process of ours is told beside its settings."""
    passed = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return passed | TRUSTS_NOBODY


def migrate(database_url: str) -> None:
    """Bring an empty database up to date, as an operator does before the first start."""
    with tempfile.TemporaryDirectory(prefix="authserver-home-") as home:
        env = {
            "APP_ENV": "test",
            "AUTHSERVER_HOME": home,
            "APP_URL": "http://127.0.0.1",
            "DATABASE_URL": database_url,
            "KEY_ENCRYPTION_KEY": KEY_ENCRYPTION_KEY,
            "ARGON2_MEMORY_KIB": "1024",
        }
        authserver("db", "upgrade", env=env)


def line_of(process: psutil.Process) -> str:
    with suppress(psutil.Error):
        return " ".join(process.cmdline())
    return ""


def until(
    condition: Callable[[], object], what: str, *, patience: float = PATIENCE
) -> None:
    """Wait for what another process does; say what did not come."""
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {patience} s in vain for {what}")
        time.sleep(0.05)
