"""A User-Agent line to a device that a person knows again (RFC 9110 §10.1.5).

What it says is the caller's own word: good for a list of devices, never for a decision
that lets somebody in.
"""

from dataclasses import dataclass
from functools import lru_cache

LONGEST = 512
LONGEST_NAME = 80
KNOWN_AS = {
    "Mac OS X": "macOS",
    "Mobile Safari": "Safari",
    "Mobile Safari UI/WKWebView": "Safari",
    "Chrome Mobile": "Chrome",
    "Chrome Mobile iOS": "Chrome",
    "Firefox Mobile": "Firefox",
    "Firefox iOS": "Firefox",
    "Edge Mobile": "Edge",
}
"""What people call what the parser calls otherwise."""

DESKTOPS = frozenset(
    {"Windows", "macOS", "Linux", "Ubuntu", "Debian", "Fedora", "Chrome OS", "FreeBSD"}
)
HANDHELD = frozenset({"Android", "iOS", "HarmonyOS", "KaiOS", "Windows Phone"})


@dataclass(frozen=True)
class Agent:
    """A browser or app as its line describes it."""

    name: str | None = None
    """Such as ``Firefox, Linux``."""
    kind: str | None = None
    """``desktop``, ``mobile``, ``tablet``, ``bot`` or ``other``."""


@lru_cache(maxsize=1024)
def describe(line: str | None) -> Agent:
    """Read a line; nothing comes of one that is missing."""
    if not line:
        return Agent()
    # Loading its patterns takes 0.1 s and some megabytes: not before they are needed.
    from ua_parser import parse

    found = parse(line[:LONGEST])
    browser = found.user_agent.family if found.user_agent else None
    system = found.os.family if found.os else None
    device = found.device
    model = device.family if device else None
    browser, system = KNOWN_AS.get(browser, browser), KNOWN_AS.get(system, system)
    place = model if system == "iOS" and model in ("iPhone", "iPad") else system
    # Android's own name stands for both where an app says no other.
    words = list(dict.fromkeys(word for word in (browser, place) if word))
    brand = (device.brand or "") if device else ""
    return Agent(
        name=", ".join(words)[:LONGEST_NAME] or None,
        kind=_kind(line, system, model=model, brand=brand),
    )


def _kind(line: str, system: str | None, *, model: str | None, brand: str) -> str:
    if model == "Spider":
        return "bot"
    is_tablet = model == "iPad" or brand == "Generic_Android_Tablet"
    # An Android browser says Mobile on a phone and nothing on a tablet.
    is_wide = system == "Android" and "Mozilla/" in line and "Mobile" not in line
    if is_tablet or is_wide:
        return "tablet"
    if system in HANDHELD:
        return "mobile"
    return "desktop" if system in DESKTOPS else "other"
