"""Requests that wait for something to come, while it costs nobody else anything.

A thread that waits answers nobody, so few of them may: a quarter of a worker's.  Who
waits holds no connection of the database, looks again twice a second, and is sent home
at once when the server stops.  Only servers of our own open a room; under another WSGI
server we know neither its threads nor its end, and nobody waits.
"""

import threading
import time
from collections.abc import Callable
from datetime import timedelta

from flask import Flask, current_app

from authserver.http import unit_of_work

NAME = "waiting_room"
LOOK_EVERY_SECONDS = 0.5
SHARE = 4
"""One thread of so many may wait."""


class WaitingRoom:
    """So many seats, and a door that closes."""

    def __init__(self, threads: int) -> None:
        """Set out the seats.

        Args:
            threads: Of this process; of one alone, none may wait.
        """
        seats = max(1, threads // SHARE) if threads > 1 else 0
        self.free = threading.Semaphore(seats)
        self.ending = threading.Event()

    def wait(self, has_come: Callable[[], bool], patience: timedelta) -> bool:
        """Wait until something has come; False when it has not, or there is no seat.

        Args:
            has_come: One cheap read, outside any transaction.
            patience: How long, at most.
        """
        if self.ending.is_set() or not self.free.acquire(blocking=False):
            return False
        try:
            return self._sit(has_come, time.monotonic() + patience.total_seconds())
        finally:
            self.free.release()

    def stop(self) -> None:
        """Send all home, and let nobody sit down any more."""
        self.ending.set()

    def _sit(self, has_come: Callable[[], bool], until: float) -> bool:
        while (left := until - time.monotonic()) > 0:
            if self.ending.wait(min(left, LOOK_EVERY_SECONDS)):
                return False
            if has_come():
                return True
        return False


def open_room(app: Flask, threads: int) -> WaitingRoom:
    """Let requests of this application wait; give the room, to be closed."""
    room = WaitingRoom(threads)
    app.extensions[NAME] = room
    return room


def wait(has_come: Callable[[], bool], patience: timedelta) -> bool:
    """Keep what this request wrote, let go of the database, and wait.

    Rows that were read before are stale afterwards: read them again.
    """
    room: WaitingRoom | None = current_app.extensions.get(NAME)
    if room is None or not patience:
        return False
    unit_of_work.keep_already()
    return room.wait(has_come, patience)
