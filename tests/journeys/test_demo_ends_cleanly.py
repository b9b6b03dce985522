"""`authserver dev` comes up, ends when it is told to, and finishes what it began."""

from __future__ import annotations

import json
import os
import secrets
import signal
import threading
import time
from contextlib import suppress

import pytest
import requests

from tests.journeys.demo import Demo
from tests.support.browser import Browser
from tests.support.live import until

pytestmark = pytest.mark.live

# One sign-up then takes long enough to be under way when the signal comes.
SLOW = {"ARGON2_MEMORY_KIB": "131072", "RATE_LIMITS": "off"}


@pytest.mark.parametrize(
    "sign", [signal.SIGTERM, signal.SIGINT], ids=["TERM", "ctrl-c"]
)
def test_a_signal_ends_it_and_no_request_is_dropped(sign):
    emails = [f"late-{secrets.token_hex(4)}@example.org" for _ in range(4)]
    with Demo(**SLOW) as demo:
        answered = threading.Semaphore(0)
        statuses: dict[str, list[int]] = {}
        racers = [
            threading.Thread(target=sign_up, args=(demo, email, statuses, answered))
            for email in emails
        ]
        for racer in racers:
            racer.start()
        assert answered.acquire(timeout=60), "the first sign-up is answered"
        status = end(demo, sign)
        for racer in racers:
            racer.join()
        assert statuses == {email: [303] for email in emails}
        assert status == 0, demo.log
        assert "Traceback" not in demo.log

        start = time.monotonic()
        demo.start()
        print(f"the second start took {time.monotonic() - start:.2f} s")
        told = demo.run("user", "list", "--json", APP_ENV="development").stdout
        known = {user["email"] for user in json.loads(told)}
        assert set(emails) <= known
        assert end(demo, sign) == 0


def sign_up(
    demo: Demo,
    email: str,
    statuses: dict[str, list[int]],
    answered: threading.Semaphore,
) -> None:
    with Browser(demo.url) as browser:
        browser.open("/signup")
        browser.fill(full_name="Ada", email=email, password="Wren-harbour-41-lantern")
        # The page behind the answer may be gone already; the answer may not.
        with suppress(requests.ConnectionError):
            browser.submit("signup-submit")
        statuses[email] = [hop.status for hop in browser.trail if hop.method == "POST"]
    answered.release()


def end(demo: Demo, sign: signal.Signals) -> int:
    """TERM comes to the process, Ctrl-C to all that hang on the terminal."""
    assert demo.process is not None
    group = demo.process.pid
    (os.kill if sign is signal.SIGTERM else os.killpg)(group, sign)
    status = demo.process.wait(60)
    until(lambda: demo.is_gone(group), "the last process to go", patience=5)
    return status
