"""The doctor: looks at everything a node needs, and says what is wrong and the cure.

One method for the command, the JSON API and the console.  Looking changes nothing.
"""

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from authserver.clock import Clock, is_fresh
from authserver.core import look_around, look_here
from authserver.core.finding import Finding, Look, Ward, ill, well

KEEP = timedelta(seconds=15)
"""Looking opens connections: whoever reloads the page sees what was seen a moment ago."""

LOOKS: tuple[tuple[str, Look], ...] = (
    ("issuer", look_here.issuer),
    ("cookies", look_here.cookies),
    ("proxies", look_here.proxies),
    ("disk", look_here.disk),
    ("key-encryption key", look_here.sealing_key),
    ("database", look_around.database),
    ("signing keys", look_around.signing_keys),
    ("mail", look_around.mail),
    ("notices", look_around.notices),
    ("limits", look_around.redis),
    ("clock", look_around.time),
)


@dataclass(frozen=True)
class Visit:
    """How a request reached us, as we believe it: with the word of trusted proxies.

    Attributes:
        scheme: ``http`` or ``https``.
        host: With the port, as the browser wrote it.
    """

    scheme: str
    host: str


@dataclass(frozen=True)
class Examination:
    """What was found, and when."""

    findings: list[Finding]
    at: datetime

    @property
    def is_ok(self) -> bool:
        """Whether nothing is wrong."""
        return all(one.is_ok for one in self.findings)


@dataclass
class Doctor:
    """Looks; while one looks, others wait for what is found."""

    ward: Ward
    clock: Clock
    _kept: Examination | None = field(default=None, repr=False)
    _turn: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def examine(self, visit: Visit | None = None) -> Examination:
        """Look at everything; at most a quarter of a minute ago.

        Args:
            visit: How whoever asks reached us, where that is known.
        """
        with self._turn:
            kept, now = self._kept, self.clock.now()
            if kept is None or not is_fresh(kept.at, now, KEEP):
                kept = self._kept = Examination(look(self.ward), now)
        if visit is None:
            return kept
        return Examination([*kept.findings, *self._arrival(visit)], kept.at)

    def _arrival(self, visit: Visit) -> list[Finding]:
        """Hold how a request came against the address that people see."""
        what, url = "arrival", urlsplit(self.ward.settings.issuer)
        if visit.scheme != url.scheme:
            return ill(
                what,
                "This page was asked for by %(seen)s, and APP_URL says %(wanted)s: the "
                "proxy does not say how people reached it, or is not trusted.",
                "Let it send X-Forwarded-Proto, and name its address in "
                "TRUSTED_PROXIES.",
                seen=visit.scheme,
                wanted=url.scheme,
            )
        if visit.host.lower() not in _hosts(url.netloc, url.scheme):
            return ill(
                what,
                "This page was asked for at another host than that of APP_URL.",
                "Let the proxy pass the Host header on as it came, and let people use "
                "APP_URL alone.",
            )
        return well(what, "This page was asked for at APP_URL.")


def look(ward: Ward) -> list[Finding]:
    """Look at everything; what breaks while it is looked at is a finding too."""
    found: list[Finding] = []
    for name, one in LOOKS:
        try:
            found += one(ward)
        except Exception as fault:  # noqa: BLE001 -- a doctor does not faint
            found += ill(
                name,
                "It could not be looked at (%(fault)s).",
                "Cure what stands above it, then look again.",
                fault=type(fault).__name__,
            )
    return found


def _hosts(netloc: str, scheme: str) -> set[str]:
    """Give the ways to write a host: its usual port may be left out."""
    usual = {"https": ":443", "http": ":80"}[scheme]
    plain = netloc.lower().removesuffix(usual)
    return {plain, plain + usual}
