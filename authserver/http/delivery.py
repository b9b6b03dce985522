"""The thread that works beside requests, one in each serving process.

It sends waiting letters, each claimed by one of several processes (``core/outbox``),
tells apps that their people have decided (``http/pings``),
seals the lines of the security log that requests have left (``core/audit_seal``), and
now and then deletes what is over (``core/housekeeping``).
"""

import logging
import threading
import time
from email.message import EmailMessage

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from authserver.core.audit_seal import BATCH, ChainBroken
from authserver.http import trace
from authserver.http.pings import Pinger
from authserver.models import OutboxLetter, db

log = logging.getLogger("authserver.mail")
audit = logging.getLogger("authserver.audit")
LOOK_EVERY_SECONDS = 1.0
SEAL_EVERY_SECONDS = 2.0
MOST_BATCHES = 20
TIDY_EVERY_SECONDS = 600.0
FIRST_TIDY_SECONDS = 60.0
"""A server that has just started has other things to do."""


class Delivery(threading.Thread):
    """Sends what is due, and tidies, until it is told to stop."""

    def __init__(self, app: Flask) -> None:
        """Prepare; ``start`` begins."""
        super().__init__(name="delivery", daemon=True)
        self.app = app
        self.ending = threading.Event()
        self.tidies_at = time.monotonic() + FIRST_TIDY_SECONDS
        self.seals_at = 0.0
        self.pinger = Pinger()

    def run(self) -> None:
        """Look, send, wait.  A database that is away is looked for again."""
        while not self.ending.is_set():
            try:
                sent = self.deliver_once()
                self.ping_if_due()
                self.seal_if_due()
                self.tidy_if_due()
            except SQLAlchemyError as fault:
                log.warning(
                    "outbox unreachable", extra={"reason": type(fault).__name__}
                )
                sent = 0
            if not sent:
                self.ending.wait(LOOK_EVERY_SECONDS)

    def stop(self) -> None:
        """Let the letter that is being sent be the last."""
        self.ending.set()

    def ping_if_due(self) -> None:
        """Tell apps that their people have decided; claimed first, and so told once."""
        if self.pinger.is_busy:
            return
        with self.app.app_context():
            services = self.app.extensions["services"]
            if not services.pings.has_due():
                return
            claimed = services.pings.claim()
            db.session.commit()
            self.pinger.start(services.fetcher, claimed)

    def seal_if_due(self) -> None:
        """Seal the lines that wait, some batches at most: letters wait beside them."""
        if time.monotonic() < self.seals_at:
            return
        self.seals_at = time.monotonic() + SEAL_EVERY_SECONDS
        try:
            for _ in range(MOST_BATCHES):
                if self.ending.is_set() or self.seal_once() < BATCH:
                    return
        except ChainBroken as fault:
            # What somebody has changed must not be sealed over; an operator looks at
            # it with `authserver audit verify`.
            audit.error("security log", extra={"reason": str(fault)})
            self.seals_at = time.monotonic() + TIDY_EVERY_SECONDS

    def seal_once(self) -> int:
        """Seal what waits, one batch; give how many lines."""
        with self.app.app_context():
            services = self.app.extensions["services"]
            if not services.audit_seal.has_waiting():
                return 0
            sealed: int = services.audit_seal.seal()
            db.session.commit()
            return sealed

    def tidy_if_due(self) -> None:
        """Delete one batch of what is over; while there is more, a batch each look."""
        if time.monotonic() < self.tidies_at:
            return
        if not self.tidy_once():
            self.tidies_at = time.monotonic() + TIDY_EVERY_SECONDS

    def tidy_once(self) -> int:
        """Delete one small batch of each table; give how many rows went."""
        with self.app.app_context():
            swept = self.app.extensions["services"].housekeeping.sweep()
            db.session.commit()
        if swept:
            said = ", ".join(f"{name} {count}" for name, count in swept.items())
            log.info("tidied", extra={"reason": said, "trace_id": trace.new()})
        return sum(swept.values())

    def deliver_once(self) -> int:
        """Send one batch; give how many were tried.

        Claims are committed before anything is sent, and each letter's mark by
        itself: a process that dies loses no mark but of the one letter in its hands.
        """
        with self.app.app_context():
            services = self.app.extensions["services"]
            if not services.outbox.has_due():
                return 0
            claimed = services.outbox.claim()
            held_until = claimed[0].claimed_until if claimed else None
            db.session.commit()
            for place, row in enumerate(claimed):
                if self.ending.is_set() or not services.outbox.may_begin(held_until):
                    # A mail server that is slow must not make us send what another
                    # process has claimed meanwhile.
                    left = [one.id for one in claimed[place:]]
                    services.outbox.give_back(left, held_until)
                    db.session.commit()
                    return place
                self._send(row)
            return len(claimed)

    def _send(self, row: OutboxLetter) -> None:
        services = self.app.extensions["services"]

        def deliver(message: EmailMessage) -> None:
            # The row has been read, and that began a transaction.  While the mail
            # server thinks nobody may wait for it: on SQLite it is the one writer.
            db.session.commit()
            services.mailer.deliver(message)

        fault = services.outbox.send(row, deliver)
        facts = {"letter": row.letter, "reason": fault}
        db.session.commit()
        if fault:
            is_over = row.status != "waiting"
            said = "letter given up" if is_over else "letter postponed"
            log.warning(said, extra=facts)
        else:
            log.info("letter sent", extra=facts | {"trace_id": trace.new()})
