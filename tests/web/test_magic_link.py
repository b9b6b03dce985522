"""The pages of signing in by mail (C5, C12)."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.reader import Reader

NOBODY = "adb@example.test"


@pytest.fixture
def waiting(reader: Reader, ada: str) -> Reader:
    """A browser that has asked for a letter, and waits."""
    reader.open("/signin").link("magic-link").fill(email=ada)
    assert reader.press("magic-link-submit").path == "/magic-link/sent"
    return reader


def poll(reader: Reader) -> dict[str, str]:
    where = reader.document.get("magic-code-form").get("data-poll")
    answer = reader.client.get(where, base_url="https://auth.example.test")
    assert answer.status_code == 200
    found: dict[str, str] = answer.json
    return found


def test_by_the_code(waiting, ada):
    waiting.fill(code=waiting.code(ada, "magic_link")).press("magic-code-submit")
    assert (waiting.path, waiting.status) == ("/account", 200)


def test_by_the_link_in_the_same_browser(waiting, ada):
    page, url = waiting.document, waiting.url
    assert poll(waiting) == {}
    waiting.press("magic-link-opened")
    assert waiting.status == 422
    assert "has not been opened in this browser yet" in waiting.text
    waiting.open(waiting.link_in(ada, "magic_link"))
    assert waiting.heading == "Finish signing in"
    assert not waiting.text.count("another device")
    assert waiting.press("magic-link-confirm").path == "/account"
    # The page that waited goes on, with scripts and without.
    waiting.document, waiting.url = page, url
    assert poll(waiting) == {"location": "/account"}
    assert waiting.press("magic-link-opened").path == "/account"


def test_a_link_that_is_looked_at_is_not_spent(waiting, make_reader, ada):
    """Mail scanners: HEAD, GET, GET, GET by somebody else."""
    link = waiting.link_in(ada, "magic_link")
    scanner = make_reader(ip="198.51.100.9")
    scanner.client.head(link, base_url="https://auth.example.test")
    for _ in range(3):
        assert scanner.open(link).status == 200
    assert waiting.open(link).press("magic-link-confirm").path == "/account"


def test_elsewhere_the_link_signs_nobody_in(waiting, make_reader, ada):
    """A link that was passed on is worth nothing; the first browser's stays good."""
    other = make_reader(ip="198.51.100.9")
    link = waiting.link_in(ada, "magic_link")
    other.open(link)
    assert "You started on another device" in other.text
    other.press("magic-link-confirm")
    assert (other.path, other.heading) == ("/magic-link/sent", "Check your mail")
    assert other.open("/account").path == "/signin"
    # The letter that this browser has asked for opens in it.
    fresh = other.link_in(ada, "magic_link")
    assert fresh != link
    assert other.open(fresh).press("magic-link-confirm").path == "/account"


def test_a_code_is_worth_nothing_in_another_browser(waiting, make_reader, ada):
    code = waiting.code(ada, "magic_link")
    other = make_reader().open("/magic-link").fill(email=ada).press("magic-link-submit")
    other.fill(code=code).press("magic-code-submit")
    assert other.status == 400
    assert other.has("code-error")


def test_the_waiting_page_opens_nowhere_else(waiting, make_reader):
    """Its URL holds the address, sealed for one browser."""
    assert "example.test" not in urlsplit(waiting.url).query
    assert make_reader().open(waiting.url).path == "/magic-link"
    broken = waiting.url[:-3] + "AAA"
    assert waiting.open(broken).path == "/magic-link"


def test_nobody_learns_who_has_an_account(waiting, reader, ada):
    def seen(page: Reader) -> str:
        text = re.sub(r'nonce="[^"]+"|s1\.[\w.-]+', "", page.answer.text)
        return text.replace(page.answer.headers.get("X-Request-Id", "-"), "")

    known = seen(waiting)
    assert "a•••@example.test" in known
    reader.open("/magic-link").fill(email=NOBODY).press("magic-link-submit")
    assert seen(reader) == known
    reader.fill(code="000000").press("magic-code-submit")
    assert (reader.status, reader.has("code-error")) == (400, True)
    assert reader.letters(NOBODY) == []


def test_another_letter_comes_when_it_is_time(waiting, ada, clock):
    count = len(waiting.letters(ada))
    waiting.press("magic-link-resend")
    assert len(waiting.letters(ada)) == count, "too early"
    clock.advance(seconds=30)
    waiting.press("magic-link-resend")
    assert len(waiting.letters(ada)) == count + 1
    assert "A new code is on its way" in waiting.text
    waiting.fill(code=waiting.code(ada, "magic_link")).press("magic-code-submit")
    assert waiting.path == "/account"


def test_what_is_too_old_offers_another(waiting, ada, clock):
    link, sent = waiting.link_in(ada, "magic_link"), waiting.url
    clock.advance(minutes=16)
    assert waiting.open(link).status == 410
    assert waiting.link("magic-link-again").path == "/magic-link"
    assert waiting.open(sent).path == "/magic-link"


def test_it_leads_back_to_where_one_was_going(reader, ada):
    reader.open("/account/sessions").link("magic-link")
    reader.fill(email=ada).press("magic-link-submit")
    assert parse_qs(urlsplit(reader.url).query)["next"] == ["/account/sessions"]
    reader.fill(code=reader.code(ada, "magic_link")).press("magic-code-submit")
    assert reader.path == "/account/sessions"


def test_faults_are_said_beside_the_field(reader):
    reader.open("/magic-link").press("magic-link-submit")
    assert (reader.status, reader.has("email-error")) == (422, True)
    reader.fill(email="no address").press("magic-link-submit")
    assert (reader.status, reader.has("email-error")) == (422, True)
