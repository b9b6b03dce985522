"""Operators at the console in Chromium, and the screens that they can reach."""

from __future__ import annotations

import secrets

from playwright.sync_api import Page

from tests.journeys.demo import Demo
from tests.journeys.owner import Owner


def operator(page: Page, demo: Demo) -> Owner:
    """Give an operator who is signed in, and at the console."""
    email = f"root-{secrets.token_hex(4)}@example.org"
    password = f"Wren harbour {secrets.token_hex(6)}"
    told = ("--password", password, "--verified", "--role", "super_admin")
    demo.cli("user", "create", "--email", email, "--full-name", "Root", *told)
    root = Owner(page, demo, email, password)
    root.goes_to("/console")
    root.signs_in()
    page.wait_for_url("**/console/overview")
    return root


def screens_of(page: Page, demo: Demo) -> list[str]:
    """Every address that can be reached from the navigation in two steps."""
    seen = ["/console/overview"]
    for _ in range(2):
        for path in list(seen):
            page.goto(demo.url + path)
            found = page.eval_on_selector_all(
                "main a[href^='/console']:not([download])",
                "all => all.map(a => a.getAttribute('href'))",
            )
            kinds = {shape(one) for one in seen}
            for one in found:
                if shape(one) not in kinds:
                    seen.append(one)
                    kinds.add(shape(one))
    return seen


def shape(path: str) -> str:
    """Two people's pages are one screen."""
    parts = path.partition("?")[0].split("/")
    return "/".join("#" if len(part) == 36 else part for part in parts)
