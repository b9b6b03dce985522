"""A real mail server on a bad day, and people who cause letters all the while."""

from __future__ import annotations

import secrets
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import requests
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from tests.journeys.crowd import PASSWORD
from tests.support.ports import free_port

FAIR, STORM = "fair", "storm"
KINDS = ("fair", "refuses rcpt", "refuses data", "drops", "fair", "hangs")
HANGS = 1
"""Each keeps a worker for as long as its patience with a server lasts."""


@dataclass
class Weather:
    """What happens to the next letter, and every letter that was taken."""

    now: str = FAIR
    seen: Counter[str] = field(default_factory=Counter)
    taken: list[tuple[str, str]] = field(default_factory=list)
    met: int = 0

    def next(self) -> str:
        """Choose what the next letter meets."""
        if self.now == FAIR:
            return FAIR
        self.met += 1
        kind = KINDS[self.met % len(KINDS)]
        if kind == "hangs" and self.seen["hangs"] >= HANGS:
            kind = "drops"
        self.seen[kind] += 1
        return kind

    async def handle_MAIL(self, server, session, envelope, address, options):
        envelope.weather = self.next()
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if envelope.weather == "refuses rcpt":
            return "450 4.2.1 not now"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if envelope.weather == "refuses data":
            return "451 4.3.0 not now"
        head = envelope.content.decode("ascii", "replace").partition("\r\n\r\n")[0]
        (name,) = (
            line.partition(":")[2].strip()
            for line in head.replace("\r\n ", " ").split("\r\n")
            if line.lower().startswith("message-id:")
        )
        self.taken.append((name, envelope.rcpt_tos[0]))
        return "250 OK"


class StormySMTP(SMTP):
    """aiosmtpd, which may hang before a letter or drop the line in the middle of it."""

    async def smtp_DATA(self, arg: str) -> None:
        """Take a letter, or half of it."""
        kind = getattr(self.envelope, "weather", FAIR)
        if kind not in ("drops", "hangs"):
            await super().smtp_DATA(arg)
            return
        await self.push("354 go on")
        await self._reader.readline()
        if kind == "hangs":
            await self._reader.read()  # until the other side has had enough
        self.transport.abort()
        raise ConnectionResetError  # what has been read further on is no command


class PostOffice:
    """One address; open or shut."""

    def __init__(self) -> None:
        self.weather = Weather()
        self.port = free_port()
        self.controller: Controller | None = None

    def open(self) -> None:
        weather = self.weather

        class Desk(Controller):
            def factory(self) -> SMTP:
                return StormySMTP(weather)

        self.controller = Desk(weather, hostname="127.0.0.1", port=self.port)
        self.controller.start()

    def shut(self) -> None:
        if self.controller is not None:
            self.controller.stop()
            self.controller = None


@dataclass
class Letters:
    """Which letters the server has promised to whom, and how it answered."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    promised: Counter[str] = field(default_factory=Counter)
    unanswered: Counter[str] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)

    @property
    def asked(self) -> int:
        return self.promised.total() + self.unanswered.total() + len(self.refused)

    def cause(self, url: str, *, people: int, each: int) -> None:
        """Sign people up, and let each ask for further letters; one is one letter."""
        signed_up = 0
        with requests.Session() as session:
            session.trust_env = False
            while signed_up < people and not self.refused:
                email = f"storm-{secrets.token_hex(6)}@example.org"
                body: dict[str, Any] = {"email": email, "password": PASSWORD}
                is_known = self._ask(session, f"{url}/v1/auth/signup", body)
                signed_up += is_known
                for _ in range(each - 1 if is_known else 0):
                    forgotten = f"{url}/v1/auth/forgot-password"
                    self._ask(session, forgotten, {"email": email})

    def _ask(self, session: requests.Session, url: str, body: dict[str, Any]) -> bool:
        try:
            answer = session.post(url, json=body, timeout=60)
        except requests.RequestException:
            with self.lock:
                self.unanswered[body["email"]] += 1
            return False
        with self.lock:
            if answer.ok:
                self.promised[body["email"]] += 1
            else:
                self.refused.append(f"{url}: {answer.status_code} {answer.text}")
        return answer.ok
