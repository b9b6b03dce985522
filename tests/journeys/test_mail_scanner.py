"""A scanner of mail opens all that a letter leads to, and spends none of it.

It asks with HEAD, twice with GET, as another program, and then as a browser with scripts
that follows every link of the letter, and every link of the pages that it finds there.
What takes a button is left to the person, who gets what the letter promises.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from urllib.parse import urldefrag

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Page

from tests.journeys.demo import Demo
from tests.journeys.owner import Owner, enrol

pytestmark = pytest.mark.live
DATABASE = "postgresql"

SCANNER = {"User-Agent": "Mozilla/5.0 (compatible; MailScanner/3.1)"}
LINKS = "all => all.map(a => a.href)"


@pytest.fixture
def owner(browser: Browser, demo: Demo) -> Iterator[Owner]:
    with browser.new_context() as context:
        yield enrol(context.new_page(), demo)


@pytest.fixture
def scanner(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context(user_agent=SCANNER["User-Agent"]) as context:
        yield context


def scan(scanner: BrowserContext, owner: Owner, kind: str, to: str = "") -> str:
    """Scan the newest letter of a kind; give the link that the person would open."""
    mail = owner.demo.wait_for_mail(to or owner.email, kind)
    body = mail.get_body(("html",))
    assert body is not None
    page = scanner.new_page()
    page.set_content(body.get_content())
    found = [link for link in links_of(page) if link.startswith(owner.demo.url)]
    assert found, kind
    for link in found:
        for ask in (requests.head, requests.get, requests.get):
            assert ask(link, timeout=20).status_code == 200, link
        assert requests.get(link, headers=SCANNER, timeout=20).status_code == 200
        follow(page, link, owner.demo.url)
    return next(link for link in found if "token=" in link)


def follow(page: Page, link: str, home: str) -> None:
    """Open a link, and each link of the page that it leads to."""
    page.goto(link)
    for further in links_of(page):
        if further.startswith(home) and further != urldefrag(page.url).url:
            page.goto(further)


def ask(owner: Owner, path: str, button: str) -> Page:
    """Ask for a letter to one's address; give the page that says so."""
    page = owner.goes_to(path)
    page.fill("#email", owner.email)
    page.click(button)
    return page


def links_of(page: Page) -> list[str]:
    found: list[str] = page.eval_on_selector_all("a[href]", LINKS)
    return list(dict.fromkeys(urldefrag(one).url for one in found))


def test_an_address_is_proved_by_who_signed_up(
    owner: Owner, scanner: BrowserContext
) -> None:
    owner.email = f"new-{secrets.token_hex(4)}@example.org"
    page = owner.goes_to("/signup")
    page.fill("#full_name", "Ada Lovelace")
    page.fill("#email", owner.email)
    page.fill("#password", owner.password)
    page.click("#signup-submit")
    page.wait_for_selector("#verify-submit")
    page.goto(scan(scanner, owner, "verify_email"))
    page.click("#verify-link-confirm")
    page.wait_for_url("**/account")


def test_a_link_signs_in_who_asked_for_it(
    owner: Owner, scanner: BrowserContext
) -> None:
    page = ask(owner, "/magic-link", "#magic-link-submit")
    page.goto(scan(scanner, owner, "magic_link"))
    page.click("#magic-link-confirm")
    page.wait_for_url("**/account")


def test_a_password_is_chosen_by_who_forgot_it(
    owner: Owner, scanner: BrowserContext
) -> None:
    page = ask(owner, "/forgot", "#forgot-submit")
    page.goto(scan(scanner, owner, "reset_password"))
    owner.password = f"Kite orchard {secrets.token_hex(6)}"
    page.fill("#password", owner.password)
    page.click("#reset-submit")
    page.click("#reset-signin")
    owner.signs_in()
    page.wait_for_url("**/account")


def test_an_address_is_changed_and_changed_back_by_its_owner(
    owner: Owner, scanner: BrowserContext
) -> None:
    page, fresh = owner.goes_to("/account/profile"), f"new-{owner.email}"
    owner.signs_in()
    page.fill("#new-email", fresh)
    page.click("#email-submit")
    page.wait_for_selector("#verify-submit")
    page.goto(scan(scanner, owner, "email_change_confirm", to=fresh))
    page.click("#confirm-submit")
    owner.goes_to("/account/profile")
    assert fresh in page.inner_text("#email")

    back = scan(scanner, owner, "email_change_notice")
    page.reload()
    assert fresh in page.inner_text("#email"), "nothing is undone by looking"
    page.goto(back)
    page.click("#confirm-submit")
    assert page.inner_text("h1") == "The change was undone"


def test_who_deleted_an_account_and_nobody_else_brings_it_back(
    owner: Owner, scanner: BrowserContext
) -> None:
    page = owner.goes_to("/account/privacy")
    owner.signs_in()
    page.fill("#confirm", owner.email)
    page.click("#delete-submit")
    back = scan(scanner, owner, "account_deleted")
    owner.goes_to("/signin")
    owner.signs_in()
    assert page.is_visible("#error-summary"), "it is deleted still"
    page.goto(back)
    page.click("#confirm-submit")
    assert page.inner_text("h1") == "Your account is kept"


def test_a_sign_in_is_disowned_by_its_owner(
    owner: Owner, scanner: BrowserContext, browser: Browser
) -> None:
    owner.goes_to("/account")
    owner.signs_in()
    with browser.new_context(user_agent="Somebody's telephone") as elsewhere:
        there = Owner(elsewhere.new_page(), owner.demo, owner.email, owner.password)
        page = there.goes_to("/account")
        there.signs_in()
        page.wait_for_url("**/account")
        ends = scan(scanner, owner, "new_device")
        page.reload()
        assert page.url.endswith("/account"), "nobody is signed out by looking"
        owner.page.goto(ends)
        owner.page.click("#confirm-submit")
        page.reload()
        assert page.is_visible("#login-submit")
