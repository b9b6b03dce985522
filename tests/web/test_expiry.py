"""A page says when it ends, and gives more time to whoever asks (WCAG 2.2 SC 2.2.1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pyotp
import pytest

from authserver.core.interactions import MOST_TIMES
from authserver.models import Interaction, db
from tests.support.caller import PASSWORD

HOUR = 3600


def seconds(page):
    """How long the open page says it lasts; None where it says nothing."""
    found = [e for e in page.document.elements if e.get("data-expiry")]
    return int(found[0].get("data-expiry")) if found else None


def more(page):
    """Ask for more time as the script does; the answer is JSON."""
    form = page.document.form_of(page.document.get("expiry-stay"))
    page.client.environ_base["HTTP_ACCEPT"] = "application/json"
    try:
        page.send(form.action)
    finally:
        del page.client.environ_base["HTTP_ACCEPT"]
    return page.answer.json["left"]


def test_a_page_of_a_request_says_how_long_there_is(reader, ask):
    reader.open(ask())
    assert reader.path == "/signin"
    assert HOUR - 5 <= seconds(reader) <= HOUR
    assert "You have 60 minutes for this page." in reader.document.get("time-left").text
    reader.clock.advance(minutes=40)
    assert seconds(reader.open(reader.url)) <= HOUR - 40 * 60


def test_a_page_that_belongs_to_nothing_does_not_end(reader, at_home):
    assert seconds(reader.open("/forgot")) is None
    at_home.clock.advance(hours=1)
    assert seconds(at_home.open("/account")) is None, "more than twenty hours"


def test_more_time_is_given_ten_times_over(reader, ask, shop, ada):
    """What is typed stays: nothing but the end changes."""
    reader.open(ask())
    shown, begun = (reader.document, reader.url), reader.clock.now()
    given = 0
    for _ in range(2 * MOST_TIMES):
        reader.document, reader.url = shown
        left = more(reader)
        assert left <= HOUR
        if left < HOUR:
            break
        given += 1
        reader.clock.advance(minutes=50)
    assert given >= MOST_TIMES
    whole = (reader.clock.now() - begun).total_seconds() + left
    assert abs(whole - MOST_TIMES * HOUR) < 60
    reader.document, reader.url = shown
    reader.fill(username=ada, password=PASSWORD).press("login-submit")
    assert reader.path == "/back-at-the-app"


def test_what_has_ended_is_not_brought_back(reader, ask, app):
    reader.open(ask())
    shown = reader.document, reader.url
    reader.clock.advance(minutes=61)
    assert more(reader) == 0
    reader.document, reader.url = shown
    reader.link("expiry-again")
    assert reader.has("error-start-again")
    with app.app_context():
        (row,) = db.session.query(Interaction).all()
        assert row.expires_at <= reader.clock.now()


@pytest.fixture
def brief(app):
    """Sessions end after two idle hours."""
    sessions = app.extensions["services"].sessions
    usual = sessions.settings
    chosen = replace(usual, short_refresh_ttl=timedelta(hours=2))
    object.__setattr__(sessions, "settings", chosen)
    yield
    object.__setattr__(sessions, "settings", usual)


def test_a_session_is_put_off_for_whoever_is_there(brief, at_home):
    """The page lay open for long; with the time that was given it is still theirs."""
    at_home.open("/account/profile")
    assert HOUR < seconds(at_home) <= 2 * HOUR
    at_home.clock.advance(minutes=110)
    assert more(at_home) == 2 * HOUR
    at_home.clock.advance(minutes=110)
    assert at_home.open("/account/profile").path == "/account/profile"


def test_nobody_puts_off_the_session_of_another(brief, both):
    """The page was shown to one; another is in front by now."""
    both.open("/account")
    shown = both.document, both.url
    both.open("/accounts")
    chosen = [b for b in both.document.all("button") if b.get("name") == "account"]
    both.press_on(chosen[1])
    both.document, both.url = shown
    assert both.press("expiry-stay").status == 409


def test_without_scripts_the_button_leads_back_to_the_page(brief, at_home):
    at_home.open("/account/sessions").clock.advance(minutes=110)
    at_home.press("expiry-stay")
    assert at_home.path == "/account/sessions"
    assert HOUR < seconds(at_home) <= 2 * HOUR


def test_a_half_done_sign_in_says_its_end_and_waits_no_longer(at_home, make_reader):
    """The first proof counts for five minutes, whoever asks."""
    at_home.open("/account/security/totp")
    secret = at_home.document.get("totp-secret").get("data-text")
    code = pyotp.TOTP(secret).at(at_home.clock.now())
    at_home.fill(code=code).press("totp-submit")
    other = make_reader()
    other.sign_in("ada@example.test")
    assert other.path == "/mfa"
    assert 290 <= seconds(other) <= 300
    assert not other.has("expiry-stay")


@pytest.mark.parametrize("token", ["", "x"])
def test_another_site_puts_nothing_off(at_home, token):
    answer = at_home.send_from_elsewhere("/stay", csrf_token=token)
    assert answer.status == 400
