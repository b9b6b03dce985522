"""Chromium as a person uses it, with scripts or without them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, sync_playwright

SWITCHES = ["--no-sandbox", "--disable-dev-shm-usage"]
UNSEEN = ["--js-flags=--no-opt,--no-maglev", "--disable-threaded-compositing"]
"""For pages that are here for a moment and are measured, not watched.

To compile such a page well, or to draw it in a thread of its own, costs more than it saves;
but a click waits for it to be drawn.
"""
SHELL = "chromium-headless-shell"
WHOLE = ("chromium", "chromium-browser", "google-chrome")


@contextmanager
def chromium(
    *, is_whole: bool = False, switches: Sequence[str] = ()
) -> Iterator[Browser]:
    """The machine's Chromium, without a window; gone at the end.

    Args:
        is_whole: Whether it is all that a person has, with their settings of privacy;
            otherwise it is the engine alone, for a third less work.
        switches: What it is started with beside what it needs here.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program(is_whole=is_whole), args=[*SWITCHES, *switches]
        )
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def lenient(browser: Browser, folder: Path) -> Iterator[BrowserContext]:
    """A person who has allowed third-party cookies: no longer how it comes.

    Args:
        browser: One that runs.
        folder: For the profile.
    """
    home = folder / "Default"
    home.mkdir(parents=True)
    allowed = {"profile": {"cookie_controls_mode": 0}}
    (home / "Preferences").write_text(json.dumps(allowed))
    context = browser.browser_type.launch_persistent_context(
        str(folder), executable_path=program(is_whole=True), args=SWITCHES
    )
    try:
        yield context
    finally:
        context.close()


def program(*, is_whole: bool) -> str:
    names = WHOLE if is_whole else (SHELL, *WHOLE)
    found = next(filter(None, map(shutil.which, names)), None)
    assert found, "Chromium is not here: apt-get install chromium"
    return found
