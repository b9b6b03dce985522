"""Operators at the console, in Chromium, with scripts and without.

The server is `authserver dev`; nobody's browser complains, its policy least of all.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.journeys import chores
from tests.journeys.demo import Demo
from tests.journeys.furnished import walk, whole  # noqa: F401 -- a fixture
from tests.journeys.operators import answer, operator, shut_out
from tests.journeys.owner import Owner, enrol
from tests.journeys.rounds import Round

pytestmark = pytest.mark.live


@pytest.fixture
def root(demo: Demo, new_context: Callable[[], BrowserContext]) -> Owner:
    return operator(new_context().new_page(), demo)


def test_somebody_is_found_locked_and_let_in_again(
    root: Owner, demo: Demo, new_context: Callable[[], BrowserContext]
) -> None:
    bob = enrol(new_context().new_page(), demo)
    page = root.page
    page.click("#navigation >> text=People")
    page.fill("#q", bob.email[:9])
    page.click("#filters-submit")
    page.click("#people tbody a")
    assert page.inner_text("h1") == "Ada Lovelace"
    page.click("#user-lock")
    answer(root, "asked by legal")
    assert "locked" in page.inner_text("#done")
    bob.goes_to("/account")
    bob.signs_in()
    assert bob.page.is_visible("#error-summary")
    page.click("#user-unlock")
    answer(root)
    bob.goes_to("/account")
    bob.signs_in()
    bob.page.wait_for_url("**/account")


def test_somebody_is_added_changed_deleted_and_restored(root: Owner) -> None:
    page, email = root.page, f"new-{secrets.token_hex(4)}@example.org"
    page.click("#navigation >> text=People")
    page.click("#user-new")
    page.fill("#email", email)
    page.fill("#full-name", "New Person")
    page.select_option("#status", "active")
    page.click("#user-submit")
    assert page.inner_text("h1") == "New Person"
    Owner(page, root.demo, email, "").letter("reset_password")
    page.click("#user-edit")
    page.fill("#username", f"new-{secrets.token_hex(3)}")
    page.click("#user-submit")
    assert "saved" in page.inner_text("#done")
    page.click("#role-give")
    page.select_option("#role", label="editor")
    page.fill("#until", "2031-01-31")
    page.fill("#reason", "helps out")
    page.click("#role-submit")
    assert "editor" in page.inner_text("#roles")
    page.click("#user-delete")
    answer(root, "asked by mail", typed=email)
    assert "deleted" in page.inner_text("#done")
    page.click("#user-restore")
    answer(root)
    assert page.is_visible("#user-lock")


def test_many_are_chosen_in_the_list(root: Owner, demo: Demo) -> None:
    page, mark = root.page, secrets.token_hex(4)
    for number in range(3):
        demo.cli("user", "create", "--email", f"{mark}-{number}@example.org")
    root.goes_to(f"/console/users?q={mark}")
    for box in page.locator("#people input[type=checkbox]").all()[:2]:
        box.check()
    page.click("#together-delete")
    assert page.locator("#confirm-of li").count() == 2
    answer(root, "made by mistake", typed="delete 2")
    assert page.inner_text("#done") == "Accounts deleted: 2."
    root.goes_to(f"/console/users?q={mark}")
    assert page.locator("#people tbody tr").count() == 1


def test_a_role_and_an_institution_are_made_and_deleted(root: Owner) -> None:
    page, mark = root.page, "r" + secrets.token_hex(4)
    page.click("#navigation >> text=Roles")
    page.click("#role-new")
    page.fill("#name", mark)
    page.check("input[value='stats:read']")
    page.fill("#reason", "new team")
    page.click("#role-submit")
    assert page.inner_text("h1") == mark
    assert "stats:read" in page.inner_text("#permissions")
    page.click("#role-delete")
    answer(root, "over", typed=mark)
    assert page.inner_text("#done") == "The role is deleted."
    page.click("#navigation >> text=Institutions")
    page.click("#institution-new")
    page.fill("#code", mark)
    page.fill("#name", "Harbour school")
    page.click("#institution-submit")
    row = page.locator("#institutions tr", has_text=mark)
    row.locator("text=Delete").click()
    answer(root, "closed", typed=mark)
    assert page.inner_text("#done") == "The institution is deleted."


def test_sessions_and_logs(
    root: Owner,
    demo: Demo,
    new_context: Callable[[], BrowserContext],
    tmp_path: Path,
) -> None:
    bob = enrol(new_context().new_page(), demo)
    bob.goes_to("/account")
    bob.signs_in("not the password")
    bob.signs_in()
    bob.page.wait_for_url("**/account")
    page = root.page
    page.click("#navigation >> text=Sessions")
    page.fill("#q", bob.email)
    page.click("#filters-submit")
    page.click("#session-list tbody a.button")
    answer(root, "a phone that was lost")
    assert page.inner_text("#done") == "The session has ended."
    bob.goes_to("/account")
    assert bob.page.is_visible("#login-submit")

    page.click("#navigation >> text=Logs")
    page.select_option("#status", "failure")
    page.fill("#since", "2020-01-01")
    page.click("#filters-submit")
    assert bob.email in page.inner_text("#lines")
    with page.expect_download() as begun:
        page.click("#export-csv")
    begun.value.save_as(tmp_path / "log.csv")
    assert bob.email in (tmp_path / "log.csv").read_text()
    page.click("main >> text=Security log")
    page.fill("#event", "session:other")
    page.click("#filters-submit")
    assert "a phone that was lost" in page.inner_text("#lines")
    page.click("#chain-check")
    page.click("#chain-submit")
    assert "is what was written" in page.inner_text("#verdict")


def test_an_api_and_a_stream_of_events(root: Owner, demo: Demo) -> None:
    page, mark = root.page, secrets.token_hex(4)
    page.click("#navigation >> text=APIs")
    page.click("#resource-new")
    page.fill("#identifier", f"https://{mark}.example")
    page.fill("#name", "Notes")
    page.fill("#scope-1", f"{mark}:read")
    page.fill("#scope-1-en", "Read your notes")
    page.click("#resource-submit")
    assert f"{mark}:read" in page.inner_text("main")

    told = ("--grant-type", "client_credentials", "--scope", "ssf.manage")
    demo.cli("client", "create", "--name", mark, *told)
    page.click("#navigation >> text=Apps")
    page.click(f"main >> text={mark}")
    page.click("#client-stream")
    page.check("#event-1")
    page.click("#stream-submit")
    root.goes_to("/console/streams")
    assert mark in page.inner_text("#streams")
    page.locator("#streams tr", has_text=mark).locator("text=Change").click()
    page.click("#stream-delete")
    answer(root, "over")
    root.goes_to("/console/streams")
    assert mark not in page.inner_text("main")


def test_the_brand_is_tried_and_kept(root: Owner, demo: Demo) -> None:
    page = root.page
    page.click("#navigation >> text=Brand")
    page.fill("#name", "Northwind")
    page.fill("#colour", "#ffd400")
    page.click("#brand-preview")
    assert "Too little" in page.inner_text("#contrast") or "would have" in (
        page.inner_text("#contrast")
    )
    shown = page.frame_locator("#preview-first iframe").first
    assert "Northwind" in shown.locator("body").inner_text()
    page.click("#brand-submit")
    root.goes_to("/signin")
    assert "Northwind" in page.title()
    root.goes_to("/console/brand")
    for field in ("#name", "#colour"):
        page.fill(field, "")
    page.click("#brand-submit")
    root.goes_to("/signin")
    assert "Northwind" not in page.title()


def test_a_letter_the_doctor_and_a_refused_app(root: Owner) -> None:
    page, email = root.page, f"try-{secrets.token_hex(4)}@example.org"
    page.click("#navigation >> text=Outbox")
    page.click("#mail-test")
    page.fill("#email", email)
    page.click("#mail-submit")
    assert page.is_visible("#done")
    root.demo.wait_for_mail(email)
    page.click("#navigation >> text=Outbox")
    page.fill("#recipient", email)
    page.click("#filters-submit")
    page.click("#letter-list tbody a")
    assert "Sent" in page.inner_text("#facts")

    page.click("#navigation >> text=System")
    page.click("#tab-doctor")
    assert page.locator("#findings li").count() > 5

    root.goes_to("/authorize?client_id=nobody&response_type=code")
    page.click("a[href*='/console/flows/']")
    assert "client_id" in page.inner_text("#finding-1")
    reference = page.inner_text("#flow-trace")
    page.click("#navigation >> text=Flow inspector")
    page.fill("#trace_id", reference)
    page.click("#filters-submit")
    page.click("#flows tbody a")
    assert page.inner_text("#flow-trace") == reference


def test_what_there_is_is_looked_after(root: Owner, owner: Owner) -> None:
    chores.look_after_somebody(root, owner.email)
    chores.look_after_what_people_read(root)
    chores.look_after_an_app(root)
    chores.look_after_the_server(root)


def test_the_keyboard_alone_does_it(root: Owner) -> None:
    page = root.page
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Skip to the content"
    page.keyboard.press("Enter")
    root.goes_to("/console/users")
    page.focus("#q")
    page.keyboard.type(root.email[:8])
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/users?q=**")
    page.focus("#people tbody a")
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/users/*-*")


def test_no_screen_shuts_anybody_out(browser: Browser, demo: Demo) -> None:
    """axe-core finds nothing, light or dark, and nothing is wider than the window."""
    context = browser.new_context()
    try:
        page = context.new_page()
        operator(page, demo)
        assert shut_out(page, demo) == {}
    finally:
        context.close()


def test_every_screen_is_led_to_and_opens(whole: Round) -> None:  # noqa: F811
    assert whole.wrong == []
    assert whole.hidden() == set()


@pytest.mark.parametrize(
    ("role", "has_scripts"),
    [("user", True), ("editor", True), ("admin", True), ("admin", False)],
)
def test_each_role_finds_what_it_may_and_nothing_else(
    whole: Round,  # noqa: F811
    demo: Demo,
    browser: Browser,
    role: str,
    has_scripts: bool,
) -> None:
    assert walk(browser, demo, whole, role, has_scripts=has_scripts) == []
