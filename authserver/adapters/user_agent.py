"""A User-Agent line to a device name that a person knows: "Safari on iPhone".

What the line says is a claim of the browser.  It helps people to recognise their own
sessions; nothing is decided by it.
"""

import re
from dataclasses import dataclass
from typing import Literal

from ua_parser import Result, parse

Kind = Literal["desktop", "phone", "tablet", "bot", "program", "unknown"]

LONGEST_LINE = 512
LONGEST_NAME = 40

BROWSERS = {
    "Mobile Safari": "Safari",
    "Mobile Safari UI/WKWebView": "Safari",
    "Chrome Mobile": "Chrome",
    "Chrome Mobile iOS": "Chrome",
    "Chrome Mobile WebView": "Chrome",
    "Edge Mobile": "Edge",
    "Firefox Mobile": "Firefox",
    "Firefox iOS": "Firefox",
    "Opera Mobile": "Opera",
}
SYSTEMS = {"Mac OS X": "macOS", "Chrome OS": "ChromeOS"}
DESKTOPS = {"Windows", "macOS", "Linux", "Ubuntu", "Fedora", "Debian", "ChromeOS"}
PLAIN_DEVICES = {"iPhone", "iPad", "iPod"}
TABLETS = re.compile(r"iPad|Tablet|\bTab\b|Kindle", re.IGNORECASE)


@dataclass(frozen=True)
class Agent:
    """What a browser says of itself, in words for people; None where it is silent."""

    browser: str | None = None
    system: str | None = None
    kind: Kind = "unknown"

    def __str__(self) -> str:
        """Give a name such as "Firefox on Linux"; empty when nothing is known."""
        known = [name for name in (self.browser, self.system) if name]
        return " on ".join(known)


class UserAgents:
    """Reads User-Agent lines; making one loads the rules, which takes a moment."""

    def __init__(self) -> None:
        """Load the rules now, and not while the first person waits."""
        self.read(
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
        )

    def read(self, line: str | None) -> Agent:
        """Give what the line says."""
        if not line:
            return Agent()
        result = parse(line[:LONGEST_LINE])
        browser, system = _browser(result), _system(result)
        return Agent(browser, system, _kind(result, browser=browser, system=system))

    def describe(self, line: str | None) -> str:
        """Give the device's name; empty when nothing is known."""
        return str(self.read(line))


def _browser(result: Result) -> str | None:
    if result.user_agent is None:
        return None
    family = result.user_agent.family
    return _tidy(BROWSERS.get(family, family))


def _system(result: Result) -> str | None:
    if result.device and result.device.family in PLAIN_DEVICES:
        return result.device.family
    if result.os is None:
        return None
    return _tidy(SYSTEMS.get(result.os.family, result.os.family))


def _kind(result: Result, *, browser: str | None, system: str | None) -> Kind:
    device = result.device.family if result.device else ""
    if device == "Spider":
        return "bot"
    if system in DESKTOPS:
        return "desktop"
    if system is None:
        return "program" if browser else "unknown"
    if TABLETS.search(device):
        return "tablet"
    return "phone" if device else "unknown"


def _tidy(name: str) -> str | None:
    """Some names are copied out of the line, and then stand in our pages and mails.

    So they hold nothing that a mail reader would turn into a link, and are not long.
    """
    return re.sub(r"[^A-Za-z0-9 +_-]", "", name)[:LONGEST_NAME].strip() or None
