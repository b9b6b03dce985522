"""Hear of TERM at once, beside whatever the server does about it.

The server finishes what is under way before it lets go of the process; what only waits
must be told before that.  The handler of the signal is the server's own, so we listen to
the descriptor that Python writes the number of each handled signal to.
"""

import signal
import socket
import threading
from collections.abc import Callable


class Stopping(threading.Thread):
    """Acts once, when the process is told to end."""

    def __init__(self, act: Callable[[], None]) -> None:
        """Listen; ``start`` begins.  Only the main thread may make one."""
        super().__init__(name="stopping", daemon=True)
        self.act = act
        self.heard, self.told = socket.socketpair()
        self.told.setblocking(False)  # a handler must not wait
        signal.set_wakeup_fd(self.told.fileno(), warn_on_full_buffer=False)

    def run(self) -> None:
        """Wait for the signal; others pass."""
        while number := self.heard.recv(1):
            if number[0] == signal.SIGTERM:
                self.act()
                return
