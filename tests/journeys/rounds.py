"""A round through every screen of the console: what opens, and where its pages lead."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field

from playwright.sync_api import BrowserContext
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule

from authserver.api.__main__ import granted
from authserver.console import ROOMS
from authserver.core.roles import permits

SCREENS = {screen.path: screen for room in ROOMS for screen in room.screens}
_MAP = Map([Rule(f"/console{path}", endpoint=path) for path in SCREENS]).bind("console")
SPECIMENS = ("/brand/preview", "/mail/html")
"""Hosted pages and letters as they would look: what is on them leads nowhere."""
LATE = {"/outbox/retry-failed"}
"""What is offered by figures that are kept for half a minute."""
SEEN = """() => {
    const found = [["refusal", document.getElementById("error-code")?.textContent]];
    for (const one of document.querySelectorAll("a[href], [formaction]"))
        found.push(["link", one.getAttribute("href") || one.getAttribute("formaction")]);
    for (const one of document.querySelectorAll("iframe[src]"))
        found.push(["frame", one.getAttribute("src")]);
    for (const one of document.forms)
        found.push([one.method, one.getAttribute("action") || location.href]);
    return found.map(([kind, to]) =>
        [kind, kind === "refusal" ? to : to && new URL(to, location.href).pathname]);
}"""
"""Every way on from a page: links, frames, forms, buttons that send forms elsewhere."""

Ways = set[tuple[str, str]]
"""A kind and the screen that it leads to, or the path where that is no screen."""


@dataclass
class Round:
    """One person's way through the screens."""

    context: BrowserContext
    url: str
    role: str
    ways: dict[str, Ways] = field(default_factory=dict)
    """What each page leads to that opened, by its address."""
    statuses: dict[str, int] = field(default_factory=dict)
    found: dict[str, str] = field(default_factory=dict)
    """The first address that was found for each screen."""
    addresses: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.held = granted()[self.role]
        self.page = self.context.new_page()

    def may(self, path: str) -> bool:
        """Whether the matrix lets them use a screen."""
        return permits(self.held, SCREENS[path].needs)

    def explore(self, starts: list[str]) -> None:
        """Go wherever pages lead, once to each screen, and to those that none leads to."""
        waiting, gone = [*starts, "/console/overview"], dict[str, None]()
        while waiting:
            address = waiting.pop(0)
            path = screen_of(address)
            if address in gone or (path in self.found and address not in starts):
                continue
            gone[address] = None
            if path is not None:
                self.found.setdefault(path, address)
            waiting += [to for to in self.visit(address) if screen_of(to)]
        self.addresses = [*gone, *self._unlinked()]

    def _unlinked(self) -> Iterator[str]:
        """The screens that nothing leads to now, about the things that there are."""
        known = {}
        for address in self.found.values():
            known |= _MAP.match(address, method="GET")[1]
        for path in SCREENS.keys() - self.found.keys():
            address = f"/console{path}"
            for kind, name in re.findall(r"<(?:(\w+):)?(\w+)>", path):
                nothing = {"uuid": uuid.UUID(int=7), "int": 999999}.get(kind, "nothing")
                value = str(known.get(name, nothing))
                address = re.sub(rf"<(?:\w+:)?{name}>", value, address)
            self.visit(address)
            yield address

    def visit(self, address: str) -> list[str]:
        """Open an address and note what it is; give the addresses that it leads to."""
        path = screen_of(address)
        assert path is not None, address
        if path.endswith("<form>"):  # a file, which no page shows
            answer = self.context.request.get(self.url + address)
            is_refused = not answer.ok and "permission_missing" in answer.text()
            self._judge(
                path, answer.status, "permission_missing" if is_refused else None
            )
            return []
        answer = self.page.goto(self.url + address, wait_until="domcontentloaded")
        assert answer is not None
        (_, refusal), *ways = self.page.evaluate(SEEN)
        if path in SPECIMENS and not refusal:
            ways = []
        if self._judge(path, answer.status, refusal):
            self.statuses[address] = answer.status
            self.ways[address] = {(kind, screen_of(to) or to) for kind, to in ways}
        leads = {(kind, screen_of(to)) for kind, to in ways}
        for kind, to in leads:
            # The page of a refusal names itself: another language, its own content.
            if to is not None and not self.may(to) and to != path:
                self.wrong.append(f"{path} leads to {to}")
            if to is not None and kind == "post" and not SCREENS[to].posts:
                self.wrong.append(f"{path} has a form that {to} does not take")
        return [to for kind, to in ways if kind == "link"]

    def _judge(self, path: str, status: int, refusal: str | None) -> bool:
        """Hold what an address answers to the matrix; give whether it opened."""
        is_refused = refusal == "permission_missing"
        if is_refused is self.may(path) or is_refused is not (status == 403):
            self.wrong.append(f"{path}: {status}, {refusal}")
        if status >= 500:
            self.wrong.append(f"{path}: {status}")
        return not is_refused

    def hidden(self) -> set[str]:
        """Give the screens that nothing leads to, and those that are not there."""
        led_to = {to for ways in self.ways.values() for _, to in ways}
        absent = {f"{a}: {s}" for a, s in self.statuses.items() if s != 200}
        return {path for path in SCREENS if path not in led_to} - LATE | absent

    def differs_from(self, other: Round) -> list[str]:
        """Say what is here and not there, or there and not here though they may."""
        wrong = []
        for address, ways in self.ways.items():
            theirs = other.ways.get(address, set())
            due = {(k, to) for k, to in theirs if to not in SCREENS or self.may(to)}
            wrong += [f"{address} lacks {one}" for one in due - ways]
            wrong += [f"{address} has {one}, too" for one in ways - due]
            if self.statuses[address] != other.statuses.get(address):
                wrong.append(f"{address} answers {self.statuses[address]}")
        return wrong


def screen_of(address: str) -> str | None:
    """Find the screen of an address; None for what is outside the console."""
    try:
        path: str = _MAP.match(address.partition("?")[0], method="GET")[0]
    except HTTPException:
        return None
    return path
