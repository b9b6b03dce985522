"""Send pings beside letters: apps that answer slowly hold up nobody (CIBA §10.2)."""

import json
import logging
import threading
from collections.abc import Sequence

from authserver.adapters.exchange import FetchFailed
from authserver.adapters.fetcher import Fetcher
from authserver.core.pings import Ping
from authserver.http import trace

log = logging.getLogger("authserver.ping")
TIMEOUT_SECONDS = 5.0
MAX_ANSWER = 4096
"""What an app answers is not read; this much of it is taken from the line."""


class Pinger:
    """Sends in a thread of its own, one batch after the other."""

    def __init__(self) -> None:
        """Prepare; ``start`` begins."""
        self.thread: threading.Thread | None = None

    @property
    def is_busy(self) -> bool:
        """Whether the last ones are still on their way."""
        return self.thread is not None and self.thread.is_alive()

    def start(self, fetcher: Fetcher, claimed: Sequence[Ping]) -> None:
        """Send these; whoever claimed them has committed that."""
        self.thread = threading.Thread(
            target=send, args=(fetcher, claimed), name="pings", daemon=True
        )
        self.thread.start()


def send(fetcher: Fetcher, claimed: Sequence[Ping]) -> None:
    """Tell each app, once; what it answers changes nothing."""
    for ping in claimed:
        facts = {"trace_id": trace.new()}
        try:
            answer = fetcher.post(
                ping.url,
                json.dumps({"auth_req_id": ping.auth_req_id}).encode("ascii"),
                headers={
                    "Authorization": f"Bearer {ping.token}",
                    "Content-Type": "application/json",
                },
                timeout_s=TIMEOUT_SECONDS,
                max_bytes=MAX_ANSWER,
            )
        except FetchFailed as fault:
            log.warning("ping failed", extra=facts | {"reason": str(fault)})
            continue
        log.info("ping sent", extra=facts | {"reason": f"answered {answer.status}"})
