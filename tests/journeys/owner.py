"""Somebody who has an account already, at a browser, with the letters they get."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

from playwright.sync_api import Page

from tests.journeys.demo import Demo

CODE = re.compile(r"^\s*(\d{6})\s*$", re.MULTILINE)
LINK = re.compile(r"^(http://\S+token=\S+)$", re.MULTILINE)
WRONG_ANSWER = "Failed to load resource: the server responded with a status of 4"


@dataclass
class Owner:
    """Somebody who has an account, at one browser."""

    page: Page
    demo: Demo
    email: str
    password: str

    def goes_to(self, path: str) -> Page:
        self.page.goto(self.demo.url + path)
        return self.page

    def signs_in(self, password: str | None = None) -> None:
        self.page.fill("#username", self.email)
        self.page.fill("#password", password or self.password)
        self.page.click("#login-submit")

    def letter(self, kind: str, to: str | None = None, *, count: int = 1) -> str:
        """The text of the newest letter of a kind."""
        mail = self.demo.wait_for_mail(to or self.email, kind, count=count)
        body = mail.get_body(("plain",))
        assert body is not None
        return str(body.get_content())

    def link_of(self, kind: str) -> str:
        found = LINK.search(self.letter(kind))
        assert found is not None
        return found[1]

    def code_of(self, kind: str, to: str | None = None) -> str:
        found = CODE.search(self.letter(kind, to))
        assert found is not None
        return found[1]


def enrol(page: Page, demo: Demo) -> Owner:
    """Give somebody new an account, at the browser of this page."""
    email = f"ada-{secrets.token_hex(4)}@example.org"
    password = f"Wren harbour {secrets.token_hex(6)}"
    person = ("--full-name", "Ada Lovelace", "--password", password, "--verified")
    demo.cli("user", "create", "--email", email, *person)
    return Owner(page, demo, email, password)
