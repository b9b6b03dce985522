"""The server ends, or reloads, when it is told to, and finishes what it began."""

from __future__ import annotations

import ctypes
import json
import os
import secrets
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any, Self

import pytest
import requests

from tests.journeys.crowd import PASSWORD
from tests.journeys.demo import Demo, listens
from tests.support.browser import Browser
from tests.support.live import LiveServer, until

pytestmark = pytest.mark.live

# One sign-up then takes long enough to be under way when the signal comes.
SLOW = {
    "ARGON2_MEMORY_KIB": "131072",
    "RATE_LIMITS": "off",
    "SSF_POLL_WAIT": "600",  # nobody waits that long for the end
}

TWO_WORKERS = ("serve", "--workers", "2")
SIGNALS = [signal.SIGTERM, signal.SIGINT]


@pytest.mark.parametrize("sign", SIGNALS, ids=["TERM", "ctrl-c"])
def test_the_demo_drops_no_request(sign):
    with Demo(**SLOW) as demo, Rush(demo) as rush:
        rush.waits_for_the_first()
        assert end(demo, sign) == 0, demo.log
        rush.ends()
        assert rush.statuses == {email: [303] for email in rush.emails}
        assert "Traceback" not in demo.log

        start = time.monotonic()
        demo.start()
        print(f"the second start took {time.monotonic() - start:.2f} s")
        told = demo.run("user", "list", "--json", APP_ENV="development").stdout
        assert set(rush.emails) <= {user["email"] for user in json.loads(told)}
        assert end(demo, sign) == 0


@pytest.mark.parametrize("sign", SIGNALS, ids=["TERM", "ctrl-c"])
def test_production_drops_no_request(sign):
    with (
        LiveServer(command=TWO_WORKERS, env=SLOW, is_preloaded=False) as server,
        waits_for_an_event(server) as waiter,
        Rush(server) as rush,
    ):
        rush.waits_for_the_first()
        assert not waiter.done()
        assert end(server, sign) == 0, server.log
        assert waiter.result(timeout=1) == {"sets": {}}
        rush.ends()
        assert rush.statuses == {email: [303] for email in rush.emails}
        assert "refused to gracefully stop" not in server.log
        assert "Traceback" not in server.log

        # No letter is left in the hands of a process that is gone (its lease: 60 s).
        server.start(migrate=False)
        for email in rush.emails:
            server.wait_for_mail(email)


def test_a_worker_ends_whichever_of_its_threads_is_told():
    """The kernel chooses; the one that Python runs handlers in may be asleep."""
    with LiveServer(command=TWO_WORKERS, env=SLOW, is_preloaded=False) as server:
        until(lambda: server.log.count("Started worker") == 2, "both workers")
        for worker in server.workers():
            others = {thread.id for thread in worker.threads()} - {worker.pid}
            assert others
            tell_thread(worker.pid, max(others), signal.SIGTERM)
        told = {worker.pid for worker in server.workers()}
        until(
            lambda: not told & {worker.pid for worker in server.workers()},
            "other workers in the place of those",
        )
        assert "refused to gracefully stop" not in server.log
        assert "Traceback" not in server.log


def tell_thread(pid: int, thread: int, sign: int) -> None:
    """Signal one thread of a process (tgkill, which Python has no name for)."""
    assert ctypes.CDLL(None).tgkill(pid, thread, sign) == 0


def test_production_reloads_under_load():
    """HUP: new workers take over, and nobody notices."""
    with LiveServer(command=TWO_WORKERS, env=SLOW, is_preloaded=False) as server:
        before = {worker.pid for worker in server.workers()}
        with Rush(server) as rush:
            rush.waits_for_the_first()
            assert server.process is not None
            server.process.send_signal(signal.SIGHUP)
            with Rush(server) as another:
                for crowd in (rush, another):
                    crowd.ends()
                    assert crowd.statuses == {email: [303] for email in crowd.emails}
        until(
            lambda: not before & {worker.pid for worker in server.workers()},
            "new workers in the place of all old ones",
        )
        assert requests.get(f"{server.url}/readyz", timeout=10).status_code == 200
        assert "Traceback" not in server.log


@contextmanager
def waits_for_an_event(server: LiveServer) -> Iterator[Future[dict[str, Any]]]:
    """An app that fetches security events, and would wait for one (RFC 8936 §2.4)."""
    wishes = ("--grant-type", "client_credentials", "--scope", "ssf.manage")
    app = server.cli("client", "create", "--name", "Shop", *wishes)
    form = {"grant_type": "client_credentials", "scope": "ssf.manage"}
    secret = (app["client_id"], app["client_secret"])
    given = requests.post(f"{server.url}/token", form, auth=secret, timeout=30).json()
    headers = {"Authorization": f"Bearer {given['access_token']}"}

    def post(url: str) -> Any:
        return requests.post(url, json={}, headers=headers, timeout=60).json()

    url = post(f"{server.url}/ssf/stream")["delivery"]["endpoint_url"]
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(post, url)


class Rush:
    """Four people who sign up at one moment."""

    def __init__(self, server: LiveServer) -> None:
        self.server = server
        self.emails = [f"late-{secrets.token_hex(4)}@example.org" for _ in range(4)]
        self.statuses: dict[str, list[int]] = {}
        self.answered = threading.Semaphore(0)
        self.people = [
            threading.Thread(target=self.sign_up, args=(email,))
            for email in self.emails
        ]

    def __enter__(self) -> Self:
        for person in self.people:
            person.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ends()

    def ends(self) -> None:
        for person in self.people:
            person.join()

    def waits_for_the_first(self) -> None:
        """The others are then on their way."""
        assert self.answered.acquire(timeout=60), "nobody was answered"

    def sign_up(self, email: str) -> None:
        with Browser(self.server.url) as browser:
            # The page behind the answer may be gone already; the answer may not.
            with suppress(requests.ConnectionError):
                browser.open("/signup")
                browser.fill(full_name="Ada", email=email, password=PASSWORD)
                browser.submit("signup-submit")
            posted = [hop.status for hop in browser.trail if hop.method == "POST"]
        self.statuses[email] = posted
        self.answered.release()


def end(server: LiveServer, sign: signal.Signals) -> int:
    """TERM comes to the process, Ctrl-C to all that hang on the terminal."""
    assert server.process is not None
    group = server.process.pid
    (os.kill if sign is signal.SIGTERM else os.killpg)(group, sign)
    status = server.process.wait(60)
    until(lambda: is_gone(server, group), "the last process to go", patience=5)
    return status


def is_gone(server: LiveServer, group: int) -> bool:
    """Neither a process nor a listener is left."""
    with suppress(ProcessLookupError):
        os.killpg(group, 0)
        return False
    site = isinstance(server, Demo) and listens(server.port + 1)
    return not (site or listens(server.port))
