"""Tells clients that sessions have ended: at once for a logout, else within a second.

Each client is asked in a thread of its own, so that a slow one holds up nobody.  Notices
are claimed by one process (``core/notices``) and the claims committed before anybody is
told; a process that dies leaves them to the others.
"""

import logging
import threading
import time
import uuid
from collections.abc import Iterable, Sequence

from flask import Flask, current_app
from prometheus_client import Counter
from sqlalchemy.exc import SQLAlchemyError

from authserver.core.notices import LOGOUT, Due, Outcome
from authserver.core.signals import EVENT
from authserver.http import trace
from authserver.http.context import services
from authserver.http.unit_of_work import keep_already
from authserver.models import db

log = logging.getLogger("authserver.notices")
LOOK_EVERY_SECONDS = 1.0
MOST_AT_ONCE = 12
"""Fewer than names may be looked up at once (``adapters/fetcher``)."""
WAIT_SECONDS = 3.0
"""How long a browser waits at most; what takes longer goes on without it."""
TRY_SECONDS = 10.0
"""Longer than a try can take."""

TRIED = Counter("authserver_notices_total", "Tries to tell.", ["kind", "outcome"])
waiting_rooms = threading.BoundedSemaphore(1)
"""One request of a process may wait for clients: the others have people to serve."""


def tell_now(session_ids: Iterable[uuid.UUID]) -> None:
    """Tell the clients of sessions that have just ended, while the browser waits.

    What the request wrote is committed first: nobody is told what may not come true.
    """
    held: list[Due] = []
    for session_id in session_ids:
        room = MOST_AT_ONCE - len(held)
        held += services().notices.take(room, session_id=session_id) if room else []
    if not held:
        return
    keep_already()
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    may_wait = waiting_rooms.acquire(blocking=False)
    try:
        tell(app, held, within=WAIT_SECONDS if may_wait else 0)
    finally:
        if may_wait:
            waiting_rooms.release()


def tell(app: Flask, held: Sequence[Due], *, within: float) -> None:
    """Tell all at the same time, and wait for them so many seconds at most."""
    ends = time.monotonic() + within
    threads = [
        threading.Thread(target=_tell, args=(app, due), name="notice", daemon=True)
        for due in held
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0, ends - time.monotonic()))


def _tell(app: Flask, due: Due) -> None:
    with app.app_context():
        core = app.extensions["services"]
        try:
            tellers = {LOGOUT: core.back_channel.tell, EVENT: core.event_tokens.push}
            outcome = tellers[due.kind](due)
        except Exception as fault:  # noqa: BLE001 -- any fault means "later"
            outcome = Outcome(type(fault).__name__)
        try:
            core.notices.mark(due, outcome)
            db.session.commit()
        except SQLAlchemyError as fault:
            # The lease runs out, and it is tried again.
            outcome = Outcome(type(fault).__name__)
    word = "refused" if outcome.is_final else "postponed" if outcome.fault else "told"
    TRIED.labels(due.kind, word).inc()
    facts = {"client_id": due.client_id, "kind": due.kind, "reason": outcome.fault}
    if outcome.fault:
        log.warning("notice %s", word, extra=facts)
    else:
        log.info("notice told", extra=facts | {"trace_id": trace.new()})


class Notifying(threading.Thread):
    """Tells what is due until it is told to stop."""

    def __init__(self, app: Flask) -> None:
        """Prepare; ``start`` begins."""
        super().__init__(name="notifying", daemon=True)
        self.app = app
        self.ending = threading.Event()

    def run(self) -> None:
        """Look, tell, wait.  A database that is away is looked for again."""
        while not self.ending.is_set():
            try:
                tried = self.notify_once()
            except SQLAlchemyError as fault:
                reason = type(fault).__name__
                log.warning("notices unreachable", extra={"reason": reason})
                tried = 0
            if not tried:
                self.ending.wait(LOOK_EVERY_SECONDS)

    def stop(self) -> None:
        """Let those that are being told be the last."""
        self.ending.set()

    def notify_once(self) -> int:
        """Tell one batch; give how many were tried."""
        with self.app.app_context():
            notices = self.app.extensions["services"].notices
            if not notices.has_due():
                return 0
            held = notices.take(MOST_AT_ONCE)
            db.session.commit()
        tell(self.app, held, within=TRY_SECONDS)
        return len(held)
