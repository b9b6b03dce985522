"""What journeys in Chromium stand on: `authserver dev`, a browser, somebody at it.

Fixtures, made once for each module; `conftest.py` takes them over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.journeys.demo import Demo
from tests.journeys.owner import WRONG_ANSWER, Owner, enrol
from tests.support.chromium import chromium


@pytest.fixture(scope="module")
def demo(
    request: pytest.FixtureRequest, make_database: Callable[[str], str]
) -> Iterator[Demo]:
    """On its embedded database, unless the module names another in `DATABASE`."""
    settings = {"RATE_LIMITS": "off", "APP_ENV": "development"}
    if named := getattr(request.module, "DATABASE", None):
        settings["DATABASE_URL"] = make_database(named)
    with Demo(**settings) as demo:
        yield demo


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(params=[True, False], ids=["scripts", "no-scripts"])
def with_scripts(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def new_context(
    browser: Browser, with_scripts: bool
) -> Iterator[Callable[[], BrowserContext]]:
    """Give browsers; none may complain, of its policy least of all."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_one() -> BrowserContext:
        context = browser.new_context(java_script_enabled=with_scripts)
        context.on("weberror", lambda fault: complaints.append(str(fault.error)))
        context.on(
            "console",
            lambda said: complaints.append(said.text) if said.type == "error" else None,
        )
        contexts.append(context)
        return context

    yield open_one
    for context in contexts:
        context.close()
    assert [said for said in complaints if not said.startswith(WRONG_ANSWER)] == []


@pytest.fixture
def owner(demo: Demo, new_context: Callable[[], BrowserContext]) -> Owner:
    return enrol(new_context().new_page(), demo)
