"""Proof of work of a network that fails to sign in, or asks for letters, too often."""

from __future__ import annotations

import pytest

from tests.support.caller import PASSWORD
from tests.support.puzzles import do_the_work, puzzle_on


def test_who_guesses_from_one_network_works_for_each_guess(
    reader, make_reader, ada, demand, app, monkeypatch
):
    """The refused page has the puzzle already; without work no password is looked at."""
    counters = demand("auto", **{"work:failures": "2/hour"}).limiter
    for _ in range(2):
        assert puzzle_on(reader.open("/signin")) is None
        assert reader.sign_in(ada, "wrong").status == 401
    assert puzzle_on(reader)
    with monkeypatch.context() as patch:
        patch.setattr(type(counters), "resets_in", lambda *_: pytest.fail("asked"))
        assert puzzle_on(reader.open("/signin")), "known, and nothing is looked up"
    assert "worker-src 'self'" in reader.answer.headers["Content-Security-Policy"]
    reader.fill(username=ada, password=PASSWORD)
    kept = reader.document, reader.url
    with monkeypatch.context() as patch:
        passwords = type(app.extensions["services"].passwords)
        patch.setattr(passwords, "verify", lambda *_: pytest.fail("was looked at"))
        reader.press("login-submit")
    assert (reader.status, reader.path) == (428, "/signin")
    assert reader.document.get("username").get("value") == ada
    reader.document, reader.url = kept
    do_the_work(reader).press("login-submit")
    assert reader.path == "/account"

    # Another network is none the worse for it; the work counts once.
    assert make_reader(ip="198.51.100.7").sign_in(ada).path == "/account"
    reader.document, reader.url = kept
    assert reader.press("login-submit").status == 428


def test_without_scripts_a_letter_lets_in_instead_of_the_work(reader, ada, demand):
    demand("auto", **{"work:failures": "1/hour", "work:letters": "2/hour"})
    assert reader.sign_in(ada, "wrong").status == 401
    reader.link("mail-signin").fill(email=ada).press("magic-link-submit")
    reader.fill(code=reader.code(ada, "magic_link")).press("magic-code-submit")
    assert reader.path == "/account"


@pytest.mark.parametrize("form", ["forgot", "magic-link"])
def test_who_asks_for_letters_works_for_each(make_reader, ada, demand, form):
    """Known or not; no letter goes without; who cannot work is told how long to wait."""
    page = make_reader()
    demand("auto", **{"work:letters": "2/hour"})
    for address in (ada, "nobody@example.test"):
        assert puzzle_on(page.open(f"/{form}")) is None
        assert page.fill(email=address).press(f"{form}-submit").status == 200
    before = page.letters(ada)
    page.open(f"/{form}").fill(email=ada).press(f"{form}-submit")
    assert (page.status, page.path) == (428, f"/{form}")
    assert page.letters(ada) == before
    assert page.document.get("email").get("value") == ada
    assert "try again in 60 minutes" in page.document.get("free-in").text
    do_the_work(page).press(f"{form}-submit")
    assert (page.status, len(page.letters(ada))) == (200, len(before) + 1)
    page.clock.advance(hours=1)
    assert puzzle_on(page.open(f"/{form}")) is None


def test_with_the_setting_off_nobody_is_asked(reader, ada, demand):
    limits = {"work:failures": "1/hour", "work:letters": "1/hour"}
    before = demand("off", **limits).limiter
    for share in limits:
        before.hit(share, reader.ip)
    for _ in range(2):
        assert reader.sign_in(ada, "wrong").status == 401
        assert puzzle_on(reader) is None
        reader.open("/forgot").fill(email=ada).press("forgot-submit")
        assert reader.status == 200
