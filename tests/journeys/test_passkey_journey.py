"""Passkeys in Chromium, by its own virtual authenticator: they need scripts."""

from __future__ import annotations

from collections.abc import Iterator

import pyotp
import pytest
from playwright.sync_api import Page

from tests.journeys.demo import Demo
from tests.journeys.owner import WRONG_ANSWER, Owner, enrol
from tests.support.chromium import chromium

pytestmark = pytest.mark.live

KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """Under a name: an address alone can have no passkeys (WebAuthn §5.1.2).

    Sign-up asks for work at once, and sign-in after one that has failed.
    """
    demo = Demo(
        APP_ENV="development",
        SIGNIN_LIMITS="100/minute",
        PROOF_OF_WORK="always",
        PROOF_OF_WORK_FREE_TRIES="1/hour",
    )
    demo.settings["APP_URL"] = f"http://localhost:{demo.port}"
    with demo:
        yield demo


@pytest.fixture
def page() -> Iterator[Page]:
    """A page whose browser has nothing to complain of."""
    with chromium() as browser:
        page = browser.new_context().new_page()
        complaints: list[str] = []
        page.context.on(
            "console",
            lambda said: complaints.append(said.text) if said.type == "error" else None,
        )
        yield page
        assert [one for one in complaints if not one.startswith(WRONG_ANSWER)] == []


class Machine:
    """What holds the passkeys of a browser, and somebody who may touch it."""

    def __init__(self, page: Page) -> None:
        self.line = page.context.new_cdp_session(page)
        self.line.send("WebAuthn.enable")
        made = self.line.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})
        self.id = {"authenticatorId": made["authenticatorId"]}

    def is_touched(self, *, enabled: bool) -> None:
        touching = {**self.id, "enabled": enabled}
        self.line.send("WebAuthn.setAutomaticPresenceSimulation", touching)


@pytest.fixture(autouse=True)
def machine(page: Page) -> Machine:
    return Machine(page)


def at(owner: Owner, path: str) -> None:
    owner.page.goto(f"http://localhost:{owner.demo.port}{path}")


def signs_out(owner: Owner) -> None:
    at(owner, "/account")
    owner.page.click("#signout")
    owner.page.click("#logout-confirm")
    owner.page.wait_for_url("**/signed-out**")


def adds_one(owner: Owner) -> None:
    page = owner.page
    at(owner, "/account/security")
    page.click("#passkey-add")
    page.fill("#name", "work laptop")
    page.click("#passkey-submit")
    page.wait_for_url("**/account/security?done=passkey")


def test_one_is_added_and_enters_alone_and_is_removed(page: Page, demo: Demo) -> None:
    owner = enrol(page, demo)
    at(owner, "/account/security")
    owner.signs_in()
    adds_one(owner)
    assert "work laptop" in page.inner_text("#passkeys")
    owner.letter("mfa_changed")

    # Nobody is named: the browser offers whose passkey it holds.
    signs_out(owner)
    at(owner, "/signin")
    page.wait_for_url("**/account")  # among the suggestions of the field, at once
    assert owner.email in page.inner_text("main")

    at(owner, "/account/security")
    page.click("#passkeys form button")
    page.wait_for_url("**/account/security?done=no-passkey")
    assert "work laptop" not in page.inner_text("main")


def test_it_is_the_second_step_of_who_types_a_password(
    page: Page, demo: Demo, machine: Machine
) -> None:
    owner = enrol(page, demo)
    at(owner, "/account/security")
    owner.signs_in()
    page.click("#totp-add")
    secret = page.get_attribute("#totp-secret", "data-text")
    page.fill("#code", pyotp.TOTP(str(secret)).now())
    page.click("#totp-submit")
    page.check("#saved")
    page.click("#backup-submit")
    page.wait_for_url("**/account/security")
    adds_one(owner)

    signs_out(owner)
    machine.is_touched(enabled=False)  # or it would let them in without a password
    at(owner, "/signin")
    owner.signs_in()
    page.wait_for_url("**/mfa**")
    machine.is_touched(enabled=True)
    page.click("summary")
    page.click("#mfa-passkey")
    page.click("#mfa-submit")
    page.wait_for_url("**/account")


def test_a_browser_works_while_somebody_types(page: Page, demo: Demo) -> None:
    """A worker under our policy solves what the server asks; the form waits for it."""
    page.goto(f"http://localhost:{demo.port}/signup")
    page.fill("#email", "eve@example.org")
    page.fill("#password", "Wren harbour four lanterns")
    page.click("#signup-submit")
    page.wait_for_selector("#verify-submit")
    assert demo.wait_for_mail("eve@example.org", "verify_email")

    owner = enrol(page, demo)
    at(owner, "/signin")
    owner.signs_in("not the password")
    page.wait_for_selector("#signin-form[data-work]")
    owner.signs_in()
    page.wait_for_url("**/account")
