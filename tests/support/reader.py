"""A person without scripts, in this process: opens pages, fills forms, reads letters.

    ada = Reader(app, clock)
    ada.open("/signin").fill(username=ADA, password=PASSWORD).press("login-submit")

A press follows redirects on our own host and stops at the first page.
"""

from __future__ import annotations

from typing import Self
from urllib.parse import urlencode, urljoin, urlsplit

from flask import Flask
from werkzeug.test import TestResponse

from authserver.clock import FrozenClock
from tests.support.caller import ORIGIN, PASSWORD, Caller
from tests.support.document import Document, Element

HOST = urlsplit(ORIGIN).netloc
STEPS = 10


class Reader:
    """One browser: its cookies, and the page that is open."""

    def __init__(self, app: Flask, clock: FrozenClock, *, ip: str = "203.0.113.7"):
        self.post_box = Caller(app, clock, ip=ip)
        self.client, self.clock, self.ip = self.post_box.client, clock, ip
        self.url = ORIGIN
        self.status = 0
        self.answer: TestResponse
        self.document = Document("")

    # -- Pages

    def open(self, path: str) -> Self:
        """Follow a link, relative to the open page."""
        return self._go("GET", urljoin(self.url, path), [])

    def fill(self, **typed: str) -> Self:
        """Type into fields by id; a dash in an id is written as two underscores."""
        for name, value in typed.items():
            self.document.get(name.replace("__", "-")).attributes["value"] = value
        return self

    def choose(self, id_: str, value: str) -> Self:
        """Take an option of a list."""
        found = self.document.get(id_)
        for option in found.walk():
            if option.tag == "option":
                option.attributes.pop("selected", None)
                if option.get("value") == value:
                    option.attributes["selected"] = ""
        return self

    def tick(self, id_: str) -> Self:
        self.document.get(id_).attributes["checked"] = ""
        return self

    def press(self, button_id: str) -> Self:
        """Press a button by its id."""
        return self.press_on(self.document.get(button_id))

    def press_on(self, button: Element) -> Self:
        form = self.document.form_of(button)
        target = urljoin(self.url, button.get("formaction") or form.action or self.url)
        method, entries = form.method.upper(), form.entries(button)
        if method == "GET":
            target = f"{target.partition('?')[0]}?{urlencode(entries)}"
        return self._go(method, target, entries)

    def press_in(self, action: str) -> Self:
        """Press the button of the form that posts to an address."""
        forms = [f for f in self.document.forms if f.action == action]
        assert len(forms) == 1, f"{len(forms)} forms post to {action}"
        return self.press_on(next(c for c in forms[0].controls if c.tag == "button"))

    def send(self, path: str, **given: str) -> Self:
        """Post what no form of the page would, with the token of this browser."""
        token = next(
            control.get("value")
            for form in self.document.forms
            for control in form.controls
            if control.get("name") == "csrf_token"
        )
        entries = [("csrf_token", token), *given.items()]
        return self._go("POST", urljoin(self.url, path), entries)

    def send_from_elsewhere(self, path: str, **given: str) -> Self:
        """Post what a form of another site would, without our token."""
        return self._go("POST", urljoin(self.url, path), list(given.items()))

    def link(self, id_: str) -> Self:
        """Follow a link by its id."""
        return self.open(self.document.get(id_).get("href"))

    def has(self, id_: str) -> bool:
        return self.document.find(id_) is not None

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def text(self) -> str:
        return self.document.root.text

    @property
    def heading(self) -> str:
        for element in self.document.root.walk():
            if element.tag == "h1":
                return element.text
        return ""

    def _go(self, method: str, url: str, form: list[tuple[str, str]]) -> Self:
        for _ in range(STEPS):
            parts = urlsplit(url)
            assert parts.netloc == HOST, f"left for {url}"
            self.clock.advance(seconds=1)
            target = f"{parts.path}?{parts.query}" if parts.query else parts.path
            self.answer = self.client.open(
                target,
                method=method,
                data=_grouped(form) if method == "POST" else None,
                base_url=ORIGIN,
                environ_overrides={"REMOTE_ADDR": self.ip},
            )
            self.url, self.status = url, self.answer.status_code
            if self.status not in (301, 302, 303):
                break
            url = urljoin(url, self.answer.headers["Location"])
            method, form = "GET", []
        else:
            raise AssertionError(f"redirects without end at {url}")
        if self.answer.mimetype == "text/html":
            self.document = Document(self.answer.text)
        return self

    # -- What people do with them

    def sign_in(self, email: str, password: str = PASSWORD) -> Self:
        self.open("/signin").fill(username=email, password=password)
        return self.press("login-submit")

    def code(self, to: str, letter: str | None = None) -> str:
        """The code of the newest letter."""
        return self.post_box.code(to, letter)

    def link_in(self, to: str, letter: str | None = None) -> str:
        """The path of the link in the newest letter."""
        for line in self.words_of(to, letter).splitlines():
            if line.startswith(ORIGIN) and "token=" in line:
                return line.removeprefix(ORIGIN).strip()
        raise AssertionError(f"no link to {to} in {letter}")

    def words_of(self, to: str, letter: str | None = None) -> str:
        found = self.post_box.letters(to, letter)[-1].get_body(("plain",))
        assert found is not None
        return str(found.get_content())

    def letters(self, to: str) -> list[str]:
        """What kinds of letters went to an address, oldest first."""
        return [str(m["X-Letter"]) for m in self.post_box.letters(to)]


def _grouped(form: list[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in form:
        found.setdefault(name, []).append(value)
    return found
