"""Apache's mod_auth_openidc is told by the back channel that a session has ended.

It checks the logout token as a certified relying party does, and drops its own session;
until then it lets the person in without asking us.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.interop.apache import Apache
from tests.support.chromium import chromium
from tests.support.enrolment import enrol_person
from tests.support.live import LiveServer, until

pytestmark = [
    pytest.mark.live,
    pytest.mark.interop,
    pytest.mark.skipif(
        os.environ.get("AUTHSERVER_TESTS_WITHOUT_APACHE") == "1",
        reason="AUTHSERVER_TESTS_WITHOUT_APACHE=1",
    ),
]

SCOPE = "openid profile email"


@pytest.fixture(scope="module")
def server(database_kind, make_migrated) -> Iterator[LiveServer]:
    env = {"OUTBOUND_ALLOW": "localhost"}
    with LiveServer(database_url=make_migrated(database_kind), env=env) as server:
        yield server


@pytest.fixture
def guarded(server):
    with Apache() as apache:
        made = server.cli(
            *("client", "create", "--name", "Apache", "--skip-consent"),
            *("--redirect-uri", apache.callback, "--scope", SCOPE),
            *("--backchannel-logout-uri", apache.back_channel),
        )
        yield apache.start(
            issuer=server.url,
            client_id=made["client_id"],
            client_secret=made["client_secret"],
            auth="client_secret_basic",
            scope=SCOPE,
        )


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


def enter(page, person) -> None:
    page.fill("#username", person.username)
    page.fill("#password", person.password)
    page.click("#login-submit")


def is_inside(page, guarded) -> bool:
    page.goto(guarded.protected)
    return page.url == guarded.protected


def test_signing_out_here_signs_out_there(server, guarded, browser, tmp_path):
    person = enrol_person(server, tmp_path, claims={})
    page = browser.new_context().new_page()
    page.goto(guarded.protected)
    enter(page, person)
    page.wait_for_url(guarded.protected)
    assert is_inside(page, guarded)

    page.goto(f"{server.url}/logout")
    page.click("#logout-confirm")
    page.wait_for_url("**/signed-out*")
    assert not is_inside(page, guarded), guarded.log
    page.wait_for_selector("#login-submit")
    assert [one["status"] for one in server.cli("notices", "list")] == ["sent"]
    assert guarded.complaints == []
    page.context.close()


def test_a_device_that_is_signed_out_from_another_is_out_of_the_app(
    server, guarded, browser, tmp_path
):
    """And the other device stays in: the token names one session."""
    person = enrol_person(server, tmp_path, claims={})
    lost, kept = (browser.new_context().new_page() for _ in range(2))
    for page in (lost, kept):
        page.goto(guarded.protected)
        enter(page, person)
        page.wait_for_url(guarded.protected)
    kept.goto(f"{server.url}/account/sessions")
    kept.click("form[action$='/end'] button")
    until(lambda: not is_inside(lost, guarded), "the notice to arrive")
    assert is_inside(kept, guarded)
    assert guarded.complaints == []
    for page in (lost, kept):
        page.context.close()
