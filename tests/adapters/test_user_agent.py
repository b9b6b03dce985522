"""Names of devices that a person recognises."""

import time

import pytest
from hypothesis import given

from authserver.adapters.user_agent import Agent, UserAgents
from tests.crypto.hostile import any_text

AGENTS = UserAgents()
WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
BLINK = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("line", "name", "kind"),
    [
        (
            f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {BLINK} Chrome/140.0 Safari/537.36",
            "Chrome on Windows",
            "desktop",
        ),
        (
            f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {BLINK} Chrome/140.0 "
            "Safari/537.36 Edg/140.0",
            "Edge on Windows",
            "desktop",
        ),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox on Linux",
            "desktop",
        ),
        (
            f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {WEBKIT} Version/18.1 "
            "Safari/605.1.15",
            "Safari on macOS",
            "desktop",
        ),
        (
            f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) {WEBKIT} "
            "Version/18.1 Mobile/15E148 Safari/604.1",
            "Safari on iPhone",
            "phone",
        ),
        (
            f"Mozilla/5.0 (iPad; CPU OS 16_5 like Mac OS X) {WEBKIT} CriOS/140 "
            "Mobile/15E148 Safari/604.1",
            "Chrome on iPad",
            "tablet",
        ),
        (
            f"Mozilla/5.0 (Linux; Android 14; SM-S911B) {BLINK} Chrome/140.0 Mobile "
            "Safari/537.36",
            "Chrome on Android",
            "phone",
        ),
        (
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "Googlebot",
            "bot",
        ),
        ("curl/8.11.0", "curl", "program"),
        ("python-requests/2.34", "Python Requests", "program"),
        ("something of our own", "", "unknown"),
        ("", "", "unknown"),
        (None, "", "unknown"),
    ],
)
def test_a_name_a_person_knows(line, name, kind):
    agent = AGENTS.read(line)
    assert (str(agent), agent.kind) == (name, kind)
    assert AGENTS.describe(line) == name


@given(any_text)
def test_no_string_makes_it_raise(line):
    assert isinstance(AGENTS.read(line), Agent)


@pytest.mark.parametrize(
    "line",
    [
        "Mozilla/5.0 (" + " " * 100_000 + ")",
        "Mozilla/5.0 (" + "a;" * 50_000,
        "x" * 100_000,
        "(" * 100_000,
    ],
)
def test_a_hostile_line_takes_no_time(line):
    started = time.thread_time()
    AGENTS.read(line)
    assert time.thread_time() - started < 0.5


@pytest.mark.parametrize(
    ("claimed", "shown"),
    [
        ("Evil\x1b[31mApp", "Evil31mApp on iOS"),
        ("Evil\u202eApp", "EvilApp on iOS"),
        ("Call www.evil.example", "Call wwwevilexample on iOS"),
        ("E" * 200, "E" * 40 + " on iOS"),
        ("\u0440\u0430\u0443", "iOS"),
    ],
)
def test_what_is_copied_out_of_the_line_is_tidy(claimed, shown):
    """Some rules take the name from the line itself; it comes to stand in mails."""
    assert AGENTS.describe(f"{claimed}/1.0 CFNetwork/1.0 Darwin/24") == shown


def test_the_rules_are_loaded_before_anybody_waits():
    started = time.thread_time()
    AGENTS.read(
        "Mozilla/5.0 (X11; Linux x86_64; rv:139.0) Gecko/20100101 Firefox/139.0"
    )
    assert time.thread_time() - started < 0.1
