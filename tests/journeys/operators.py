"""Operators at the console in Chromium, and the screens that they can reach."""

from __future__ import annotations

import secrets

from playwright.sync_api import Page

from tests.journeys.demo import Demo
from tests.journeys.owner import Owner
from tests.support import axe

WIDTHS = (1280, 375)


def operator(page: Page, demo: Demo) -> Owner:
    """Give an operator who is signed in, and at the console."""
    root = somebody(page, demo, "super_admin")
    root.goes_to("/console")
    page.wait_for_url("**/console/overview")
    return root


def somebody(page: Page, demo: Demo, role: str, *more: str) -> Owner:
    """Give somebody of a role who is signed in."""
    email = f"{role}-{secrets.token_hex(4)}@example.org"
    password = f"Wren harbour {secrets.token_hex(6)}"
    told = ("--password", password, "--verified", "--role", role, *more)
    demo.cli("user", "create", "--email", email, "--full-name", role.title(), *told)
    one = Owner(page, demo, email, password)
    one.goes_to("/account")
    one.signs_in()
    page.wait_for_url("**/account")
    return one


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


def shut_out(page: Page, demo: Demo) -> dict[str, list[str]]:
    """Give what axe-core finds, light or dark, and what is wider than the window."""
    found = {}
    for path in screens_of(page, demo):
        page.goto(demo.url + path)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            page.emulate_media(color_scheme="light")
            wide = "document.documentElement.scrollWidth > window.innerWidth"
            faults = axe.violations(page)
            faults += ["wider than the window"] if page.evaluate(wide) else []
            page.emulate_media(color_scheme="dark")
            faults += axe.violations(page, only=axe.COLOURS)
            if faults:
                found[f"{path} at {width}"] = faults
    return found


def shape(path: str) -> str:
    """Two people's pages are one screen."""
    parts = path.partition("?")[0].split("/")
    return "/".join("#" if len(part) == 36 else part for part in parts)


def answer(root: Owner, reason: str = "", *, typed: str = "") -> None:
    """Answer the page that asks whether it is meant."""
    page = root.page
    if reason:
        page.fill("#reason", reason)
    if typed:
        page.fill("#typed", typed)
    page.click("#confirm-submit")
