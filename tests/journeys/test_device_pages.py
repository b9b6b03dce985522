"""A person connects a device, in Chromium, with scripts and without, in five languages.

The device is the one in examples/, as somebody would run it.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext

from authserver.http.language import LANGUAGES
from tests.journeys.demo import Demo
from tests.journeys.owner import Owner
from tests.support.live import until

pytestmark = pytest.mark.live
DATABASE = "postgresql"

PROGRAM = Path(__file__).parents[2] / "examples" / "device" / "device.py"
CODE = re.compile(r"[B-Z]{4}-[B-Z]{4}")


class Television:
    """examples/device/device.py in a process of its own."""

    def __init__(self, issuer: str, client_id: str, folder: Path):
        self.said = folder / "television.txt"
        command = [
            sys.executable,
            PROGRAM,
            "--issuer",
            issuer,
            "--client-id",
            client_id,
        ]
        with self.said.open("wb") as out:
            self.process = subprocess.Popen(command, stdout=out, stderr=out)

    @property
    def words(self) -> str:
        return self.said.read_text(encoding="utf-8")

    @property
    def code(self) -> str:
        until(lambda: "After scanning" in self.words, "the device to show its code")
        found = CODE.search(self.words)
        assert found is not None
        return found[0]

    def ends(self) -> tuple[int, str]:
        return self.process.wait(30), self.words.splitlines()[-1]


@pytest.fixture(scope="module")
def television_client(demo: Demo) -> dict[str, Any]:
    """Registered as the example says it."""
    told: dict[str, Any] = demo.cli(
        *("client", "create", "--name", "Living room", "--public"),
        *("--grant", "device_code", "--grant", "refresh_token"),
    )
    return told


@pytest.fixture
def television(
    demo: Demo,
    television_client: dict[str, Any],
    tmp_path: Path,
) -> Iterator[Television]:
    device = Television(demo.url, television_client["client_id"], tmp_path)
    yield device
    device.process.kill()
    device.process.wait()


def test_by_typing_the_code(owner: Owner, television: Television) -> None:
    page = owner.goes_to("/device")
    page.fill("#user-code", television.code.lower())
    page.click("#device-submit")
    assert "Living room" in page.inner_text(".client")
    owner.signs_in()
    page.wait_for_selector("#user-code-shown")
    assert page.inner_text("#user-code-shown") == television.code
    assert "Living room" in page.inner_text("#device-warning")
    page.click("#device-allow")
    page.wait_for_url("**/device/done**")
    assert page.inner_text("h1") == "Your device is connected"
    assert television.ends() == (0, "Connected. Hello Ada Lovelace!")
    owner.goes_to("/account/apps")
    assert "Living room" in page.inner_text("main")


def test_by_the_complete_address_and_no(
    owner: Owner,
    television: Television,
) -> None:
    page = owner.goes_to(f"/device?user_code={television.code}")
    assert page.input_value("#user-code") == television.code
    page.click("#device-submit")
    owner.signs_in()
    page.wait_for_selector("#user-code-shown")
    page.click("#device-deny")
    page.wait_for_url("**/device/done**")
    assert page.inner_text("h1") == "The device was not connected"
    assert television.ends() == (1, "Not connected: access_denied")


def test_a_wrong_code_and_somebody_else(
    owner: Owner,
    television: Television,
) -> None:
    """The field keeps what was typed; the account can be changed on the way."""
    page = owner.goes_to("/device")
    page.fill("#user-code", "bbbb bbbb")
    page.click("#device-submit")
    assert page.is_visible("#user-code-error")
    assert page.input_value("#user-code") == "bbbb bbbb"
    page.fill("#user-code", television.code)
    page.click("#device-submit")
    owner.signs_in()
    page.wait_for_selector("#user-code-shown")
    page.click("a[href*='again=1']")
    owner.signs_in()
    page.wait_for_selector("#user-code-shown")
    page.click("#device-deny")
    page.wait_for_url("**/device/done**")


@pytest.mark.parametrize("language", LANGUAGES)
def test_in_every_language(
    demo: Demo,
    owner: Owner,
    television: Television,
    language: str,
) -> None:
    """The choice is kept from the code to the end; right to left where it is so."""
    page = owner.goes_to(f"/device?ui_locales={language}")
    heads = [page.inner_text("h1")]
    page.fill("#user-code", television.code)
    page.click("#device-submit")
    owner.signs_in()
    page.wait_for_selector("#user-code-shown")
    heads.append(page.inner_text("h1"))
    assert page.get_attribute("html", "lang") == language
    assert page.get_attribute("html", "dir") == ("rtl" if language == "ar" else "ltr")
    page.click("#device-allow")
    page.wait_for_url("**/device/done**")
    heads.append(page.inner_text("h1"))
    english = ["Connect a device", "Connect this device?", "Your device is connected"]
    assert (heads == english) == (language == "en")
    assert television.ends()[0] == 0


def test_a_newcomer_signs_up_on_the_way(
    demo: Demo,
    new_context: Callable[[], BrowserContext],
    television: Television,
) -> None:
    """The device waits behind the whole sign-up, and its letter."""
    page = new_context().new_page()
    person = Owner(page, demo, "new-comer@example.org", "Wren harbour lantern 41")
    person.email = f"new-{television.process.pid}@example.org"
    page.goto(f"{demo.url}/device")
    page.fill("#user-code", television.code)
    page.click("#device-submit")
    page.click("a[href^='/signup']")
    page.fill("#full_name", "Grace Hopper")
    page.fill("#email", person.email)
    page.fill("#password", person.password)
    page.click("#signup-submit")
    page.fill("#code", person.code_of("verify_email"))
    page.click("#verify-submit")
    page.wait_for_selector("#user-code-shown")
    page.click("#device-allow")
    page.wait_for_url("**/device/done**")
    assert television.ends() == (0, "Connected. Hello Grace Hopper!")
