"""A person answers what an app asks while they are elsewhere, in Chromium (OpenID CIBA).

With scripts and without; from the letter to the answer that the app gets.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from authserver.http.language import LANGUAGES
from tests.conformance.ciba import GRANTS, begin, poll
from tests.journeys.demo import Demo
from tests.journeys.owner import Owner
from tests.support.answer_rules import refused, token_answer
from tests.support.enrolment import enrol_client
from tests.support.person import Person
from tests.support.relying_party import RelyingParty

pytestmark = pytest.mark.live
DATABASE = "postgresql"

LINK = re.compile(r"^(http://\S+/account/requests)$", re.MULTILINE)


@pytest.fixture(scope="module")
def bank(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> RelyingParty:
    folder: Path = tmp_path_factory.mktemp("bank")
    return enrol_client(demo, folder, grant_types=GRANTS, redirect_uris=())


@pytest.fixture
def person(owner: Owner) -> Person:
    return Person(owner.email, owner.password, owner.email)


def begun(bank: RelyingParty, person: Person, message: str) -> dict[str, Any]:
    return begin(bank, person, binding_message=message)


def test_from_the_letter_to_the_tokens(
    owner: Owner, person: Person, bank: RelyingParty
) -> None:
    """The message to compare, the scopes that may be left out, and the answer."""
    told = begun(bank, person, "W4SCT")
    page = owner.page
    found = LINK.search(owner.letter("approve_request"))
    assert found is not None
    page.goto(found[1])
    owner.signs_in()
    page.wait_for_selector("#binding-message-1")
    assert page.inner_text("#binding-message-1") == "W4SCT"
    page.uncheck("#scope-1-offline_access")
    page.click("#request-allow-1")
    page.wait_for_url("**/account/requests?done=request-allowed")
    assert page.is_visible("#no-requests")
    tokens = token_answer(poll(bank, told))
    assert "refresh_token" not in tokens
    owner.goes_to("/account/apps")
    assert page.locator("section.app").count() == 1


def test_no_and_what_else_waits(
    owner: Owner, person: Person, bank: RelyingParty
) -> None:
    """Each request has its own answer; the overview says that some wait."""
    first, second = begun(bank, person, "ONE"), begun(bank, person, "TWO")
    page = owner.goes_to("/account")
    owner.signs_in()
    page.wait_for_selector("a[href='/account/requests']")
    page.click("main a[href='/account/requests'] >> nth=-1")
    assert page.inner_text("#binding-message-1") == "TWO"
    page.click("#request-deny-1")
    page.wait_for_url("**/account/requests?done=request-denied")
    assert page.inner_text("#binding-message-1") == "ONE"
    refused(poll(bank, second), "access_denied")
    refused(poll(bank, first), "authorization_pending")


@pytest.mark.parametrize("language", LANGUAGES)
def test_in_every_language(
    owner: Owner, person: Person, bank: RelyingParty, language: str
) -> None:
    told = begun(bank, person, "\u54c1\u5ddd 12")
    page = owner.goes_to(f"/account/requests?ui_locales={language}")
    owner.signs_in()
    page.wait_for_selector("#binding-message-1")
    assert page.get_attribute("html", "lang") == language
    is_english = page.inner_text("h1") == "Requests that wait for you"
    assert is_english == (language == "en")
    page.click("#request-allow-1")
    page.wait_for_selector("#no-requests")
    assert json.dumps(token_answer(poll(bank, told)))
