"""Something of everything that the console keeps, so that each of its pages is there."""

from __future__ import annotations

import base64
import secrets
import uuid
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser
from sqlalchemy import insert

from authserver.models import OutboxLetter
from authserver.models.engines import engine_for_one
from tests.journeys.demo import Demo
from tests.journeys.operators import operator, somebody
from tests.journeys.owner import Owner
from tests.journeys.rounds import Round
from tests.support.pictures import png

MARK, IDLE = "round", "round-idle"
LOGO = base64.b64encode(png()).decode()
FILE = f"""\
institutions:
  - {{code: {MARK}, name: Harbour school}}
roles:
  - {{name: {MARK}, permissions: [stats:read]}}
  - {{name: {IDLE}, permissions: [stats:read]}}
resources:
  - {{identifier: 'https://{MARK}.example', name: {IDLE}, scopes: {{'{MARK}:read': {{}}}}}}
detail_types:
  - {{type: {MARK}, texts: {{en: Pay}}}}
clients:
  - client_id: {MARK}-on
    client_name: {MARK}-on
    redirect_uris: [https://{MARK}.example/cb]
    token_endpoint_auth_method: private_key_jwt
    jwks_uri: https://{MARK}.example/keys
    backchannel_logout_uri: https://{MARK}.example/ended
  - client_id: {MARK}-off
    client_name: {MARK}-off
    redirect_uris: [https://{MARK}.example/cb]
    disabled: true
brand:
  - {{id: deployment, logo: {LOGO}}}
streams:
  - client_id: {MARK}-on
"""


@pytest.fixture(scope="module")
def whole(demo: Demo, browser: Browser) -> Round:
    """The round of whoever may do everything."""
    context = browser.new_context()
    starts = furnish(demo, browser, operator(context.new_page(), demo))
    whole = Round(context, demo.url, "super_admin")
    whole.explore(starts)
    context.close()
    return whole


def walk(
    browser: Browser, demo: Demo, whole: Round, role: str, *, has_scripts: bool
) -> list[str]:
    """Let somebody go the same way; give what they find and should not, and what not."""
    context = browser.new_context(java_script_enabled=has_scripts)
    try:
        somebody(context.new_page(), demo, role)
        own = Round(context, demo.url, role)
        for address in whole.addresses:
            own.visit(address)
        return own.wrong + own.differs_from(whole)
    finally:
        context.close()


def furnish(demo: Demo, browser: Browser, root: Owner) -> list[str]:
    """Make them; give the addresses of those that look different by their state."""
    (demo.home / "round.yaml").write_text(FILE)
    demo.cli("config", "apply", str(demo.home / "round.yaml"), "--yes")
    demo.cli("keys", "rotate", "--now")
    lou, gone = (f"{name}-{secrets.token_hex(4)}@example.org" for name in "ab")
    for email in (lou, gone):
        demo.cli("user", "create", "--email", email)
    put_a_failed_letter(demo, lou)
    there = browser.new_context()
    bob = somebody(there.new_page(), demo, MARK, "--institution", MARK)
    there.close()
    root.goes_to("/authorize?client_id=nobody&response_type=code")
    people = [
        place(root, f"/console/users?q={one}", one) for one in (bob.email, lou, gone)
    ]
    act(root, f"{people[1]}/lock")
    act(root, f"{people[2]}/delete", typed=gone)
    apps = [place(root, "/console/clients", f"{MARK}-{one}") for one in ("on", "off")]
    lists = ("roles", "resources")
    return [*people, *apps, *(place(root, f"/console/{one}", IDLE) for one in lists)]


def put_a_failed_letter(demo: Demo, email: str) -> None:
    """Let a letter be given up, which takes days otherwise."""
    now = datetime.now(UTC)
    failed = insert(OutboxLetter).values(
        id=uuid.uuid4(), letter="verify_email", recipient=email, status="failed",
        attempts=12, not_before=now, created_at=now,
    )  # fmt: skip
    with engine_for_one(demo.database, patience=10).begin() as connection:
        connection.execute(failed)


def place(root: Owner, listed: str, words: str) -> str:
    """The address that a list leads to by some words."""
    cell = root.goes_to(listed).locator("main :is(th, td)", has_text=words)
    link = cell.locator("a[href^='/console']").first
    found = link.get_attribute("href", timeout=10_000)
    assert found is not None
    return found


def act(root: Owner, address: str, *, typed: str | None = None) -> None:
    page = root.goes_to(address)
    page.fill("#reason", "for the round")
    if typed:
        page.fill("#typed", typed)
    page.click("#confirm-submit")
    assert page.is_visible("#done")
