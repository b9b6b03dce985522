"""A visitor of the demo: what a person types and presses in Chromium."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field

from playwright.sync_api import Page

from tests.journeys.demo import Demo
from tests.support.live import until

CODE = re.compile(r"^\s*(\d{6})\s*$", re.MULTILINE)


@dataclass
class Visitor:
    """Somebody who has no account yet."""

    page: Page
    demo: Demo
    name: str = "Ada Lovelace"
    email: str = field(
        default_factory=lambda: f"ada-{secrets.token_hex(4)}@example.org"
    )
    password: str = field(
        default_factory=lambda: f"Wren harbour {secrets.token_hex(6)}"
    )

    def begins(self) -> None:
        """From the demo site to the sign-in page of the server."""
        self.page.goto(self.demo.site)
        self.page.click("#sign-in")
        self.page.wait_for_selector("#login-submit")
        assert self.page.url.startswith(self.demo.url)

    def signs_up(self) -> None:
        self.page.click("#signup-link")
        self.page.fill("#full_name", self.name)
        self.page.fill("#email", self.email)
        self.page.fill("#password", self.password)
        self.page.click("#signup-submit")
        self.page.wait_for_selector("#verify-submit")
        assert self.page.inner_text("h1") == "Check your mail"

    def signs_in(self) -> None:
        self.page.fill("#username", self.email)
        self.page.fill("#password", self.password)
        self.page.click("#login-submit")

    def opens_letter(self) -> Page:
        """In another tab: the mailbox page, and the newest letter there."""
        tab = self.page.context.new_page()
        row = f"#letters li:has-text('{self.email}') a[data-kind=verify_email]"

        def arrived() -> bool:
            tab.goto(f"{self.demo.url}/dev/mail")
            return tab.locator(row).count() > 0

        until(arrived, f"the letter to {self.email}")
        tab.locator(row).first.click()
        tab.wait_for_selector("#letter-text")
        return tab

    def verifies_by_code(self) -> None:
        tab = self.opens_letter()
        found = CODE.search(tab.inner_text("#letter-text"))
        assert found, "a 6-digit code stands alone on its line"
        tab.close()
        self.page.fill("#code", found[1])
        self.page.click("#verify-submit")

    def verifies_by_link(self) -> None:
        """The link opens beside the waiting page, and goes on where that one stopped."""
        tab = self.opens_letter()
        tab.click("a.letter-link")
        tab.click("#verify-link-confirm")
        self.page.close()
        self.page = tab

    def arrives(self) -> dict[str, str]:
        """Back at the demo site, signed in; give the claims it shows."""
        self.page.wait_for_selector("#claims")
        assert self.page.url == f"{self.demo.site}/"
        rows = self.page.locator("#claims tbody tr")
        return {
            row.locator("th").inner_text(): row.locator("td").inner_text()
            for row in rows.all()
        }
