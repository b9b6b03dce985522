"""A program written by others, private to one test: its folder, its processes, its end."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar, Self

from tests.support.live import until
from tests.support.ports import free_port
from tests.support.postgres import die_with_parent


class Peer:
    """One program in a folder of its own; nothing of the machine's is touched."""

    name: ClassVar[str]
    log_name: ClassVar[str] = "log"

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix=f"authserver-{self.name.lower()}-"))
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def spawn(self, *command: str | Path, **options: Any) -> subprocess.Popen[bytes]:
        """Start a program of it, in a group of its own that ends with the tests."""
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL, cwd=self.home, start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGTERM), **options,
        )  # fmt: skip

    def listen(self, *command: str | Path) -> Self:
        """Start the program itself, and return once it listens."""
        self.process = self.spawn(*command, **self._identity())
        until(self._listens, f"{self.name} to listen")
        return self

    def _identity(self) -> dict[str, Any]:
        """Never root: the whole of it runs as somebody who owns this folder alone."""
        if os.geteuid() != 0:
            return {}
        nobody = pwd.getpwnam("nobody")
        for place in (self.home, *self.home.rglob("*")):
            os.chown(place, nobody.pw_uid, nobody.pw_gid)
        return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}

    def _listens(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"{self.name} ended:\n{self.log}"
        with socket.socket() as door:
            return door.connect_ex(("127.0.0.1", self.port)) == 0

    @property
    def log(self) -> str:
        file = self.home / self.log_name
        return file.read_text(errors="replace") if file.exists() else ""

    def stop(self) -> None:
        """End it, its children and its folder."""
        if self.process is not None:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(15)
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            until(lambda: not self.is_alive(), f"{self.name} to end", patience=10)
        shutil.rmtree(self.home, ignore_errors=True)

    def is_alive(self) -> bool:
        """Whether any process of its group is left."""
        assert self.process is not None
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
