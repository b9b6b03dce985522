"""Hear of TERM at once, beside whatever the server does about it, and end in time.

The server finishes what is under way before it lets go of the process; what only waits
must be told before that.  The handler of the signal is the server's own, so we listen to
the descriptor that Python writes the number of each handled signal to.
"""

import signal
import socket
import threading
import time
from collections.abc import Callable, Sequence
from typing import Protocol

WAKE = signal.SIGUSR2
"""Nobody else uses it; it does nothing but interrupt."""
PATIENCE_SECONDS = 15
"""For a letter in the hands of a mail server; well before the process is killed."""


class Beside(Protocol):
    """A thread that works beside requests."""

    def start(self) -> None:
        """Begin."""

    def stop(self) -> None:
        """Let what is under way be the last."""

    def join(self, timeout: float | None = None) -> None:
        """Wait for its end."""


class Stopping(threading.Thread):
    """Acts when the process is told to end.

    It listens for as long as the process lives: Python goes on writing, and the number
    of a descriptor that is closed may be somebody else's by then.
    """

    def __init__(self, act: Callable[[], None]) -> None:
        """Listen; ``start`` begins.  Only the main thread may make one."""
        super().__init__(name="stopping", daemon=True)
        self.act = act
        self.heard, self.told = socket.socketpair()
        self.told.setblocking(False)  # a handler must not wait
        signal.set_wakeup_fd(self.told.fileno(), warn_on_full_buffer=False)
        signal.signal(WAKE, lambda *_: None)

    def run(self) -> None:
        """Wait for the signal; others pass.

        The kernel gives a signal to any thread, but Python runs its handler in the main
        one, and that waits for a lock: nothing but a signal of its own makes it look.
        Left alone it would sleep until the process is killed.
        """
        main = threading.main_thread().ident or 0
        while number := self.heard.recv(1):
            if number[0] == signal.SIGTERM:
                self.act()
                signal.pthread_kill(main, WAKE)


def stop_all(threads: Sequence[Beside]) -> None:
    """Tell all at one moment, and wait for them together."""
    ends = time.monotonic() + PATIENCE_SECONDS
    for thread in threads:
        thread.stop()
    for thread in threads:
        thread.join(max(0, ends - time.monotonic()))
