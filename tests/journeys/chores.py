"""What an operator does with an app and with the server, a page after the other."""

from __future__ import annotations

import secrets

from tests.journeys.operators import answer
from tests.journeys.owner import Owner
from tests.support.pictures import png


def look_after_an_app(root: Owner) -> None:
    """By the wizard to a secret and to code; another secret; off, on, and gone."""
    page, mark = root.page, "app-" + secrets.token_hex(4)
    page.click("#navigation >> text=Apps")
    page.click("#client-new")
    page.check("#kind-web")
    page.fill("#client_name", mark)
    page.fill("#redirect_uris", f"https://{mark}.example/back")
    page.click("#client-submit")
    first = page.inner_text("#client-secret")
    page.click("#secret-on")
    client_id = page.inner_text("#client-id")
    assert page.inner_text("h1") == mark
    page.click("#client-setup")
    assert page.locator("pre.snippet").count() == 3
    for shown in page.locator("pre.snippet").all():
        assert client_id in shown.inner_text()
        assert first not in shown.inner_text()
    page.go_back()
    page.click("#client-rotate")
    answer(root, "a leak")
    assert page.inner_text("#client-secret") != first
    page.click("#secret-on")
    page.click("#client-edit")
    page.select_option("#profile", "oidc")
    page.fill("#reason", "an old library")
    page.click("#client-submit")
    assert "OpenID Connect" in page.inner_text("#facts")
    page.click("#client-disable")
    answer(root, "away")
    assert page.is_visible("#client-enable")
    page.click("#client-enable")
    answer(root, "back")
    assert page.is_visible("#client-disable")
    page.click("#client-delete")
    answer(root, "over", typed=mark)
    assert mark not in page.inner_text("#clients")


def look_after_the_server(root: Owner) -> None:
    """Another key, a letter in another language, settings, what is over; all out."""
    page = root.page
    page.click("#navigation >> text=Keys")
    before = page.locator("#keys tbody tr").count()
    page.click("#keys a.button[href*='/rotate/']")
    answer(root, "a drill")
    assert page.is_visible("#done")
    assert page.locator("#keys tbody tr").count() == before + 1
    page.click("#navigation >> text=Mail")
    page.select_option("#letter", "magic_link")
    page.select_option("#language", "es")
    page.click("#filters-submit")
    assert page.get_attribute("#letter-text", "lang") == "es"
    page.click("#navigation >> text=System")
    page.click("#tab-settings")
    assert "APP_ENV" in page.inner_text("main")
    page.click("#tab-system")
    page.click("#clean")
    answer(root)
    assert page.is_visible("#done")
    page.click("#navigation >> text=Sessions")
    page.click("#end-all")
    answer(root, "a drill", typed="everybody")
    root.goes_to("/console")
    assert page.is_visible("#login-submit")


def look_after_somebody(root: Owner, email: str) -> None:
    """Into an institution and out; a letter for a password; out everywhere."""
    page = root.page
    root.goes_to(f"/console/users?q={email}")
    page.click("#people tbody a")
    page.click("#institution-join")
    page.select_option("#institution", index=0)
    page.click("#institution-submit")
    assert page.is_visible("#institutions li")
    page.click("#institutions li a")
    answer(root)
    assert not page.is_visible("#institutions li")
    page.click("#user-reset")
    answer(root)
    root.demo.wait_for_mail(email, "reset_password")
    page.click("#user-sign-out")
    answer(root, "asked by phone")
    assert "signed out everywhere" in page.inner_text("#done")


def look_after_what_people_read(root: Owner) -> None:
    """A type of details with its sentence, and a logo; both taken away."""
    page, mark = root.page, "pay_" + secrets.token_hex(4)
    root.goes_to("/console/detail-types")
    page.click("#detail-type-new")
    page.fill("#type", mark)
    page.fill("#texts-en", "Pay somebody")
    page.click("#detail-type-submit")
    row = page.locator("main tr", has_text=mark)
    row.locator("a[href$='/delete']").click()
    answer(root, "over", typed=mark)
    assert mark not in page.inner_text("main")
    page.click("#navigation >> text=Brand")
    page.set_input_files(
        "#logo", {"name": "logo.png", "mimeType": "image/png", "buffer": png()}
    )
    page.click("#logo-submit")
    page.wait_for_selector("#logo-shown")  # it has a size once it is loaded
    page.click("#logo-delete")
    answer(root)
    page.wait_for_selector("#logo-shown", state="detached")
