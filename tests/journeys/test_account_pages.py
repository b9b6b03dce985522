"""A person keeps their account, in Chromium, with scripts and without.

Forgotten password, sign-in by mail, second step, another address, devices, data,
deletion and its undoing.  The server is `authserver dev`.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import BrowserContext, Page

from tests.journeys.demo import Demo
from tests.journeys.owner import Owner, enrol

pytestmark = pytest.mark.live
DATABASE = "postgresql"


def test_a_forgotten_password(owner: Owner) -> None:
    page = owner.goes_to("/signin")
    page.click("a[href^='/forgot']")
    page.fill("#email", owner.email)
    page.click("#forgot-submit")
    assert page.inner_text("h1") == "Check your mail"
    page.goto(owner.link_of("reset_password"))
    page.fill("#password", "short")
    page.click("#reset-submit")
    assert page.is_visible("#password-error")
    owner.password = f"Kite orchard {secrets.token_hex(6)}"
    page.fill("#password", owner.password)
    page.click("#reset-submit")
    assert page.inner_text("h1") == "Your password is changed"
    page.click("#reset-signin")
    owner.signs_in()
    page.wait_for_url("**/account")


def test_in_by_the_code_of_a_letter(owner: Owner) -> None:
    page = owner.goes_to("/signin")
    page.click("#magic-link")
    page.fill("#email", owner.email)
    page.click("#magic-link-submit")
    page.fill("#code", owner.code_of("magic_link"))
    page.click("#magic-code-submit")
    page.wait_for_url("**/account")
    somebody_else_joins(owner)


def somebody_else_joins(owner: Owner) -> None:
    """Two people at one browser: each comes forward, and one is signed out."""
    page, other = owner.page, enrol(owner.page, owner.demo)
    page.click("#switch-link")
    page.click("#another-account")
    other.signs_in()
    page.wait_for_url("**/account")
    assert other.email in page.inner_text("main")

    page.click("#switch-link")
    people = page.locator("#accounts-form .choice")
    assert [other.email in one for one in people.all_inner_texts()] == [True, False]
    people.nth(1).click()
    page.wait_for_url("**/account")
    assert owner.email in page.inner_text("main")

    page.click("#switch-link")
    page.get_by_role("button", name=f"Sign out {other.email}").click()
    page.wait_for_selector(f"text={other.email}", state="detached")
    assert people.count() == 1
    people.click()
    page.wait_for_url("**/account")
    assert owner.email in page.inner_text("main")


def test_in_by_the_link_of_a_letter(owner: Owner, with_scripts: bool) -> None:
    """The page that waits goes on: by itself with scripts, by its button without."""
    page = owner.goes_to("/account/sessions")
    page.click("#magic-link")
    page.fill("#email", owner.email)
    page.click("#magic-link-submit")
    tab = page.context.new_page()
    tab.goto(owner.link_of("magic_link"))
    tab.click("#magic-link-confirm")
    tab.wait_for_url("**/account")
    if not with_scripts:
        page.click("#magic-link-opened")
    page.wait_for_url("**/account/sessions")


def test_the_link_of_a_letter_elsewhere(
    owner: Owner, new_context: Callable[[], BrowserContext]
) -> None:
    page = owner.goes_to("/magic-link")
    page.fill("#email", owner.email)
    page.click("#magic-link-submit")
    link = owner.link_of("magic_link")
    there = new_context().new_page()
    there.goto(link)
    assert "another device" in there.inner_text("main")
    there.click("#magic-link-confirm")
    assert there.inner_text("h1") == "Check your mail"
    there.goto(owner.demo.url + "/account")
    assert there.is_visible("#login-submit")
    # What the first browser asked for is still good there.
    page.goto(link)
    page.click("#magic-link-confirm")
    page.wait_for_url("**/account")


def test_the_second_step(owner: Owner, tmp_path: Path) -> None:
    page = owner.goes_to("/account/security")
    owner.signs_in()
    page.wait_for_url("**/account/security")
    page.click("#totp-add")
    assert page.locator(".qr svg path").bounding_box()
    secret = page.get_attribute("#totp-secret", "data-text")
    totp = pyotp.TOTP(str(secret))
    page.fill("#code", totp.now())
    page.click("#totp-submit")
    codes = page.locator("#backup-codes li").all_inner_texts()
    assert len(codes) == 10
    with page.expect_download() as begun:
        page.click("#backup-download")
    begun.value.save_as(tmp_path / "codes.txt")
    assert (tmp_path / "codes.txt").read_text().split() == codes
    page.check("#saved")
    page.click("#backup-submit")
    page.wait_for_url("**/account/security")

    page.click("#signout-link")
    page.click("#logout-confirm")
    owner.goes_to("/signin")
    owner.signs_in()
    page.wait_for_url("**/mfa**")
    page.click("summary")
    page.click("#mfa-backup_code")
    page.fill("#code", codes[0])
    page.click("#mfa-submit")
    page.wait_for_url("**/account")

    owner.goes_to("/account/security")
    assert "9 codes left" in page.inner_text("#second-step")
    page.click("form[action='/account/security/totp/remove'] button")
    page.fill("#password", owner.password)
    page.click("#reauth-submit")
    page.wait_for_url("**/account/security?done=totp-off")
    assert page.is_visible("#totp-add")
    assert "authenticator app was removed" in page.inner_text("main")
    owner.letter("mfa_changed", count=3)


def test_another_address(owner: Owner) -> None:
    page = owner.goes_to("/account/profile")
    owner.signs_in()
    fresh = f"new-{owner.email}"
    page.fill("#new-email", fresh)
    page.click("#email-submit")
    page.fill("#code", owner.code_of("email_change_confirm", fresh))
    page.click("#verify-submit")
    page.wait_for_url("**/account/profile?done=email")
    assert fresh in page.inner_text("#email")
    owner.letter("email_change_notice")


def test_a_device_is_signed_out_from_another(
    owner: Owner, new_context: Callable[[], BrowserContext]
) -> None:
    page = owner.goes_to("/account/sessions")
    owner.signs_in()
    there = new_context().new_page()
    phone = Owner(there, owner.demo, owner.email, owner.password)
    phone.goes_to("/account")
    phone.signs_in()
    there.wait_for_url("**/account")
    page.reload()
    assert page.locator("#sessions > li").count() == 2
    page.click("#sessions form button")
    page.wait_for_url("**/account/sessions?done=signed-out")
    assert page.locator("#sessions > li").count() == 1
    phone.goes_to("/account")
    assert there.is_visible("#login-submit")


def test_data_deletion_and_its_undoing(owner: Owner, tmp_path: Path) -> None:
    page = owner.goes_to("/account/privacy")
    owner.signs_in()
    with page.expect_download() as begun:
        page.click("#export-link")
    begun.value.save_as(tmp_path / "data.json")
    found = json.loads((tmp_path / "data.json").read_text())
    assert found["user"]["email"] == owner.email

    page.fill("#confirm", owner.email)
    page.click("#delete-submit")
    assert page.inner_text("h1") == "Your account is deleted"
    owner.goes_to("/signin")
    owner.signs_in()
    assert page.is_visible("#error-summary")
    page.goto(owner.link_of("account_deleted"))
    page.click("#confirm-submit")
    assert page.inner_text("h1") == "Your account is kept"
    page.click("#notice-next")
    owner.signs_in()
    page.wait_for_url("**/account")


def arrives(page: Page, demo: Demo, email: str) -> None:
    """Back at the app, signed in as whom."""
    page.click("#consent-allow")
    page.wait_for_selector("#claims")
    assert page.url == f"{demo.site}/"
    assert email in page.inner_text("#claims")


@pytest.mark.parametrize("means", ["code", "link"])
def test_from_an_app_by_a_letter_and_back(owner: Owner, means: str) -> None:
    """The policy of each page lets its form lead to the app in the end."""
    page = owner.page
    page.goto(owner.demo.site)
    page.click("#sign-in")
    page.click("#magic-link")
    page.fill("#email", owner.email)
    page.click("#magic-link-submit")
    if means == "code":
        page.fill("#code", owner.code_of("magic_link"))
        page.click("#magic-code-submit")
    else:
        page.goto(owner.link_of("magic_link"))
        page.click("#magic-link-confirm")
    arrives(page, owner.demo, owner.email)

    # It was allowed before: this time the form leads to the app at once.
    page.context.clear_cookies()
    page.goto(owner.demo.site)
    page.click("#sign-in")
    page.fill("#username", owner.email)
    page.fill("#password", owner.password)
    page.click("#login-submit")
    page.wait_for_selector("#claims")

    owner.goes_to("/account/apps")
    page.click("section.app form button")
    page.wait_for_url("**/account/apps?done=app")
    assert page.locator("section.app").count() == 0
