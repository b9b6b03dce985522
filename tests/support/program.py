"""Commands of ours, each in a process of its own that has not to load the program.

Loading takes most of a second, and the tests run commands by the hundred and servers by
the dozen.  So one process loads everything once and forks for each command: it gets the
arguments, the environment, the folder and the three standard streams that a new process
would get; a command that runs on gets a session of its own, too.

    python -m tests.support.program SOCKET
"""

from __future__ import annotations

import atexit
import functools
import gc
import json
import os
import pkgutil
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import IO, Any, NoReturn

from tests.support.postgres import die_with_parent

PROGRAM = Path(sys.executable).with_name("authserver")
PATIENCE = 30
LONGEST_REQUEST = 1 << 20
STREAMS = 3
FIGURES = "PROMETHEUS_MULTIPROC_DIR"
STARTS_AT_ONCE = ("__main__", "cli.worker")  # modules that run when they are loaded


def run(
    args: tuple[str, ...], *, env: dict[str, str], cwd: str | Path, stdin: str
) -> subprocess.CompletedProcess[str]:
    """Run a command as ``subprocess.run`` would; raise when it takes too long."""
    with (
        tempfile.TemporaryFile("w+") as given,
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as err,
    ):
        given.write(stdin)
        given.seek(0)
        command = start(args, env=env, cwd=cwd, streams=(given, out, err))
        try:
            status = command.wait(2 * PATIENCE)
        except subprocess.TimeoutExpired:
            command.send_signal(signal.SIGKILL)
            raise
        said = [each.seek(0) or each.read().decode() for each in (out, err)]
    return subprocess.CompletedProcess([PROGRAM, *args], status, *said)


def start(
    args: tuple[str, ...],
    *,
    env: dict[str, str],
    cwd: str | Path,
    streams: Sequence[IO[Any]],
    runs_on: bool = False,
) -> Command:
    """Start a command.

    Args:
        args: Its arguments.
        env: Its environment, whole.
        cwd: The folder that it runs in.
        streams: What it reads, and where it and its faults write.
        runs_on: Whether it has a session of its own, and ends when the tests do.
    """
    line = socket.socket(socket.AF_UNIX)
    line.connect(loaded())
    order = {"args": args, "env": env, "cwd": str(cwd), "runs_on": runs_on}
    socket.send_fds(line, [b"."], [each.fileno() for each in streams])
    line.sendall(json.dumps(order).encode() + b"\n")
    return Command(args, line)


class Command:
    """A command that was started; what ``subprocess.Popen`` would be of it."""

    def __init__(self, args: tuple[str, ...], line: socket.socket) -> None:
        self.args = args
        self.line = line
        self.answers = line.makefile()
        self.pid = int(self.answers.readline())
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Give its status, if it has ended."""
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended, for so many seconds at most."""
        if self.returncode is None:
            if not select.select([self.line], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired([PROGRAM, *self.args], timeout or 0)
            self.returncode = int(self.answers.readline())
            self.answers.close()
            self.line.close()
        return self.returncode

    def send_signal(self, sign: signal.Signals) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, sign)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)


@functools.cache
def loaded() -> str:
    """Start the process that has the program loaded; give where it listens."""
    folder = tempfile.TemporaryDirectory(prefix="authserver-program-")
    path = f"{folder.name}/socket"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.program", path],
        stdin=subprocess.DEVNULL, cwd=Path(__file__).parents[2],
        preexec_fn=die_with_parent(signal.SIGTERM),
    )  # fmt: skip
    atexit.register(folder.cleanup)
    atexit.register(process.wait)
    atexit.register(process.terminate)
    deadline = time.monotonic() + PATIENCE
    while not Path(path).exists():
        assert process.poll() is None and time.monotonic() < deadline, "no program"
        time.sleep(0.02)
    return path


# -- In the process that has it loaded


def serve(path: str) -> NoReturn:
    """Load the program, then fork for whoever calls."""
    # Asked when it is loaded; each process then writes where its own environment says.
    os.environ[FIGURES] = str(Path(path).parent)
    from sqlalchemy.orm import configure_mappers

    import authserver
    from authserver.adapters.user_agent import UserAgents

    for module in pkgutil.walk_packages(authserver.__path__, "authserver."):
        if not module.name.endswith(STARTS_AT_ONCE):
            with suppress(ImportError):  # what an extra alone brings
                import_module(module.name)
    UserAgents()  # loads its rules
    configure_mappers()
    gc.freeze()  # what is here need not be searched for garbage in each process
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(f"{path}.new")
    listener.listen(64)
    Path(f"{path}.new").rename(path)
    while True:
        line, _ = listener.accept()
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            listener.close()
            with suppress(BrokenPipeError):
                handle(line)
            os._exit(0)
        line.close()


def handle(line: socket.socket) -> None:
    """Read one order, run it in a child, and say how that ended."""
    _, streams, _, _ = socket.recv_fds(line, 1, STREAMS)
    with line.makefile() as orders:
        order = json.loads(orders.readline(LONGEST_REQUEST))
    end_with_parent = die_with_parent(signal.SIGTERM)
    end_with_parent()
    pid = os.fork()
    if pid == 0:
        line.close()
        if order["runs_on"]:
            os.setsid()
            end_with_parent()
        obey(order, streams)
    line.sendall(f"{pid}\n".encode())
    _, status = os.waitpid(pid, 0)
    line.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())


def obey(order: dict[str, Any], streams: list[int]) -> NoReturn:
    """Become the command, as a new process would have been it."""
    from authserver.cli import main

    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(order["cwd"])
    figures = os.environ[FIGURES]
    os.environ.clear()
    os.environ.update({FIGURES: figures} | order["env"])
    time.tzset()
    sys.argv = [str(PROGRAM), *order["args"]]
    try:
        main()
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 -- as the interpreter does at its end
        traceback.print_exc()
        status = 1
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    serve(sys.argv[1])
