"""Commands of ours, each in a process of its own that has not to load the program.

Loading takes most of a second, and the tests run commands by the hundred.  So one
process loads everything once and forks for each command: it gets the arguments, the
environment, the folder and the three standard streams that a new process would get.

    python -m tests.support.program SOCKET
"""

import atexit
import functools
import json
import os
import pkgutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from tests.support.postgres import die_with_parent

PROGRAM = Path(sys.executable).with_name("authserver")
PATIENCE = 30
LONGEST_REQUEST = 1 << 20
STREAMS = 3
STARTS_AT_ONCE = ("__main__", "cli.worker")  # modules that run when they are loaded


def run(
    args: tuple[str, ...], *, env: dict[str, str], cwd: str | Path, stdin: str
) -> subprocess.CompletedProcess[str]:
    """Run a command as ``subprocess.run`` would; raise when it takes too long."""
    with (
        tempfile.TemporaryFile("w+") as given,
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as err,
        socket.socket(socket.AF_UNIX) as line,
    ):
        given.write(stdin)
        given.seek(0)
        line.connect(loaded())
        order = {"args": args, "env": env, "cwd": str(cwd)}
        socket.send_fds(line, [b"."], [each.fileno() for each in (given, out, err)])
        line.sendall(json.dumps(order).encode() + b"\n")
        status = answer_of(line, args)
        said = [each.seek(0) or each.read().decode() for each in (out, err)]
    return subprocess.CompletedProcess([PROGRAM, *args], status, *said)


def answer_of(line: socket.socket, args: tuple[str, ...]) -> int:
    """Wait for the status of a command; end it when it takes too long."""
    line.settimeout(2 * PATIENCE)
    with line.makefile() as answers:
        pid = int(answers.readline())
        try:
            return int(answers.readline())
        except TimeoutError:
            os.kill(pid, signal.SIGKILL)
            raise subprocess.TimeoutExpired([PROGRAM, *args], 2 * PATIENCE) from None


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
    import authserver

    for module in pkgutil.walk_packages(authserver.__path__, "authserver."):
        if not module.name.endswith(STARTS_AT_ONCE):
            with suppress(ImportError):  # what an extra alone brings
                import_module(module.name)
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
    pid = os.fork()
    if pid == 0:
        line.close()
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
    os.environ.clear()
    os.environ.update(order["env"])
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
